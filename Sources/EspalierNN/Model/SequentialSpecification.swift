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
        Sequential(try context.makeLayers(layers, setting: "\(Self.name).layers").layers, recomputed: recompute)
    }
}
