import EspalierGraph
import EspalierSpec

/// While training, sets each value to zero with probability p and divides the others by 1 - p; the identity otherwise.
///
/// Dividing in training ("inverted" dropout) keeps the expectation, so that inference needs no change.
///
/// Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014, "Dropout: a simple way to prevent neural
/// networks from overfitting".
///
/// Use it against overfitting in wide dense layers, p from 0.1 to 0.5; not directly before batch normalisation, whose
/// statistics in training then differ from those in inference, nor where the network underfits.
public final class Dropout: ModeDependent {
    /// The share of values that is dropped.
    public let p: Double
    public var mode = Mode.inference
    @Randomness private var random

    /// - Parameter p: The share dropped, from 0 to below 1; 0.5 as in the paper.
    public init(p: Double = 0.5) {
        precondition((0..<1).contains(p), "dropout: p is the share dropped, from 0 to below 1, not \(p)")
        self.p = p
    }

    public func forward(_ x: Tensor) -> Tensor {
        mode == .training ? x.dropped(p, by: random, axes: x.rank) : x
    }

    public var description: String { "Dropout(p: \(p)\(mode.suffix))" }
}

/// `dropout: {p: 0.2}` in a configuration.
public struct DropoutSpecification: LayerSpecification {
    public var p = 0.5

    public static let kind = LayerKind.regularization
    public static let name = "dropout"
    public static let summary = "Zeroes each value with probability p while training, and scales the others by 1/(1-p)"
    public static let fields = [Field("p", \Self.p, "share of the values dropped", in: 0..<1)]

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { Dropout(p: p) }
}
