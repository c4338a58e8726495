import EspalierGraph
import EspalierSpec

/// A residual connection: what some layers make of x, plus x itself: y = body(x) + shortcut(x).
///
/// The shortcut is the identity, or layers that bring x to the shape of the body's result, such as a convolution of
/// points with the body's stride.
///
/// Source: He, Zhang, Ren and Sun 2016, "Deep residual learning for image recognition".
///
/// Use it for networks of more than some ten layers, whose gradients it passes on; not for shallow ones, where it only
/// takes memory.
public final class Residual: Layer {
    public let body: Sequential
    /// Nothing for the identity.
    public let shortcut: Sequential?

    /// - Parameters:
    ///   - body: The layers that learn the difference.
    ///   - shortcut: What x goes through beside them; the identity if not given.
    public init(_ body: Sequential, shortcut: Sequential? = nil) {
        self.body = body
        self.shortcut = shortcut
    }

    /// - Parameters:
    ///   - body: The layers that learn the difference.
    ///   - shortcut: What x goes through beside them; the identity if there is nothing.
    public convenience init(
        @LayerBuilder _ body: () -> [any Layer], @LayerBuilder shortcut: () -> [any Layer] = { [] }
    ) {
        let beside = shortcut()
        self.init(Sequential(body()), shortcut: beside.isEmpty ? nil : Sequential(beside))
    }

    public func forward(_ x: Tensor) -> Tensor { body(x) + (shortcut.map { $0(x) } ?? x) }

    public var children: [(name: String, layer: any Layer)] {
        [("body", body)] + (shortcut.map { [("shortcut", $0)] } ?? [])
    }

    public var description: String {
        "Residual(\(body.layers.count) layers\(shortcut.map { ", shortcut of \($0.layers.count)" } ?? ""))"
    }
}

/// `residual: {body: [...], shortcut: [...]}` in a configuration.
public struct ResidualSpecification: LayerSpecification {
    /// The layers that learn the difference.
    public var body: [LayerChoice] = []
    /// What x goes through beside them; nothing for the identity.
    public var shortcut: [LayerChoice]?

    public static let kind = LayerKind.layer
    public static let name = "residual"
    public static let summary = "What some layers make of x, plus x itself or what a shortcut makes of it"
    public static let fields = [
        Field(
            "body", \Self.body, "layers, as in a model", required: true, accepting: "a list of at least one layer",
            where: { !$0.isEmpty }),
        Field(
            "shortcut", \Self.shortcut, "layers that bring x to the body's shape; null adds x as it is",
            accepting: "a list of at least one layer, or null", where: { $0?.isEmpty != true }),
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        let inside = try context.makeLayers(body, setting: "\(Self.name).body")
        let beside = try shortcut.map { try context.makeLayers($0, setting: "\(Self.name).shortcut") }
        guard inside.output == (beside?.output ?? context.input) else {
            throw EspalierError(
                "the body makes \(inside.output) of samples of \(context.input), and the shortcut gives "
                    + "\(beside?.output ?? context.input)",
                expected: "two values of one shape to add",
                fix: "shortcut: [{conv2d: {channels: …, kernelSize: 1, stride: …}}] with the body's channels and stride"
            )
        }
        return Residual(Sequential(inside.layers), shortcut: beside.map { Sequential($0.layers) })
    }
}
