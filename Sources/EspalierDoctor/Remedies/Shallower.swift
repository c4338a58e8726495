import EspalierNN
import EspalierSpec
import EspalierTraining

/// `shallower`: only a share of the hidden blocks that repeat.
///
/// A block is a linear map with what follows it up to the next, or a residual block; blocks with the same settings in a row
/// are a stack, of which the first stay.
public struct Shallower: Remedy {
    public var keep = 0.5

    public static let name = "shallower"
    public static let summary = "Only a share of the hidden layers that repeat"
    public static let fields = [
        Field("keep", \Self.keep, "share of a stack of equal layers that stays", in: 0...1)
    ]

    public init() {}

    public init(keep: Double) { self.keep = keep }

    public var why: String { "what passes through fewer layers is changed less on its way, and so are gradients" }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard let model = experiment.model else { return nil }
        return experiment.with(model: model.editingHidden { layers, _ in shortened(layers) })
    }

    private func shortened(_ layers: [any LayerSpecification]) -> [any LayerSpecification] {
        var stacks: [(block: [any LayerSpecification], count: Int)] = []
        for block in Self.blocks(layers) {
            if let last = stacks.last, last.block.map(LayerChoice.init) == block.map(LayerChoice.init),
                block[0].holdsWeights
            {
                stacks[stacks.count - 1].count += 1
            } else {
                stacks.append((block, 1))
            }
        }
        return stacks.flatMap { stack -> [any LayerSpecification] in
            // At least one stays: it may bring values to the width that the next layers count on.
            let count = max(1, Int((Double(stack.count) * keep).rounded(.up)))
            return (0..<count).flatMap { _ in stack.block }
        }
    }

    /// Each layer with weights, and what follows it.
    private static func blocks(_ layers: [any LayerSpecification]) -> [[any LayerSpecification]] {
        layers.reduce(into: []) { blocks, layer in
            if layer.holdsWeights || blocks.isEmpty {
                blocks.append([layer])
            } else {
                blocks[blocks.count - 1].append(layer)
            }
        }
    }

    public var alternatives: [Self] { [0.5, 0.25, 0].filter { $0 != keep }.map(Self.init) }
}
