import EspalierSpec

/// `sequential: {layers: [...], recompute: true}` in a configuration: some layers as one block.
public struct SequentialSpecification: LayerSpecification {
    public var layers: [LayerChoice] = []
    public var recompute = false

    public static let kind = LayerKind.layer
    public static let name = "sequential"
    public static let summary = "Layers one after the other, as one block"
    public static let fields = [
        Field(
            "layers", \Self.layers, "the layers in order", required: true, accepting: "a list of at least one layer",
            where: { !$0.isEmpty }),
        Field(
            "recompute", \Self.recompute,
            "whether the backward pass computes the block a second time instead of keeping it: less memory, more time"),
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        var context = context
        var made: [any Layer] = []
        for layer in layers {
            made.append(try layer.specification.makeLayer(context))
            try context.pass(made[made.count - 1], called: type(of: layer.specification).name)
        }
        return Sequential(made, recomputed: recompute)
    }
}
