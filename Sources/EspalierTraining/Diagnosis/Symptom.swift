/// What can be wrong with a training, by the names that `diagnosis.json` has.
public enum Symptom: String, Sendable, Codable, CaseIterable {
    case vanishingGradient, explodingGradient, dyingReLU, saturatedActivation, poorInitialization, symmetricWeights
    case unstableLoss, lossNotDecreasing, slowConvergence, learningRateTooHigh, learningRateTooLow
    case overfitting, underfitting, overtraining, nonFinite
    case unscaledInput, unscaledTarget, wrongOutputActivation, wrongLoss, missingNonlinearity
    case labelImbalance, labelNoise, leakage, deadInput, batchTooSmall, excessiveRegularization, trainEvalMismatch
    case unchangedWeights, shuffledLabels, wrongGradient

    /// One line for `espalier list symptoms`.
    public var summary: String {
        switch self {
        case .vanishingGradient: "the gradient fades on its way to the first layers, which hardly learn"
        case .explodingGradient:
            "the gradient grows on its way to the first layers, or steps are too large for the weights"
        case .dyingReLU: "units put out zero for every sample, and no gradient passes through them"
        case .saturatedActivation: "activations sit where they are flat, and let hardly any gradient through"
        case .poorInitialization: "the first weights make activations shrink or grow from layer to layer"
        case .symmetricWeights: "units of a layer begin with the same weights, and so stay the same"
        case .unstableLoss: "the loss jumps up and down instead of falling"
        case .lossNotDecreasing: "the loss stays where it began"
        case .slowConvergence: "the loss falls, but far too slowly for the epochs there are"
        case .learningRateTooHigh: "steps overshoot: weights change by too large a share of themselves"
        case .learningRateTooLow: "steps are too small for the weights to get anywhere in the epochs there are"
        case .overfitting: "what is learned of the training samples does not hold for others"
        case .underfitting: "not even the training samples are learned as well as a simple model does"
        case .overtraining: "the training went on after the best epoch, and was getting worse"
        case .nonFinite: "a number became infinite or no number at all"
        case .unscaledInput: "inputs lie far from zero, or have spreads far from one, and that hurts"
        case .unscaledTarget: "targets lie far from zero, or have a spread far from one, and that hurts"
        case .wrongOutputActivation: "what the last layer puts out cannot be what the targets are"
        case .wrongLoss: "the loss does not fit what the model puts out, or the task"
        case .missingNonlinearity: "layers with nothing nonlinear between them are worth one layer"
        case .labelImbalance: "some classes are so rare that they are not learned"
        case .labelNoise: "many labels disagree with their neighbours"
        case .leakage: "held-out samples are known from the training, or a feature tells the target"
        case .deadInput: "a feature is the same in every sample"
        case .batchTooSmall: "a step is decided by too few samples"
        case .excessiveRegularization: "penalties or dropout outweigh what the data says"
        case .trainEvalMismatch: "the model says something else in inference than in training"
        case .unchangedWeights: "a parameter does not change in training"
        case .wrongGradient: "a layer's derivative is not that of what it computes"
        case .shuffledLabels: "the labels have nothing to do with the inputs"
        }
    }
}
