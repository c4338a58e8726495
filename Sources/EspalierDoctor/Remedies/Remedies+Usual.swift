import EspalierNN
import EspalierTraining

extension Remedies {
    /// What helps against a symptom whatever look has seen it, in the order in which it mostly did: what a check proposes
    /// from its own numbers comes before.
    ///
    /// Source of the order: Zhang et al. 2021, "AUTOTRAINER", and what repairs of the zoo took.
    static func usual(for symptom: Symptom) -> [any Remedy] {
        switch symptom {
        case .vanishingGradient:
            [
                ChangeActivation(to: ReLUSpecification()), AddBatchNorm(), ChangeActivation(to: SELUSpecification()),
                AddResiduals(), MatchingInitialization(), Shallower(),
            ]
        case .explodingGradient:
            [
                MatchingInitialization(), ChangeActivation(to: ReLUSpecification()), ClipGradient(), AddBatchNorm(),
                ScaleInputs(), ScaleTargets(),
            ]
        case .dyingReLU:
            [
                MatchingInitialization(), ChangeActivation(to: LeakyReLUSpecification()),
                ChangeActivation(to: ELUSpecification()), AddBatchNorm(), ScaleInputs(), Shallower(),
            ]
        case .saturatedActivation:
            [
                MatchingInitialization(), ScaleInputs(), ChangeActivation(to: ReLUSpecification()), AddBatchNorm(),
            ]
        case .poorInitialization, .symmetricWeights: [MatchingInitialization(), AddBatchNorm()]
        case .unstableLoss, .batchTooSmall:
            [ChangeBatchSize(size: 32), ChangeLearningRate(factor: 0.1), ChangeOptimizer(), DecaySchedule()]
        case .lossNotDecreasing, .slowConvergence:
            [
                ChangeOptimizer(), ChangeLearningRate(factor: 10), ChangeLearningRate(factor: 0.1),
                MatchingInitialization(), AddBatchNorm(),
            ]
        case .learningRateTooHigh: [ScaleInputs(), ScaleTargets()]
        case .learningRateTooLow: [TrainLonger()]
        case .overfitting, .overtraining:
            [
                EarlyStop(), AddWeightDecay(), AddDropout(), Augment(), Widen(factor: 0.5), LabelSmoothing(),
                MoreData(),
            ]
        case .underfitting: [Widen(factor: 2), TrainLonger(), LessRegularization(factor: 0)]
        case .unscaledInput: [ScaleInputs(), ChangeLearningRate(factor: 0.1)]
        case .unscaledTarget: [ScaleTargets(), ChangeLearningRate(factor: 0.1)]
        case .wrongOutputActivation, .wrongLoss: [FixOutput()]
        case .missingNonlinearity: [InsertNonlinearity()]
        case .labelImbalance: [BalanceClasses()]
        case .labelNoise: [LabelSmoothing(), EarlyStop()]
        case .excessiveRegularization: [LessRegularization(factor: 0.01), LessRegularization(factor: 0)]
        case .trainEvalMismatch: [ChangeBatchSize(size: 64), AddLayerNorm()]
        case .leakage, .deadInput, .unchangedWeights, .shuffledLabels, .wrongGradient, .nonFinite: []
        }
    }
}
