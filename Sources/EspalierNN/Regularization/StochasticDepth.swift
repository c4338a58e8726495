import EspalierGraph
import EspalierSpec

/// While training, sets whole samples to zero with probability p and divides the others by 1 - p; the identity otherwise.
///
/// At the end of a residual's body it leaves a sample with the shortcut alone, as if the block were not there:
///
/// ```swift
/// Residual {
///     Conv2d(16, 16, kernelSize: 3, padding: 1)
///     StochasticDepth(p: StochasticDepth.share(ofBlock: 3, of: 9, last: 0.5))
/// }
/// ```
///
/// Shapes: x [N, ...]. p is the share dropped: 0.5 for the last block as in the paper, less for those before it. The
/// paper scales in inference; dividing in training is the same and leaves inference as it is.
///
/// Use it in deep residual networks, which it makes shorter in training. Not outside of a residual: it would take all
/// that a sample says.
///
/// Source: Huang, Sun, Liu, Sedra and Weinberger 2016, "Deep networks with stochastic depth".
public final class StochasticDepth: ModeDependent {
    /// The share of samples for which the block is dropped.
    public let p: Double
    public var mode = Mode.inference
    @Randomness private var random

    /// - Parameter p: The share dropped, from 0 to below 1.
    public init(p: Double = 0.5) {
        precondition((0..<1).contains(p), "stochasticDepth: p is the share dropped, from 0 to below 1, not \(p)")
        self.p = p
    }

    /// The paper's linear rule for block l, from 1, of L: p_l = l / L p_L.
    ///
    /// - Parameters:
    ///   - block: l.
    ///   - count: L.
    ///   - last: p_L, that of the last block.
    public static func share(ofBlock block: Int, of count: Int, last: Double = 0.5) -> Double {
        precondition((1...count).contains(block), "block \(block) is none of \(count)")
        return last * Double(block) / Double(count)
    }

    public func forward(_ x: Tensor) -> Tensor {
        mode == .training ? x.dropped(p, by: random, axes: 1) : x
    }

    public var description: String { "StochasticDepth(p: \(p)\(mode.suffix))" }
}

/// `stochasticDepth: {p: 0.2}` in a configuration, at the end of a residual's body.
public struct StochasticDepthSpecification: LayerSpecification {
    public var p = 0.5

    public static let kind = LayerKind.regularization
    public static let name = "stochasticDepth"
    public static let summary = "Zeroes whole samples with probability p while training, to end a residual's body"
    public static let fields = [Field("p", \Self.p, "share of the samples without the block", in: 0..<1)]

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { StochasticDepth(p: p) }
}
