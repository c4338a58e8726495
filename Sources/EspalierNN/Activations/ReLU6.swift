import EspalierGraph
import EspalierSpec

/// ReLU that ends at six.
///
/// y = min(max(x, 0), 6); the derivative at zero and at six is zero.
///
/// Source: Krizhevsky 2010, "Convolutional deep belief networks on CIFAR-10".
///
/// Use it for networks that are to be computed in few bits, as it bounds what has to be represented; not for depth, as
/// it is flat on both sides.
public final class ReLU6: Activation {
    public init() {}

    public func forward(_ x: Tensor) -> Tensor { x.clamped(0, 6) }

    /// ReLU drops half of the variance, which He's initialisation makes up for.
    public var matchingInitializer: any Initializer { HeNormal() }

    public var saturation: Saturation { .dead(below: 0, saturatedAbove: 6) }
}

/// `relu6` in a configuration.
public struct ReLU6Specification: LayerSpecification {
    public static let kind = LayerKind.activation
    public static let name = "relu6"
    public static let summary = "min(max(x, 0), 6)"
    public static let fields: [Field<Self>] = []

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { ReLU6() }
}
