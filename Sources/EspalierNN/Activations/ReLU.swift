import EspalierGraph
import EspalierSpec

/// The rectified linear unit.
///
/// y = max(x, 0); the derivative at zero is zero.
///
/// Source: Nair and Hinton 2010, "Rectified linear units improve restricted Boltzmann machines".
///
/// Use it first of all: it is cheap, sparse and keeps gradients; not where many neurons die, with zero output and zero
/// gradient on every sample, which a lower learning rate or a leaky slope prevents.
public final class ReLU: Activation {
    public init() {}

    public func forward(_ x: Tensor) -> Tensor { x.relu() }

    /// ReLU drops half of the variance, which He's initialisation makes up for.
    public var matchingInitializer: any Initializer { HeNormal() }

    public var saturation: Saturation { .dead(below: 0) }
}

/// `relu` in a configuration.
public struct ReLUSpecification: LayerSpecification {
    public static let kind = LayerKind.activation
    public static let name = "relu"
    public static let summary = "max(x, 0)"
    public static let fields: [Field<Self>] = []

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { ReLU() }
}
