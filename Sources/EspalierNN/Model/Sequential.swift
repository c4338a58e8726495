import EspalierGraph

/// Layers applied one after the other.
///
/// ```swift
/// let model = Sequential {
///     Linear(64, 128)
///     if normalize { BatchNorm(128) }
///     ReLU()
///     Linear(128, 10)
/// }
/// ```
///
/// Use it for layers in a row, and with `recompute` to save memory; not where a value is used twice, for which
/// `residual` is.
public final class Sequential: Layer {
    /// In the order in which they are applied.
    public let layers: [any Layer]
    /// Whether the backward pass computes what lies between the layers a second time instead of keeping it.
    public let isRecomputed: Bool

    /// - Parameters:
    ///   - layers: Weights without an initialiser of their own get the one that matches the next activation, also where
    ///     one of the two stands in a `Sequential`, or the body of a `Residual`, within this one.
    ///   - recomputed: Whether the backward pass computes what lies between the layers a second time instead of keeping
    ///     it: less memory for more time.
    public init(_ layers: [any Layer], recomputed: Bool = false) {
        self.layers = layers
        isRecomputed = recomputed
        let steps = Self.steps(layers)
        for (index, layer) in steps.enumerated() {
            guard let weighted = layer as? any Initializable, weighted.initializer == nil else { continue }
            // The next layer with weights ends the search: what lies beyond it is not fed by this one.
            let following = steps[(index + 1)...].prefix { !($0 is any Initializable) }
            guard let activation = following.compactMap({ $0 as? any Activation }).first else { continue }
            weighted.initializer = activation.matchingInitializer
            for (_, slot) in LayerContents(weighted).parameters where slot.role == .weight {
                slot.initializerReason = "\(type(of: activation)) follows"
            }
        }
    }

    /// The layers in the order of the data, those of inner `Sequential`s and of residual bodies one by one.
    private static func steps(_ layers: [any Layer]) -> [any Layer] {
        layers.flatMap { ($0 as? Sequential ?? ($0 as? Residual)?.body).map { steps($0.layers) } ?? [$0] }
    }

    public convenience init(recomputed: Bool = false, @LayerBuilder _ layers: () -> [any Layer]) {
        self.init(layers(), recomputed: recomputed)
    }

    public func forward(_ x: Tensor) -> Tensor {
        func applied(_ x: Tensor) -> Tensor { layers.reduce(x) { $1($0) } }
        return isRecomputed && !LayerCall.isRecording ? x.recomputed(applied) : applied(x)
    }

    public var children: [(name: String, layer: any Layer)] {
        layers.enumerated().map { (String($0), $1) }
    }

    public var description: String { "Sequential(\(layers.count) layers\(isRecomputed ? ", recomputed" : ""))" }
}

/// Builds the layers of a `Sequential`: also inside `if`, `switch` and `for`.
@resultBuilder
public enum LayerBuilder {
    public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
    public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
    public static func buildBlock(_ parts: [any Layer]...) -> [any Layer] { parts.flatMap { $0 } }
    public static func buildOptional(_ part: [any Layer]?) -> [any Layer] { part ?? [] }
    public static func buildEither(first part: [any Layer]) -> [any Layer] { part }
    public static func buildEither(second part: [any Layer]) -> [any Layer] { part }
    public static func buildArray(_ parts: [[any Layer]]) -> [any Layer] { parts.flatMap { $0 } }
    public static func buildLimitedAvailability(_ part: [any Layer]) -> [any Layer] { part }
}
