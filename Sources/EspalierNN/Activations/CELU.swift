import EspalierGraph
import EspalierSpec
import Foundation

/// The exponential linear unit in a form that is differentiable at zero for any alpha.
///
/// y = x above zero, alpha (exp(x / alpha) - 1) otherwise.
///
/// Source: Barron 2017, "Continuously differentiable exponential linear units".
///
/// Use it for what `elu` is for, where alpha is not 1; with alpha 1 the two are the same.
public final class CELU: Activation {
    /// What the function tends to downwards, without its sign.
    public let alpha: Double

    /// - Parameter alpha: What the function tends to downwards, without its sign; 1 as PyTorch.
    public init(alpha: Double = 1) { self.alpha = alpha }

    public func forward(_ x: Tensor) -> Tensor {
        x.split(above: { $0 }, below: { alpha * ($0 / alpha).expm1() })
    }

    /// Like ReLU it lets about half of the variance through.
    public var matchingInitializer: any Initializer { HeNormal() }

    /// The slope is exp(x / alpha) below zero.
    public var saturation: Saturation { Saturation(below: alpha * log(Saturation.share)) }

    public var description: String { "CELU(\(alpha))" }
}

/// `celu` in a configuration.
public struct CELUSpecification: LayerSpecification {
    public var alpha = 1.0

    public static let kind = LayerKind.activation
    public static let name = "celu"
    public static let summary = "x above zero, alpha (exp(x / alpha) - 1) below"
    public static let fields = [
        Field("alpha", \Self.alpha, "what the function tends to downwards, without its sign", in: .positive)
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { CELU(alpha: alpha) }
}
