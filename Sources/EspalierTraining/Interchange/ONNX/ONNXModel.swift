import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec

/// A model in the format of ONNX, which other programs run: from unscaled samples to what the model says of them.
///
/// The model is traced in inference and translated primitive by primitive, so that what layers are made of decides, not
/// which layers there are. The first axis of input and outputs, `batch`, may have any length. Weights keep their paths as
/// names where they are used as they are.
///
/// Source: ONNX, <https://onnx.ai/onnx/operators>, operator set 18, format 8.
public struct ONNXModel {
    let graph: ONNXGraph
    let name: String
    let metadata: [(key: String, value: String)]

    /// What ONNX's input is called.
    public static let input = "input"

    /// The file.
    ///
    /// - Throws: `EspalierError` where it would have 2 GiB or more, which readers of its encoding do not take.
    public var bytes: [UInt8] {
        get throws {
            let bytes = graph.model(named: name, metadata: metadata)
            guard bytes.count <= Int(Int32.max) else {
                throw EspalierError(
                    "the model has \(bytes.count) bytes", at: name,
                    expected: "less than 2 GiB, as ONNX's encoding has it",
                    fix: "export the weights: --format safetensors")
            }
            return bytes
        }
    }

    /// The names of the outputs.
    public var outputs: [String] { graph.outputs.map(\.name) }

    /// Translates a model.
    ///
    /// - Parameters:
    ///   - state: The model with its weights; it infers from now on.
    ///   - sampleShape: The shape of one sample.
    ///   - name: What the graph is called.
    ///   - inputScaler: How samples are scaled before the model sees them.
    ///   - targetScaler: How what the model makes is scaled back.
    ///   - metadata: Free texts about the model.
    ///   - engine: Computes what is known beforehand.
    ///   - outputs: What is put out of what the model makes, and what it is called.
    /// - Throws: `EspalierError` for an operation that ONNX lacks, with the layer that it is of.
    public init(
        _ state: ModelState, sampleShape: Shape, name: String = "model", inputScaler: Scaler? = nil,
        targetScaler: Scaler? = nil, metadata: [(key: String, value: String)] = [], engine: Engine = .current,
        outputs: (Tensor) -> [(name: String, tensor: Tensor)] = { [("output", $0)] }
    ) throws {
        state.mode = .inference
        // Unlike any other extent, so that nothing falls together by chance.
        let sizes = (first: 1009, second: 2003)
        let inputs = [sizes.first, sizes.second].map { Tensor.input("x", Shape([$0] + sampleShape.dimensions)) }
        let results = inputs.map { outputs(state.model($0)) }
        var graph = ONNXGraph()
        let shape = [BatchNumber.batch] + sampleShape.dimensions.map { BatchNumber($0) }
        graph.inputs = [.init(name: Self.input, type: .float32, shape: shape)]
        do {
            let traces = try TwoTraces(results[0].map(\.tensor), results[1].map(\.tensor), sizes: sizes)
            let scaled = inputScaler.map { graph.add($0, to: Self.input, shape: sampleShape.dimensions) } ?? Self.input
            let translation = try ONNXTranslation(
                traces, inputs: [(inputs[0].node, scaled)], batchInput: Self.input, named: state.named, graph: graph,
                engine: engine)
            for ((name, _), node) in zip(results[0], traces.outputs) {
                try translation.addOutput(node, as: name, scaledBackBy: targetScaler)
            }
            graph = translation.graph
        } catch let untranslated as Untranslated {
            let place = state.model.place(of: untranslated.node, input: inputs[0])
            throw untranslated.error.located(at: place)
        }
        graph.prune()
        self.graph = graph
        self.name = name
        self.metadata = metadata
    }
}

extension ModelState {
    /// What parameters and statistics are called, by their nodes.
    fileprivate var named: [Node: String] {
        let all =
            contents.parameters.map { ($0.slot.tensor.node, $0.path) }
            + contents.statistics.map { ($0.slot.tensor.node, $0.path) }
        return Dictionary(all) { first, _ in first }
    }
}

extension Layer {
    /// The innermost layer that made `node`: "layer 2.body.1, ReLU()".
    fileprivate func place(of node: Node, input: Tensor, path: String = "") -> String {
        let here = path.isEmpty ? "\(self)" : "layer \(path), \(self)"
        guard let sequential = self as? Sequential else { return here }
        var x = input
        for (index, layer) in sequential.layers.enumerated() {
            let y = layer(x)
            // By what it does: data that a layer makes on the way is another leaf each time.
            let isHere = Tensor.topologicalOrder(of: [y.node]).contains {
                $0.type == node.type && AnyHashable($0.primitive) == AnyHashable(node.primitive)
            }
            if isHere {
                return layer.place(of: node, input: x, path: path.isEmpty ? "\(index)" : "\(path).\(index)")
            }
            x = y
        }
        return here
    }
}
