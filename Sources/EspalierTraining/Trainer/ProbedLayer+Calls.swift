import EspalierGraph
import EspalierNN

// Which layers a probe measures, of all that a model calls.
extension ProbedLayer {
    /// Activations, and layers with weights that no activation follows, in the order of the data.
    ///
    /// A layer that is called several times is as many: `relu`, `relu#2`.
    static func measured(of calls: [LayerCall], paths: [ObjectIdentifier: String]) -> [ProbedLayer] {
        var layers: [ProbedLayer] = [], weighted: ProbedLayer?, unitAxis: Int?, counts: [String: Int] = [:]
        for call in calls {
            let output = call.output
            // A layer that is inside of another and not listed is the other's.
            guard let path = paths[ObjectIdentifier(call.layer)], output.dtype == .float32, output.rank > 1 else {
                continue
            }
            let inside = path.isEmpty ? "" : path + "."
            func isInside(_ layer: ProbedLayer) -> Bool { layer.path.hasPrefix(inside) }
            if let activation = call.layer as? any Activation {
                weighted = nil
                let saturates = activation.saturation.below != nil || activation.saturation.above != nil
                layers.append(
                    ProbedLayer(
                        path: numbered(path, &counts), layer: call.layer.description, output: output,
                        saturated: saturates && call.input.shape == output.shape
                            ? activation.isSaturated(call.input) : nil,
                        unitAxis: Self.unitAxis(output, unitAxis)))
            } else if isWeighted(call.layer) {
                // The whole model is what its last layer says.
                if path.isEmpty, calls.count > 1 { continue }
                // What a block that adds to its input has inside is a part of a sum: the sum is measured.
                if call.layer is TransformerBlock { layers.removeAll(where: isInside) }
                if let weighted, !isInside(weighted) { layers.append(weighted) }
                // Sequences of units and signals of channels are both of rank 3.
                unitAxis = call.layer is any ConvolutionLayer || output.rank > 3 ? 1 : output.rank - 1
                weighted = ProbedLayer(
                    path: numbered(path, &counts), layer: call.layer.description, output: output, saturated: nil,
                    unitAxis: Self.unitAxis(output, unitAxis))
            }
        }
        return layers + [weighted].compactMap(\.self)
    }

    private static func numbered(_ path: String, _ counts: inout [String: Int]) -> String {
        counts[path, default: 0] += 1
        return counts[path] == 1 ? path : "\(path)#\(counts[path] ?? 0)"
    }

    /// Whether a layer maps its input by weights of its own, beside those of the layers that it is made of; what looks vectors
    /// up is data to the layers after it.
    private static func isWeighted(_ layer: any Layer) -> Bool {
        if layer is TransformerBlock { return true }
        if layer is Embedding || layer is PositionalEmbedding { return false }
        let inner = layer.children.flatMap { LayerContents($0.layer).parameters }
        let others = Set(inner.map { ObjectIdentifier($0.slot) })
        return LayerContents(layer).parameters.contains {
            $0.slot.role == .weight && !others.contains(ObjectIdentifier($0.slot))
        }
    }

    private static func unitAxis(_ output: Tensor, _ axis: Int?) -> Int {
        axis.map { min($0, output.rank - 1) } ?? (output.rank > 3 ? 1 : output.rank - 1)
    }
}
