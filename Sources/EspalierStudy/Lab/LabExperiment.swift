import EspalierSpec
import EspalierTraining

/// An experiment out of the textbooks: what it does, what it teaches, and how it is carried out.
///
/// Its settings are those of the book unless they are given. What it measures is told beside what the book states; see
/// `LabResult`.
///
/// ```swift
/// let run = try Lab().run(OptimizerPaths())
/// print(run.result.measurements)
/// ```
public protocol LabExperiment: Specification {
    /// What there is to learn from it, in three sentences.
    static var lesson: String { get }

    /// Carries it out.
    ///
    /// - Throws: `EspalierError` where data cannot be read, and what a training throws.
    func run(in lab: Lab) throws -> LabResult
}

extension Registry where Part == any LabExperiment {
    /// The experiments that Espalier brings, in the order in which one would read of them.
    public static var labExperiments: Self {
        var registry = Self(kind: "experiment")
        registry.register(ActivationHistograms.self) { $0 }
        registry.register(InitializationComparison.self) { $0 }
        registry.register(OptimizerPaths.self) { $0 }
        registry.register(OptimizerComparison.self) { $0 }
        registry.register(BatchNormalization.self) { $0 }
        registry.register(OverfittingExperiment.self) { $0 }
        registry.register(WeightDecayExperiment.self) { $0 }
        registry.register(DropoutEffect.self) { $0 }
        registry.register(HyperparameterSearch.self) { $0 }
        registry.register(GradientCheckExperiment.self) { $0 }
        registry.register(DeepSELU.self) { $0 }
        registry.register(SelfNormalization.self) { $0 }
        registry.register(BatchNormPlacement.self) { $0 }
        registry.register(ClippingExperiment.self) { $0 }
        registry.register(TransferExperiment.self) { $0 }
        registry.register(SchedulesExperiment.self) { $0 }
        registry.register(RegularizersExperiment.self) { $0 }
        registry.register(ActivationRanking.self) { $0 }
        registry.register(NormalizationViews.self) { $0 }
        registry.register(LassoPath.self) { $0 }
        registry.register(BiasVarianceExperiment.self) { $0 }
        registry.register(EnsembleGain.self) { $0 }
        registry.register(SmallData.self) { $0 }
        registry.register(GradientFlow.self) { $0 }
        registry.register(DyingUnits.self) { $0 }
        registry.register(LearningRateCurves.self) { $0 }
        registry.register(EarlyStoppingExperiment.self) { $0 }
        registry.register(CovariateShift.self) { $0 }
        return registry
    }
}

extension Lab {
    /// The experiments as `espalier list` shows them; none of any other kind of part.
    public static func parts(of kind: PartKind) -> [PartListing] {
        kind == .experiments ? Registry<any LabExperiment>.labExperiments.entries.map(PartListing.init) : []
    }
}
