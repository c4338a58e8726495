import EspalierNN
import EspalierSpec
import EspalierTraining
import Foundation

/// `changeLearningRate`: the learning rate times a factor, or a rate that was found for it.
public struct ChangeLearningRate: Remedy {
    public var factor = 0.1
    public var rate: Double?

    public static let name = "changeLearningRate"
    public static let summary = "The learning rate times a factor, or another rate"
    public static let fields = [
        Field("factor", \Self.factor, "what the learning rate is multiplied by", in: .positive),
        Field("rate", \Self.rate, "the learning rate itself, whatever the factor; null for the factor", in: .positive),
    ]

    public init() {}

    public init(factor: Double) { self.factor = factor }

    public init(rate: Double) { self.rate = rate }

    public var why: String {
        if rate != nil { return "at this rate a range test saw the loss fall fastest" }
        return factor < 1
            ? "smaller steps do not overshoot" : "larger steps get somewhere in the epochs there are"
    }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        var changed = experiment
        changed.optimizer.learningRate = rate ?? (experiment.optimizer.learningRate * factor).rounded12
        return changed == experiment ? nil : changed
    }

    public var alternatives: [Self] {
        guard rate == nil else { return [] }
        return factor < 1
            ? [0.1, 0.01, 0.001].filter { $0 != factor }.map(Self.init(factor:))
            : [10, 100, 1000, 10000].filter { $0 != factor }.map(Self.init(factor:))
    }
}

extension Double {
    /// To twelve digits, so that a hundred times 1e-7 is written as 1e-5.
    fileprivate var rounded12: Double { Double(String(format: "%.12g", self)) ?? self }
}
