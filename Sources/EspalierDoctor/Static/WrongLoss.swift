import EspalierNN
import EspalierTraining
import Foundation

/// The loss takes the model's outputs for something that they are not, or is none for such targets.
///
/// Outputs of a softmax are one distribution, those of sigmoids are answers of their own, those of neither are logits; each
/// has a loss of which it is the proper one (Gneiting and Raftery 2007, "Strictly proper scoring rules"). Probabilities under
/// a loss on logits go through a softmax, or a sigmoid, a second time.
enum WrongLoss: Check {
    static func findings(in prepared: PreparedExperiment) -> [Finding] {
        let picture = StaticPicture(prepared)
        guard let head = picture.head else { return [] }
        let name = type(of: picture.loss).name
        switch (picture.loss, head.form) {
        case (is CrossEntropyLoss, .distribution), (is CrossEntropyLoss, .probabilities),
            (is KullbackLeiblerDivergence, .distribution), (is KullbackLeiblerDivergence, .probabilities),
            (is FocalLoss, .distribution), (is FocalLoss, .probabilities):
            return [head.units == 1 ? twiceSigmoid(head, name) : twiceSoftmax(head, name)]
        case (is BinaryCrossEntropyLoss, .probabilities):
            return [twiceSigmoid(head, name)]
        case (is BinaryCrossEntropyLoss, .distribution), (is BinaryCrossEntropyOnProbabilities, .distribution):
            return head.units > 1 ? [onDistribution(head, name, picture)] : []
        case (is CrossEntropyOnProbabilities, .probabilities):
            return [noDistribution(head, name)]
        case (is MeanSquaredError, _), (is MeanAbsoluteError, _), (is HuberLoss, _), (is SmoothL1Loss, _):
            return ofYesOrNo(head, name, picture)
        default: return []
        }
    }

    private static func twiceSoftmax(_ head: OutputHead, _ name: String) -> Finding {
        let classes = Double(head.units), largest = 1 / (1 + (classes - 1) * exp(-1))
        return Finding(
            .wrongLoss, at: head.path, .warning,
            evidence: [
                .init("classes", classes), .init("largestProbability", largest), .init("leastLoss", -log(largest)),
            ],
            explanation:
                "\(name) takes scores of any size and makes probabilities of them by a softmax of its own; here they are "
                + "between 0 and 1 already, after \(head.activation ?? "the last layer"). Of \(head.units) classes none can be "
                + "given more than \(largest.short) so, the loss cannot fall below \((-log(largest)).short), and the gradient "
                + "is small. Leave out the last activation, or take the loss on probabilities.",
            remedies: [.init(FixOutput()), .init(FixOutput(probabilities: true))])
    }

    private static func twiceSigmoid(_ head: OutputHead, _ name: String) -> Finding {
        Finding(
            .wrongLoss, at: head.path, head.units == 1 ? .error : .warning,
            evidence: [
                .init("lowestProbability", 0.5), .init("highestProbability", 1 / (1 + exp(-1))),
                .init("outputs", Double(head.units)),
            ],
            explanation:
                "\(name) takes scores of any sign and makes probabilities of them by a sigmoid of its own; here they are "
                + "between 0 and 1 already, after \(head.activation ?? "the last layer"). The probability of yes is so "
                + "between 0.5 and 0.731: the answer no can never be given. Leave out the last activation, or take the loss "
                + "on probabilities.",
            remedies: [.init(FixOutput(target: .questions)), .init(FixOutput(target: .questions, probabilities: true))])
    }

    private static func onDistribution(_ head: OutputHead, _ name: String, _ picture: StaticPicture) -> Finding {
        var isClasses = false
        if case .classes = picture.targets { isClasses = true }
        let target = isClasses ? FixOutput.Target.classes : .questions
        let again =
            picture.loss is BinaryCrossEntropyLoss
            ? "Besides it takes them for scores, so that a sigmoid makes numbers between 0.5 and 0.731 of them. " : ""
        return Finding(
            .wrongLoss, at: head.path, .warning, evidence: [.init("outputs", Double(head.units))],
            explanation:
                "A softmax gives one distribution over \(head.units) outputs: exactly one of them is right. \(name) asks yes "
                + "or no of each output by itself, as if any number of them could be. \(again)"
                + (isClasses
                    ? "For one class out of several it is crossEntropy on the scores, without an activation."
                    : "For several answers at once each output takes a sigmoid."),
            remedies: [
                .init(FixOutput(target: target)), .init(FixOutput(target: target, probabilities: true)),
            ])
    }

    private static func noDistribution(_ head: OutputHead, _ name: String) -> Finding {
        Finding(
            .wrongLoss, at: head.path, .error, evidence: [.init("outputs", Double(head.units))],
            explanation:
                "\(name) looks at the probability of the right class alone, and relies on all of them summing to one. "
                + "\(head.activation ?? "The last layer") makes each of the \(head.units) outputs a probability of its own: "
                + "the loss is least where all of them are 1, which says nothing. Sigmoids take binary cross-entropy; one "
                + "class out of several takes a softmax, or crossEntropy without an activation.",
            remedies: [
                .init(FixOutput(target: .classes)), .init(FixOutput(target: .classes, probabilities: true)),
            ])
    }

    /// Answers of yes or no, learned as values.
    ///
    /// The squared error is a proper score of them (Brier 1950), and slow behind a
    /// sigmoid; the absolute error is not: it is least for the more frequent answer alone.
    private static func ofYesOrNo(_ head: OutputHead, _ name: String, _ picture: StaticPicture) -> [Finding] {
        guard case .values(let columns) = picture.targets, isYesOrNo(columns) else { return [] }
        let isAbsolute = picture.loss is MeanAbsoluteError
        let reason =
            isAbsolute
            ? "is least for always the more frequent of the two: with it the model has no reason to say how likely each is"
            : "has next to no gradient where a sigmoid is sure and wrong"
        return [
            Finding(
                .wrongLoss, at: head.path, isAbsolute ? .warning : .info, evidence: [.init("distinctTargets", 2)],
                explanation:
                    "Every target is 0 or 1: an answer of yes or no. The error of a value, \(name), \(reason). The loss of "
                    + "such answers is binary cross-entropy, on the output of the last linear layer.",
                remedies: [
                    .init(FixOutput(target: .questions)), .init(FixOutput(target: .questions, probabilities: true)),
                ])
        ]
    }

    /// Whether there is nothing but 0 and 1 in the targets, and both in each column.
    static func isYesOrNo(_ columns: [[Double]]) -> Bool {
        !columns.isEmpty && columns.allSatisfy { Set($0) == [0, 1] }
    }
}
