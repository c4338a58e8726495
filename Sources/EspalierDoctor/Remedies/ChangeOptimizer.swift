import EspalierNN
import EspalierSpec
import EspalierTraining

/// `changeOptimizer`: another optimiser, at a rate that is usual for it.
///
/// Sources: Kingma and Ba 2015, "Adam: a method for stochastic optimization", for its rate of 0.001; Goodfellow, Bengio and
/// Courville 2016, "Deep learning", chapter 8, for momentum .9 at 0.01.
public struct ChangeOptimizer: Remedy {
    /// Those to choose from.
    public enum Choice: String, CaseIterable, ConfigurationRepresentable, Hashable {
        case adam, momentum
    }

    public var to = Choice.adam
    public var rate: Double?

    public static let name = "changeOptimizer"
    public static let summary = "Adam, or descent with momentum, at a rate that is usual for it"
    public static let fields = [
        Field("to", \Self.to, "the optimiser"),
        Field("rate", \Self.rate, "its learning rate; null for what is usual", in: .positive),
    ]

    public init() {}

    public init(to choice: Choice, rate: Double? = nil) {
        to = choice
        self.rate = rate
    }

    public var why: String {
        switch to {
        case .adam: "Adam gives every weight steps of its own size, whatever the size of its gradient"
        case .momentum: "momentum averages over batches, and steps are as large as gradients are"
        }
    }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        var changed = experiment
        switch to {
        case .adam: changed.optimizer = Adam(learningRate: rate ?? 0.001)
        case .momentum: changed.optimizer = SGD(learningRate: rate ?? 0.01, momentum: 0.9)
        }
        return changed == experiment ? nil : changed
    }

    public var alternatives: [Self] {
        let rates = to == .adam ? [0.01, 0.001, 0.0001] : [0.1, 0.01, 0.001]
        return rates.filter { $0 != rate }.map { Self(to: to, rate: $0) }
    }
}
