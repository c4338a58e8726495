import EspalierGraph
import EspalierSpec

/// SiLU with the logistic function in three straight pieces.
///
/// y = x hardSigmoid(x): 0 up to -3, x from 3 on, x (x + 3) / 6 between.
///
/// Source: Howard et al. 2019, "Searching for MobileNetV3".
///
/// Use it for small convolutional networks that have to be fast; not where dead neurons are the trouble: below -3 it is
/// zero.
public final class HardSwish: Activation {
    public init() {}

    public func forward(_ x: Tensor) -> Tensor { x * (x.clamped(-3, 3) / 6 + 0.5) }

    /// Like ReLU it lets about half of the variance through.
    public var matchingInitializer: any Initializer { HeNormal() }

    public var saturation: Saturation { .dead(below: -3) }
}

/// `hardSwish` in a configuration.
public struct HardSwishSpecification: LayerSpecification {
    public static let kind = LayerKind.activation
    public static let name = "hardSwish"
    public static let summary = "x hardSigmoid(x): 0 up to -3, x from 3 on"
    public static let fields: [Field<Self>] = []

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { HardSwish() }
}
