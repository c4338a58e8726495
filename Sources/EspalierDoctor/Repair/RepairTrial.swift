import EspalierEngine
import EspalierSpec
import EspalierTraining

/// A training of a repair: on one seed, whole or shorter.
struct RepairTrial: Sendable, Hashable {
    /// With the metric that repairs are judged by.
    var experiment: Experiment
    /// Where it is kept as a run; nowhere for the many that only say what is worth a longer look.
    var folder: String?

    /// The training of `experiment` on another seed, for so many epochs of its own.
    init(_ experiment: Experiment, seed: Int, epochs: Int? = nil, folder: String? = nil) {
        self.experiment = experiment
        self.folder = folder
        self.experiment.training.seed = seed
        if experiment.doctor.probeEvery == 0 { self.experiment.doctor.probeEvery = DoctorSettings().probeEvery }
        guard let epochs else { return }
        self.experiment.training.epochs = epochs
        // A mean over late epochs begins with the last at the latest.
        if case .swa(var average) = experiment.averaging {
            average.start = average.start.map { min($0, epochs) }
            self.experiment.averaging = .swa(average)
        }
    }

    /// What came of it.
    struct Outcome: Sendable, Hashable {
        var value: Double
        var diagnosis: Diagnosis
        var isPoor: Bool
        var baselines: Baselines?

        /// Whether there is nothing left to repair.
        var isWell: Bool { diagnosis.isHealthy && !isPoor }

        /// Whether the training does what it should, though it might do better.
        var isSound: Bool { error == nil && !isPoor }

        /// What the diagnosis holds against a repair.
        var error: Finding? { errors.first }

        var errors: [Finding] { diagnosis.findings.filter { $0.severity == .error } }
    }

    /// Trains.
    ///
    /// - Parameters:
    ///   - baselines: What is known of the data from an earlier training; a trial that is not kept is then not examined anew.
    ///   - engine: What computes.
    ///   - shouldInterrupt: Asked after every step.
    /// - Returns: Nothing where it was interrupted.
    func run(
        metric: HeldOutMetric, baselines: Baselines?, engine: Engine, shouldInterrupt: @escaping @Sendable () -> Bool
    ) throws -> Outcome? {
        try folder.map { try run(in: RunFolder.taking($0), metric, engine, shouldInterrupt) }
            ?? run(metric, baselines, engine, shouldInterrupt)
    }

    private func run(
        in folder: RunFolder, _ metric: HeldOutMetric, _ engine: Engine,
        _ shouldInterrupt: @escaping @Sendable () -> Bool
    ) throws -> Outcome? {
        let doctor = Doctor()
        let run = try TrainingRun(
            experiment, in: { _ in folder }, attendant: doctor, engine: engine, shouldInterrupt: shouldInterrupt)
        guard run.result.status != .interrupted,
            let value = metric.value(train: run.summary.train, validation: run.summary.validation)
        else { return nil }
        return Outcome(value, run.diagnosis ?? Diagnosis(), doctor.history)
    }

    private func run(
        _ metric: HeldOutMetric, _ baselines: Baselines?, _ engine: Engine,
        _ shouldInterrupt: @escaping @Sendable () -> Bool
    ) throws -> Outcome? {
        let prepared = try experiment.prepare()
        let trainer = try prepared.makeTrainer(engine: engine)
        let doctor = try Doctor(attending: trainer, of: prepared, knowing: baselines)
        trainer.shouldInterrupt = shouldInterrupt
        let result = try trainer.fit(prepared.data.train, validation: prepared.data.validation)
        guard result.status != .interrupted else { return nil }
        let hasLearned = result.status != .diverged || result.best != nil
        let train = hasLearned ? try trainer.evaluate(prepared.data.train) : nil
        let validation = hasLearned ? try prepared.data.validation.map { try trainer.evaluate($0) } : nil
        guard let value = metric.value(train: train, validation: validation) else { return nil }
        return Outcome(value, doctor.diagnosis, doctor.history)
    }
}

extension RepairTrial.Outcome {
    init(_ value: Double, _ diagnosis: Diagnosis, _ history: History) {
        self.init(value: value, diagnosis: diagnosis, isPoor: history.isPoor, baselines: history.baselines)
    }

    /// What came of a run that is there; nothing where that does not say it.
    init?(of run: RunFolder, _ metric: HeldOutMetric) throws {
        let (history, _) = try History.read(run)
        guard let end = history.end, end != .interrupted, let final = history.final,
            let value = metric.value(train: final.train, validation: final.validation),
            SystemFile.exists(run.diagnosis)
        else { return nil }
        let diagnosis = try Diagnosis(
            configuration: JSON.parse(SystemFile.read(run.diagnosis, kind: "a diagnosis")[...]))
        self.init(value, diagnosis, history)
    }
}
