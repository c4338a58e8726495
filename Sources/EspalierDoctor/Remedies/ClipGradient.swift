import EspalierSpec
import EspalierTraining

/// `clipGradient`: a bound on the norm of all gradients together.
///
/// Source: Pascanu, Mikolov and Bengio 2013, "On the difficulty of training recurrent neural networks"; 1 is usual.
public struct ClipGradient: Remedy {
    public var norm = 1.0

    public static let name = "clipGradient"
    public static let summary = "A bound on the norm of all gradients together"
    public static let fields = [Field("norm", \Self.norm, "the largest norm of all gradients together", in: .positive)]

    public init() {}

    public init(norm: Double) { self.norm = norm }

    public var why: String { "one steep batch can no longer throw the weights far away" }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        if let present = experiment.gradient.clipNorm, present <= norm { return nil }
        var changed = experiment
        changed.gradient.clipNorm = norm
        return changed
    }

    public var alternatives: [Self] { [0.1, 10].filter { $0 != norm }.map(Self.init(norm:)) }
}
