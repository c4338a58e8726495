import EspalierSpec
import EspalierTraining

/// A change to a configuration that may put right what is wrong with it.
///
/// A remedy is a value: its settings say how strong it is. It rewrites what will be trained, and never reaches into a running
/// model.
public protocol Remedy: Specification {
    /// Why it helps, in a sentence.
    var why: String { get }

    /// The experiment with the change.
    ///
    /// - Parameter experiment: With everything decided, as `PreparedExperiment` has it.
    /// - Returns: Nothing where there is no place for it, or nothing would change.
    func applied(to experiment: Experiment) throws -> Experiment?

    /// The same remedy in other strengths that are worth a try, the likeliest first; none if not given.
    var alternatives: [Self] { get }
}

extension Remedy {
    public var alternatives: [Self] { [] }
}

/// The remedies by name.
public enum Remedies {
    /// The remedies that Espalier brings.
    public static let registry: Registry<any Remedy> = {
        var registry = Registry<any Remedy>(kind: "remedy")
        // Of the model.
        registry.register(MatchingInitialization.self) { $0 }
        registry.register(ChangeActivation.self) { $0 }
        registry.register(AddBatchNorm.self) { $0 }
        registry.register(AddLayerNorm.self) { $0 }
        registry.register(AddResiduals.self) { $0 }
        registry.register(FixOutput.self) { $0 }
        registry.register(ChangeLoss.self) { $0 }
        registry.register(InsertNonlinearity.self) { $0 }
        registry.register(Widen.self) { $0 }
        registry.register(Shallower.self) { $0 }
        registry.register(LessRegularization.self) { $0 }
        registry.register(AddDropout.self) { $0 }
        // Of the data.
        registry.register(ScaleInputs.self) { $0 }
        registry.register(ScaleTargets.self) { $0 }
        registry.register(BalanceClasses.self) { $0 }
        registry.register(LabelSmoothing.self) { $0 }
        registry.register(DropFeature.self) { $0 }
        registry.register(ShuffleSplit.self) { $0 }
        registry.register(MoreData.self) { $0 }
        // Of the training.
        registry.register(ChangeLearningRate.self) { $0 }
        registry.register(ClipGradient.self) { $0 }
        registry.register(ChangeOptimizer.self) { $0 }
        registry.register(ChangeBatchSize.self) { $0 }
        registry.register(AddWarmup.self) { $0 }
        registry.register(DecaySchedule.self) { $0 }
        registry.register(TrainLonger.self) { $0 }
        registry.register(EarlyStop.self) { $0 }
        registry.register(AddWeightDecay.self) { $0 }
        registry.register(Augment.self) { $0 }
        return registry
    }()

    /// The remedy that a proposal names.
    public static func remedy(
        _ proposal: Finding.Proposal, in registry: Registry<any Remedy> = registry
    ) throws -> any Remedy {
        try registry.read(ConfigurationNode(.map([.init(proposal.name, proposal.settings)])))
    }

    /// The findings with the remedies that are usual for them, and what each sets in the configuration of `experiment`;
    /// those that set nothing, or what another sets, are left out.
    static func changes(_ findings: [Finding], for experiment: Experiment) -> [Finding] {
        findings.map { finding in
            var finding = finding
            let usual = usual(for: finding.symptom).map { Finding.Proposal($0) }
            var seen = Set<ConfigurationValue>()
            finding.remedies = (finding.remedies + usual).compactMap { proposal in
                guard let remedy = try? remedy(proposal), let changed = try? remedy.applied(to: experiment),
                    let change = experiment.configuration.changes(to: changed.configuration),
                    seen.insert(change).inserted
                else { return nil }
                var proposal = proposal
                proposal.change = change
                return proposal
            }
            return finding
        }
    }
}

extension ConfigurationValue {
    /// What has to be set for this to become `other`, as a part of a configuration; nothing where they are equal.
    ///
    /// Maps are compared key by key; all else is taken whole. A part with settings of another name takes the place of the
    /// one there is.
    func changes(to other: ConfigurationValue) -> ConfigurationValue? {
        guard self != other else { return nil }
        guard case .map(let before) = self, case .map(let after) = other,
            Set(before.map(\.key)) == Set(after.map(\.key))
        else { return other }
        let changed = after.compactMap { entry in
            self[entry.key]?.changes(to: entry.value).map { Entry(entry.key, $0) }
        }
        return .map(changed)
    }
}
