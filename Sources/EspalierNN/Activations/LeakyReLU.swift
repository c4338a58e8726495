import EspalierGraph
import EspalierSpec

/// ReLU with a small slope below zero, so that no neuron dies.
///
/// y = x above zero, a x otherwise; the derivative at zero is a.
///
/// Source: Maas, Hannun and Ng 2013, "Rectifier nonlinearities improve neural network acoustic models"; a = 0.01 as there
/// and in PyTorch.
///
/// Use it for networks whose ReLUs die; not where zeros are wanted: its outputs are never sparse.
public final class LeakyReLU: Activation {
    /// The slope below zero, a.
    public let negativeSlope: Double

    /// - Parameter negativeSlope: The slope below zero; 0.01 as PyTorch.
    public init(negativeSlope: Double = 0.01) { self.negativeSlope = negativeSlope }

    public func forward(_ x: Tensor) -> Tensor { .select(x .> 0, x, x * negativeSlope) }

    /// It lets (1 + a^2) / 2 of the variance through.
    public var matchingInitializer: any Initializer { HeNormal(slope: negativeSlope) }

    public var saturation: Saturation { .never }

    public var description: String { "LeakyReLU(\(negativeSlope))" }
}

/// `leakyReLU: {negativeSlope: 0.01}` in a configuration.
public struct LeakyReLUSpecification: LayerSpecification {
    public var negativeSlope = 0.01

    public static let kind = LayerKind.activation
    public static let name = "leakyReLU"
    public static let summary = "x above zero, negativeSlope x below"
    public static let fields = [Field("negativeSlope", \Self.negativeSlope, "slope below zero", in: 0...)]

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { LeakyReLU(negativeSlope: negativeSlope) }
}
