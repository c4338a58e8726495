import EspalierDoctor
import EspalierEngine
import EspalierSpec
import EspalierTraining

/// The training of one trial, watched by the doctor and by whoever ends it early.
final class TrialTraining: TrainingListener {
    /// What came of it: an end, or nothing where it was interrupted.
    typealias Report = (_ epoch: Int, _ epochs: Int, _ value: Double?) throws -> Bool

    private let objective: Objective
    private let report: Report
    private let epochs: Int
    /// The measurement whose weights would be kept if the training ended now.
    private var best: EpochRecord?
    /// What the doctor told on the way.
    private var told: [Finding] = []

    /// Ends a training from within.
    private struct Pruned: Error {
        var epoch: Int
    }
    /// What the report failed with, told apart from what the training fails with.
    private struct Unreported: Error {
        var reason: any Error
    }

    private init(_ objective: Objective, epochs: Int, _ report: @escaping Report) {
        self.objective = objective
        self.epochs = epochs
        self.report = report
    }

    /// Trains.
    ///
    /// - Parameters:
    ///   - experiment: With the trial's values.
    ///   - objective: What it is judged by.
    ///   - baselines: What simple models reach on the data.
    ///   - engine: What computes.
    ///   - report: Told the value after each epoch; says whether the trial ends there.
    ///   - shouldInterrupt: Asked after every step.
    /// - Returns: Nothing where it was interrupted.
    /// - Throws: What `report` throws; what is wrong with the training makes a trial that failed.
    static func run(
        _ experiment: () throws -> Experiment, _ objective: Objective, baselines: Baselines?, engine: Engine,
        report: @escaping Report, shouldInterrupt: @escaping () -> Bool
    ) throws -> StudyTrial.End? {
        let begin = ContinuousClock.now
        func end(
            _ state: StudyTrial.State, _ value: Double?, _ message: String, _ diagnosis: Diagnosis?
        ) -> StudyTrial.End {
            .init(
                state: state, value: value, message: message, seconds: (ContinuousClock.now - begin) / .seconds(1),
                diagnosis: diagnosis)
        }
        var watch: TrialTraining?
        do {
            let prepared = try experiment().prepare()
            let trainer = try prepared.makeTrainer(engine: engine)
            let watching = TrialTraining(objective, epochs: prepared.experiment.training.epochs, report)
            watch = watching
            let doctor =
                try prepared.experiment.doctor == .off
                ? nil : Doctor(attending: trainer, of: prepared, knowing: baselines)
            trainer.listeners.append(watching)
            trainer.shouldInterrupt = shouldInterrupt
            let result = try trainer.fit(prepared.data.train, validation: prepared.data.validation)
            if result.status == .interrupted, shouldInterrupt() { return nil }
            guard let value = objective.value(result.best) else {
                let why = result.status == .diverged ? "diverged: " : ""
                return end(.failed, nil, "\(why)\(result.message)", doctor?.diagnosis)
            }
            return end(.completed, value, result.message, doctor?.diagnosis)
        } catch let pruned as Pruned {
            return end(
                .pruned, objective.value(watch?.best), "ended after epoch \(pruned.epoch)",
                watch.map { Diagnosis(findings: $0.told) })
        } catch let unreported as Unreported {
            throw unreported.reason
        } catch {
            return end(.failed, nil, "\(error)", nil)
        }
    }

    func handle(_ event: TrainingEvent) throws {
        switch event {
        case .finding(let finding): told.append(finding)
        case .validation(let record): note(record)
        case .epoch(let record):
            note(record)
            let isPruned: Bool
            do {
                isPruned = try report(record.epoch, epochs, objective.value(best))
            } catch {
                throw Unreported(reason: error)
            }
            if isPruned { throw Pruned(epoch: record.epoch) }
        default: break
        }
    }

    private func note(_ record: EpochRecord) {
        guard record.validation != nil, record.monitoredLoss.isFinite,
            record.monitoredLoss < best?.monitoredLoss ?? .infinity
        else { return }
        best = record
    }
}
