import EspalierData
import EspalierSpec

// When the validation data is measured, and what follows from it.
extension Trainer {
    /// Measures after a step, where the settings ask for that.
    func validateWithinEpoch(_ train: Dataset, _ validation: Dataset) throws {
        guard case .steps(let interval) = settings.evaluateEvery, step % interval == 0, progress.end == nil else {
            return
        }
        let start = ContinuousClock.now
        let record = try validate(train, validation)
        loading.leaveOut(start.duration(to: .now))
        try send(.validation(record))
        follow(record.monitoredLoss, on: "validation")
    }

    /// Ends an epoch whose steps are all taken.
    func endEpoch(_ train: Dataset, _ validation: Dataset?) throws {
        average.epochEnded(epoch, of: settings.epochs, state.parameters)
        // The last weights of a training are measured however often others are.
        let isLast = progress.history.count + 1 == settings.epochs
        let isDue = settings.evaluateEvery == .epoch || isLast
        let record =
            if let validation, isDue { try validate(train, validation) } else { record(progress.validation) }
        progress.history.append(record)
        progress.position = 0
        progress.rollBack = progress.freshRollBack
        try send(.epoch(record))
        if validation == nil {
            follow(record.train.loss, on: "training")
        } else if isDue {
            follow(record.monitoredLoss, on: "validation")
        }
        for index in progress.followers.indices { end(for: progress.followers[index].epochEnded(record)) }
    }

    /// Measures the weights, or their averages, and keeps them if none before were better.
    private func validate(_ train: Dataset, _ validation: Dataset) throws -> EpochRecord {
        try withAverages(of: train) {
            progress.validation = try evaluate(validation)
            let record = record(progress.validation)
            if record.monitoredLoss.isFinite,
                record.monitoredLoss < progress.best?.record.monitoredLoss ?? .infinity
            {
                progress.best = (record, state.snapshot())
            }
            return record
        }
    }

    /// What is known of the present epoch so far.
    private func record(_ validation: Scores?) -> EpochRecord {
        EpochRecord(
            epoch: epoch, step: step, train: (progress.sums ?? ScoreSums(plans)).scores(), validation: validation,
            learningRate: lastRate, seconds: progress.epochTime.seconds,
            clippedShare: plans.gradient.clips ? Double(progress.clipped) / Double(progress.position) : nil,
            waitingShare: loading.epochShare, lossVariation: progress.lossVariation.value)
    }

    /// Tells a loss to those who follow it.
    private func follow(_ loss: Double, on part: String) {
        progress.lossFollower?.measured(loss: loss)
        for index in progress.followers.indices { end(for: progress.followers[index].measured(loss: loss, on: part)) }
    }

    private func end(for reason: String?) {
        if let reason, progress.end == nil { progress.end = .init(.stoppedEarly, reason) }
    }
}
