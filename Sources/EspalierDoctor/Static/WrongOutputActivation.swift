import EspalierNN
import EspalierTraining
import Foundation

/// What leaves the model cannot be what the targets are, whatever is learned: the last activation does not reach them, or
/// gives numbers of which the loss cannot be taken.
///
/// Values: 1 - R^2 is at least the share of the targets' variance that lies outside of the activation's range, since the
/// nearest value within the range is the best there is. A loss on probabilities takes logarithms, so outputs have to be
/// between 0 and 1. Under a loss on logits the largest probability of K classes is e^(b - a) / (e^(b - a) + K - 1) where
/// outputs are from a to b.
enum WrongOutputActivation: Check {
    /// From this share of variance out of reach on it matters, and from `hopeless` on most of what there is to learn is lost.
    static let share = 0.05
    static let hopeless = 0.25
    /// A class whose probability cannot be said to be more than this is out of reach.
    static let probability = 0.9

    static func findings(in prepared: PreparedExperiment) -> [Finding] {
        let picture = StaticPicture(prepared)
        let single = softmaxOverOne(picture)
        guard single.isEmpty, let head = picture.head else { return single }
        switch picture.loss {
        case is CrossEntropyOnProbabilities, is BinaryCrossEntropyOnProbabilities:
            return probabilities(head, picture)
        case is CrossEntropyLoss, is BinaryCrossEntropyLoss, is FocalLoss, is HingeLoss, is KullbackLeiblerDivergence:
            return logits(head, picture)
        case is MeanSquaredError, is MeanAbsoluteError, is HuberLoss, is SmoothL1Loss, is CosineLoss:
            return values(head, picture)
        default: return []
        }
    }

    /// A softmax over one value is 1, always.
    private static func softmaxOverOne(_ picture: StaticPicture) -> [Finding] {
        picture.sketch.leaves.compactMap { part in
            let axis: Int? =
                (part.layer as? SoftmaxLayer)?.axis ?? (part.layer as? LogSoftmaxLayer)?.axis
            guard let axis else { return nil }
            let dimensions = part.input.dimensions
            let index = axis < 0 ? dimensions.count + axis : axis - 1
            guard dimensions.indices.contains(index), dimensions[index] == 1 else { return nil }
            return Finding(
                .wrongOutputActivation, at: part.path, .error, evidence: [.init("units", 1)],
                explanation:
                    "A softmax divides each value by the sum of all, so that they sum to one; over the single unit here that "
                    + "is always 1, whatever the weights are, and no gradient passes. One output that says yes or no takes a "
                    + "sigmoid; one that says a value takes no activation.",
                remedies: [.init(FixOutput(target: remedyTarget(picture)))])
        }
    }

    private static func probabilities(_ head: OutputHead, _ picture: StaticPicture) -> [Finding] {
        guard head.low < 0 || head.high > 1 else { return [] }
        let name = type(of: picture.loss).name
        let made = head.activation.map { "what \($0) puts out" } ?? "what a linear layer puts out"
        return [
            Finding(
                .wrongOutputActivation, at: head.path, .error,
                evidence: [.init("lowest", head.low), .init("highest", head.high)],
                explanation:
                    "\(name) takes the logarithm of probabilities, which are between 0 and 1; \(made) is from "
                    + "\(head.low.short) to \(head.high.short). The logarithm of what is not above 0 is cut off, and passes no "
                    + "gradient; what is above 1 makes the loss less than nothing, so that larger outputs are better than right "
                    + "ones. End with \(wanted(picture)) under this loss, or, more accurate, with no activation under a loss on "
                    + "logits.",
                remedies: [.init(FixOutput()), .init(FixOutput(probabilities: true))])
        ]
    }

