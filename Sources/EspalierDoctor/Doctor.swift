import EspalierSpec
import EspalierTraining

/// Follows a training and says what is wrong with it, where, on what evidence, and what would help.
///
/// ```swift
/// let trainer = try Trainer(model, loss: CrossEntropyLoss(), optimizer: Adam(), doctor: .init(), sampleShape: [64])
/// let doctor = Doctor(attending: trainer)
/// try trainer.fit(split.train, validation: split.validation)
/// print(trainer.diagnosis.findings)
/// ```
///
/// Five looks: at the configuration, at the data, at the first steps (these three before the training, where there is an
/// experiment to look at), at what probes measure as it goes, and at its curves when it has ended. A finding that matters is
/// told to the trainer's listeners once, when it is first seen.
public final class Doctor: RunAttendant {
    /// The course of the training so far.
    public private(set) var history = History()
    private weak var trainer: Trainer?
    private var experiment: Experiment?
    /// What was found before the first step.
    private var before: [Finding] = []
    /// What was told: each symptom once, wherever it moves as the training goes.
    private var told: Set<Symptom> = []
    /// At how many looks in a row each was seen that matters.
    private var streaks: [Symptom: Int] = [:]
    /// After how many probes and epochs to look again.
    private var nextLook = 1

    public init() {}

    /// Follows `trainer` from now on.
    public init(attending trainer: Trainer) {
        self.trainer = trainer
        trainer.listeners.append(self)
    }

    /// Follows a trial of an experiment whose data is known: only its configuration is looked at before the first step.
    package convenience init(
        attending trainer: Trainer, of prepared: PreparedExperiment, knowing baselines: Baselines?
    ) throws {
        self.init(attending: trainer)
        experiment = prepared.experiment
        history.baselines = baselines
        before = Remedies.changes(
            try Examination.staticChecks.flatMap { try $0.findings(in: prepared) }, for: prepared.experiment)
    }

    public func begin(_ trainer: Trainer, _ prepared: PreparedExperiment, resuming folder: RunFolder?) throws {
        self.trainer = trainer
        experiment = prepared.experiment
        if let folder {
            // What was seen of the part that is not done again.
            let (history, findings) = try History.read(folder)
            self.history = history
            before = findings.filter { $0.step == 0 }
            told = Set(findings.filter { $0.severity > .info }.map(\.symptom))
        } else {
            let examination = try Examination(prepared, trainer)
            history.baselines = examination.baselines
            if let baselines = examination.baselines { try trainer.tell(baselines) }
            // As they are told, and so as a run folder has them.
            before = Diagnosis(ordering: Remedies.changes(examination.findings, for: prepared.experiment)).findings
            for index in before.indices { before[index].step = 0 }
            told = Set(before.filter { $0.severity > .info }.map(\.symptom))
            for finding in before { try trainer.tell(finding) }
        }
    }

    public func handle(_ event: TrainingEvent) throws {
        history.note(event)
        switch event {
        case .probe, .epoch:
            let seen = history.probes.count + history.epochs.count
            guard seen >= nextLook else { return }
            nextLook = seen + max(1, seen / Self.looks)
            try look()
        default: break
        }
    }

    /// From one look to the next the history grows by one part in so many: however long a training is, the looks take less
    /// and less of it.
    private static let looks = 50
    /// What is seen at so many looks in a row is told.
    private static let persistence = 3

    /// Tells what has persisted, once two thirds of the epochs are over.
    ///
    /// Some trainings stay where they began for half of them, and do well in the end. Numbers that are not finite are told
    /// before.
    private func look() throws {
        let isLate = history.epochs.count * 3 >= (history.start?.epochs ?? 0) * 2
        // What remedies set is only worked out for what is told.
        let findings = Diagnosis(ordering: before + Self.findings(in: history, of: nil)).findings.filter {
            $0.severity > .info && (isLate || $0.symptom == .nonFinite)
        }
        streaks = Dictionary(
            findings.map { ($0.symptom, (streaks[$0.symptom] ?? 0) + 1) }, uniquingKeysWith: { first, _ in first })
        for finding in findings
        where streaks[finding.symptom, default: 0] >= Self.persistence && !told.contains(finding.symptom) {
            try tell(experiment.map { Remedies.changes([finding], for: $0)[0] } ?? finding)
        }
    }

    public func end(_ summary: RunSummary) throws -> Diagnosis {
        history.final = .init(summary)
        let diagnosis = self.diagnosis
        // What shows only in the end.
        for finding in diagnosis.findings where finding.severity > .info { try tell(finding) }
        return diagnosis
    }

    /// What is known by now.
    public var diagnosis: Diagnosis { Diagnosis(ordering: before + seen(), after: history) }

    private func seen() -> [Finding] { Self.findings(in: history, of: experiment) }

    private func tell(_ finding: Finding) throws {
        guard told.insert(finding.symptom).inserted else { return }
        try trainer?.tell(finding)
    }

    /// What the course of a training shows, with what remedies set in its configuration where that is known.
    static func findings(in history: History, of experiment: Experiment?) -> [Finding] {
        // A check that fails on numbers that make no sense must not end a training.
        var findings = symptoms.flatMap { (try? $0.findings(in: history)) ?? [] }
        // A number that there is not is no evidence.
        for index in findings.indices { findings[index].evidence.removeAll { !$0.value.isFinite } }
        return experiment.map { Remedies.changes(findings, for: $0) } ?? findings
    }

    /// The checks of a training's course.
    static var symptoms: [any Check<History>.Type] {
        [
            NonFinite.self,
            VanishingGradient.self,
            ExplodingGradient.self,
            DyingReLU.self,
            SaturatedActivation.self,
            PoorInitialization.self,
            SymmetricWeights.self,
            LearningRateTooHigh.self,
            LearningRateTooLow.self,
            UnstableLoss.self,
            BatchTooSmall.self,
            LossNotDecreasing.self,
            SlowConvergence.self,
            Overfitting.self,
            Overtraining.self,
            Underfitting.self,
            ExcessiveRegularization.self,
            UnchangedWeights.self,
            TrainEvalMismatch.self,
            LabelImbalance.self,
        ]
    }

    /// The symptoms and remedies as `espalier list` shows them; none of any other kind.
    public static func parts(of kind: PartKind) -> [PartListing] {
        switch kind {
        case .symptoms:
            Symptom.allCases.map { PartListing(name: $0.rawValue, summary: $0.summary, settings: []) }
        case .remedies: Remedies.registry.entries.map(PartListing.init)
        default: []
        }
    }
}

extension Trainer {
    /// What the doctor who attends this training knows by now; healthy where there is none.
    public var diagnosis: Diagnosis {
        listeners.lazy.compactMap { $0 as? Doctor }.first?.diagnosis ?? Diagnosis()
    }
}

extension Finding {
    /// Tells findings apart.
    var key: String { "\(symptom.rawValue) \(location ?? "")" }
}
