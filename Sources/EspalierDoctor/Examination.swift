import EspalierSpec
import EspalierTraining

/// The looks before the first step: at the configuration, at the data, at what the first weights do.
///
/// Nothing of the trainer is changed.
public struct Examination {
    /// Everything that was seen.
    public private(set) var findings: [Finding] = []
    /// What simple models reach.
    public private(set) var baselines: Baselines?
    private let experiment: Experiment
    private let preflight: Preflight

    /// - Parameters:
    ///   - prepared: What is to be trained.
    ///   - trainer: Made for it, before its first step.
    public init(_ prepared: PreparedExperiment, _ trainer: Trainer) throws {
        experiment = prepared.experiment
        findings += try Self.staticChecks.flatMap { try $0.findings(in: prepared) }
        let picture = try DataPicture(prepared)
        baselines = picture.baselines
        findings += try Self.dataChecks.flatMap { try $0.findings(in: picture) }
        preflight = try Preflight(prepared, trainer)
        findings += try Self.preflightChecks.flatMap { try $0.findings(in: preflight) }
        // A number that there is not is no evidence.
        for index in findings.indices { findings[index].evidence.removeAll { !$0.value.isFinite } }
    }

    /// What was seen with what each remedy would set, causes first.
    public var diagnosis: Diagnosis { Diagnosis(ordering: Remedies.changes(findings, for: experiment)) }

    /// The diagnosis as `diagnosis.json` has one, what simple models reach, and what was measured of the first steps.
    public var configuration: ConfigurationValue {
        guard case .map(let entries) = diagnosis.configuration else { return diagnosis.configuration }
        return .map(
            entries + [
                .init("baselines", baselines?.configuration ?? .null), .init("preflight", preflight.configuration),
            ])
    }

    /// The checks of the configuration alone.
    static var staticChecks: [any Check<PreparedExperiment>.Type] {
        [
            WrongOutputActivation.self,
            WrongLoss.self,
            MissingNonlinearity.self,
            EqualFirstWeights.self,
            InitializationSetting.self,
            SignalThroughDepth.self,
            BornDead.self,
            RegularizationSetting.self,
            BatchSetting.self,
            NormalizationAfterDropout.self,
            UnusualLearningRate.self,
        ]
    }

    /// The checks of the data.
    static var dataChecks: [any Check<DataPicture>.Type] {
        [
            UnscaledInput.self,
            UnscaledTarget.self,
            DeadInput.self,
            RepeatedRows.self,
            TellingFeature.self,
            RowNumber.self,
            RareClasses.self,
            ShuffledLabels.self,
            LabelNoise.self,
        ]
    }

    /// The checks of what the first weights do.
    static var preflightChecks: [any Check<Preflight>.Type] {
        [
            StartNonFinite.self,
            WrongGradient.self,
            StartVanishingGradient.self,
            StartExplodingGradient.self,
            StartDyingReLU.self,
            StartLoss.self,
            StartPoorInitialization.self,
            StartSymmetricWeights.self,
            StartUnchangedWeights.self,
            TrialRateTooHigh.self,
            TrialRateTooLow.self,
            TrialModeMismatch.self,
            CannotLearn.self,
        ]
    }
}
