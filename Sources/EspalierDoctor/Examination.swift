import EspalierTraining

/// The looks before the first step: at the configuration, at the data, at what the first weights do.
///
/// Nothing of the trainer is changed.
public struct Examination {
    /// Everything that was seen.
    public private(set) var findings: [Finding] = []
    /// What simple models reach.
    public private(set) var baselines: Baselines?

    /// - Parameters:
    ///   - prepared: What is to be trained.
    ///   - trainer: Made for it, before its first step.
    public init(_ prepared: PreparedExperiment, _ trainer: Trainer) throws {
        findings += try Self.staticChecks.flatMap { try $0.findings(in: prepared) }
        let picture = try DataPicture(prepared)
        baselines = picture.baselines
        findings += try Self.dataChecks.flatMap { try $0.findings(in: picture) }
        let preflight = try Preflight(prepared, trainer)
        findings += try Self.preflightChecks.flatMap { try $0.findings(in: preflight) }
    }

    /// The checks of the configuration alone.
    static var staticChecks: [any Check<PreparedExperiment>.Type] {
        []
    }

    /// The checks of the data.
    static var dataChecks: [any Check<DataPicture>.Type] {
        [
            UnscaledInput.self,
            UnscaledTarget.self,
            DeadInput.self,
            RepeatedRows.self,
            TellingFeature.self,
            LabelImbalance.self,
            ShuffledLabels.self,
            LabelNoise.self,
        ]
    }

    /// The checks of what the first weights do.
    static var preflightChecks: [any Check<Preflight>.Type] {
        []
    }
}