    private static func logits(_ head: OutputHead, _ picture: StaticPicture) -> [Finding] {
        // Outputs that are probabilities already are not wrong: the loss takes them for what they are not.
        guard head.form == .hidden else { return [] }
        let name = type(of: picture.loss).name
        if head.units == 1, head.low > -0.5 || head.high < 0.5 {
            return [
                Finding(
                    .wrongOutputActivation, at: head.path, .error,
                    evidence: [.init("lowest", head.low), .init("highest", head.high)],
                    explanation:
                        "Under \(name) an output below zero says one class and an output above zero the other, and "
                        + "\(head.activation ?? "the last layer") gives numbers from \(head.low.short) to "
                        + "\(head.high.short): one of the classes can never be said. The last layer takes no activation here.",
                    remedies: [.init(FixOutput())])
            ]
        }
        // A margin is reached by any range that has both signs.
        guard !(picture.loss is HingeLoss) else { return [] }
        let classes = Double(max(2, head.units)), span = head.high - head.low
        let largest =
            head.units == 1
            ? 1 / (1 + exp(-min(-head.low, head.high))) : span.isFinite ? 1 / (1 + (classes - 1) * exp(-span)) : 1
        let isCut = head.low == 0 && picture.loss is CrossEntropyLoss
        guard largest < probability || isCut else { return [] }
        return [
            Finding(
                .wrongOutputActivation, at: head.path, .warning,
                evidence: [
                    .init("lowest", head.low), .init("highest", head.high), .init("largestProbability", largest),
                    .init("threshold", probability),
                ],
                explanation: largest < probability
                    ? "\(name) makes probabilities of the outputs by itself, from their differences. After "
                        + "\(head.activation ?? "the last layer") they are from \(head.low.short) to \(head.high.short), so "
                        + "that no class can ever be given more than \(largest.short): the loss stays high however well the "
                        + "classes are told apart. The last layer takes no activation here."
                    : "\(name) takes scores of any sign, and \(head.activation ?? "the last layer") cuts off those below zero. "
                        + "Where a class's score is cut off no gradient passes, and a class that is so for all samples never "
                        + "comes back. The last layer takes no activation here.",
                remedies: [.init(FixOutput())])
        ]
    }

    private static func values(_ head: OutputHead, _ picture: StaticPicture) -> [Finding] {
        guard case .values(let columns) = picture.targets, head.low.isFinite || head.high.isFinite else { return [] }
        // Of directions only the sign is known to be out of reach.
        let high = picture.loss is CosineLoss ? .infinity : head.high
        guard let lost = columns.map({ unreachable($0, head.low, high) }).max(), lost >= share,
            let lowest = columns.joined().min(), let highest = columns.joined().max()
        else { return [] }
        return [
            Finding(
                .wrongOutputActivation, at: head.path, lost >= hopeless ? .error : .warning,
                evidence: [
                    .init("lowest", head.low), .init("highest", head.high), .init("lowestTarget", lowest),
                    .init("highestTarget", highest), .init("varianceOutOfReach", lost), .init("threshold", share),
                ],
                explanation:
                    "The targets are from \(lowest.short) to \(highest.short), and after "
                    + "\(head.activation ?? "the last layer") the model can only say numbers from \(head.low.short) to "
                    + "\(high.short). \((100 * lost).brief)% of the targets' variance lies outside, so that R^2 stays below "
                    + "\((1 - lost).short) whatever is learned. A model of values ends with a linear layer and no activation.",
                remedies: [.init(FixOutput(target: .values))])
        ]
    }

    /// The least share of their variance that values from `low` to `high` leave unexplained.
    static func unreachable(_ targets: [Double], _ low: Double, _ high: Double) -> Double {
        let count = Double(max(1, targets.count))
        let mean = targets.reduce(0, +) / count
        let variance = targets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let lost = targets.reduce(0) { sum, target in
            let nearest = min(max(target, low), high)
            return sum + (target - nearest) * (target - nearest)
        }
        // Constant targets have no variance to explain; they are reached or not.
        return variance > 0 ? min(1, lost / variance) : lost > 0 ? 1 : 0
    }

    private static func wanted(_ picture: StaticPicture) -> String {
        picture.loss is CrossEntropyOnProbabilities ? "a softmax" : "a sigmoid"
    }

    private static func remedyTarget(_ picture: StaticPicture) -> FixOutput.Target {
        switch picture.targets {
        case .classes: .automatic
        case .values(let columns): WrongLoss.isYesOrNo(columns) ? .questions : .values
        }
    }
}
