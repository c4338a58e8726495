import EspalierGraph
import EspalierSpec
import Foundation

/// The exponential linear unit: below zero it bends towards -alpha, so that outputs average closer to zero.
///
/// y = x above zero, alpha (exp(x) - 1) otherwise; with alpha 1 it is differentiable at zero.
///
/// Source: Clevert, Unterthiner and Hochreiter 2016, "Fast and accurate deep network learning by exponential linear units".
///
/// Use it for deep networks without normalisation; not beside batch normalisation, which centres already.
public final class ELU: Activation {
    /// What the function tends to downwards, without its sign.
    public let alpha: Double

    /// - Parameter alpha: What the function tends to downwards, without its sign; 1 as PyTorch.
    public init(alpha: Double = 1) { self.alpha = alpha }

    public func forward(_ x: Tensor) -> Tensor { x.split(above: { $0 }, below: { alpha * $0.expm1() }) }

    /// Like ReLU it lets about half of the variance through.
    public var matchingInitializer: any Initializer { HeNormal() }

    /// The slope is alpha exp(x) below zero, and one above.
    public var saturation: Saturation { Saturation(below: min(0, log(Saturation.share * max(1, alpha) / alpha))) }

    public var description: String { "ELU(\(alpha))" }
}

/// `elu` in a configuration.
public struct ELUSpecification: LayerSpecification {
    public var alpha = 1.0

    public static let kind = LayerKind.activation
    public static let name = "elu"
    public static let summary = "x above zero, alpha (exp(x) - 1) below"
    public static let fields = [
        Field("alpha", \Self.alpha, "what the function tends to downwards, without its sign", in: .positive)
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { ELU(alpha: alpha) }
}
