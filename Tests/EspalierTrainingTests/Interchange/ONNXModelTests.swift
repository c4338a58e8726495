import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

/// What is written of a model; `make interchange` holds what ONNX Runtime computes of it against ours.
struct ONNXModelTests {
    /// Checked once with onnx.checker, and with ONNX Runtime: [[3, 2]] gives [[1]].
    @Test func aSmallModelByteByByte() throws {
        let state = try ModelState(Sequential { Linear(2, 1, bias: false) }, seed: 1)
        _ = state.parameters.values("0.weight")?.update(fromContentsOf: [1, -1])
        let bytes = try ONNXModel(state, sampleShape: [2], name: "m", metadata: [("k", "v")]).bytes
        func text(_ field: UInt8, _ text: String) -> [UInt8] { part(field, Array(text.utf8)) }
        func part(_ field: UInt8, _ bytes: [UInt8]) -> [UInt8] { [field << 3 | 2, UInt8(bytes.count)] + bytes }
        func integer(_ name: String, _ value: UInt8) -> [UInt8] {
            part(5, text(1, name) + [3 << 3, value, 0xA0, 0x01, 2])
        }
        func port(_ name: String, _ width: UInt8) -> [UInt8] {
            let shape = part(1, text(2, "batch")) + part(1, [1 << 3, width])
            return text(1, name) + part(2, part(1, [1 << 3, 1] + part(2, shape)))
        }
        let product =
            text(1, "input") + text(1, "0.weight") + text(2, "value_0") + text(3, "Gemm_0") + text(4, "Gemm")
            + integer("transA", 0) + integer("transB", 1)
        let identity = text(1, "value_0") + text(2, "output") + text(3, "Identity_1") + text(4, "Identity")
        let weight =
            [1 << 3, 1, 1 << 3, 2, 2 << 3, 1] + text(8, "0.weight") + part(9, [0, 0, 0x80, 0x3F, 0, 0, 0x80, 0xBF])
        let graph =
            part(1, product) + part(1, identity) + text(2, "m") + part(5, weight) + part(11, port("input", 2))
            + part(12, port("output", 1))
        let size = [UInt8(graph.count & 0x7F) | 0x80, UInt8(graph.count >> 7)]
        #expect(
            bytes == [1 << 3, 8] + text(2, "espalier") + [7 << 3 | 2] + size + graph
                + part(8, text(1, "") + [2 << 3, 18]) + part(14, text(1, "k") + text(2, "v")))
    }

    // MARK: Every layer

    /// Settings and the shape of a sample, for layers that need any.
    static let cases: [String: [(settings: ConfigurationValue, input: Shape)]] = {
        var cases: [String: [(settings: ConfigurationValue, input: Shape)]] = [
            "linear": [(["units": 3], [4]), (["units": 3, "bias": false], [5, 4])],
            "reshape": [(["shape": [2, 3]], [6])],
            "sequential": [(["layers": ["relu", "tanh"], "recompute": true], [3])],
            "residual": [(["body": [["linear": ["units": 4]]]], [4])],
            "upsample": [(["scale": 2], [2, 3, 3]), (["size": [5, 4], "mode": "bilinear"], [2, 3, 3])],
            "embedding": [(["units": 3, "vocabulary": 5], [4])],
            "positionalEmbedding": [([:], [4, 3])],
            "multiHeadAttention": [(["heads": 2], [5, 4]), (["heads": 2, "causal": true], [5, 4])],
            "transformerBlock": [(["heads": 2, "causal": true], [5, 4])],
            "batchNorm": [([:], [3]), ([:], [2, 3, 3])],
            "groupNorm": [(["groups": 2], [4, 3])],
            "instanceNorm": [(["affine": true, "trackRunningStatistics": true], [2, 5])],
            "weightNorm": [(["layer": ["linear": ["units": 3]]], [4])],
            "spectralNorm": [(["layer": ["conv2d": ["channels": 3, "kernelSize": 2]]], [2, 4, 4])],
            "glu": [([:], [6])], "softmax": [([:], [6]), ([:], [2, 3, 3])], "globalMaxPool": [([:], [2, 3, 4])],
            "globalAvgPool": [([:], [2, 3, 4])], "dropout2d": [([:], [2, 3, 4])],
        ]
        for (axes, input) in [(1, [2, 7]), (2, [2, 7, 6]), (3, [2, 6, 5, 4])] as [(Int, Shape)] {
            cases["conv\(axes)d"] = [
                (["channels": 4, "kernelSize": 3, "stride": 2, "padding": 1, "groups": 2], input),
                (["channels": 3, "kernelSize": 2, "padding": "same", "dilation": 2], input),
            ]
            cases["convTransposed\(axes)d"] = [
                (["channels": 4, "kernelSize": 3, "stride": 2, "padding": 1, "outputPadding": 1], input)
            ]
            for name in ["maxPool", "avgPool"] {
                cases["\(name)\(axes)d"] = [
                    (["kernelSize": 3, "stride": 2, "padding": 1], input),
                    (["kernelSize": 3, "stride": 2, "ceilMode": true], input),
                ]
            }
            for name in ["adaptiveMaxPool", "adaptiveAvgPool"] {
                cases["\(name)\(axes)d"] = [(["outputSize": 3], input)]
            }
        }
        for name in ["lstm", "gru", "rnn"] {
            cases[name] = [
                (["units": 3], [5, 4]),
                (["units": 3, "layers": 2, "bidirectional": true, "returnSequences": true, "bias": false], [5, 4]),
            ]
        }
        return cases
    }()

    @Test(arguments: Registry<any LayerSpecification>.standard.names)
    func everyLayerIsWritten(name: String) throws {
        for (settings, input) in Self.cases[name] ?? [([:], [6])] {
            let node = ConfigurationNode(.map([.init(name, settings)]))
            let layer = try Registry<any LayerSpecification>.standard.read(node)
                .makeLayer(LayerContext(input: input, outputs: 2))
            let state = try ModelState(Sequential([layer]), seed: 2)
            let model = try ONNXModel(state, sampleShape: input)
            try check(model.graph, name)
            let sizes = layer(Tensor.input("x", Shape([2] + input.dimensions))).shape.dimensions.dropFirst()
            #expect(model.graph.outputs[0].shape == [.batch] + sizes.map { BatchNumber($0) }, "\(name)")
        }
    }

    /// What is read is there, under one name each, and no trace's batch size is left in a number.
    private func check(_ graph: ONNXGraph, _ layer: String) throws {
        var known = Set(graph.inputs.map(\.name))
        for initializer in graph.initializers {
            #expect(known.insert(initializer.name).inserted, "\(layer): \(initializer.name)")
            let size = initializer.type == .bool ? 1 : initializer.type.rawValue > 6 ? 8 : 4
            #expect(initializer.bytes.count == initializer.shape.reduce(size, *), "\(layer): \(initializer.name)")
            guard initializer.type == .int64 else { continue }
            let numbers = initializer.bytes.withUnsafeBytes { Array($0.bindMemory(to: Int64.self)) }
            #expect(numbers.allSatisfy { $0 < 1000 }, "\(layer): \(numbers)")
        }
        for operation in graph.operations {
            for input in operation.inputs where !input.isEmpty {
                #expect(known.contains(input), "\(layer): \(operation)")
            }
            for output in operation.outputs { #expect(known.insert(output).inserted, "\(layer): \(operation)") }
            for case .integers(_, let values) in operation.attributes {
                #expect(values.allSatisfy { (-1000..<1000).contains($0) }, "\(layer): \(operation)")
            }
        }
        for output in graph.outputs { #expect(known.contains(output.name)) }
    }

    // MARK: Operators

    private func operators(_ layers: [any Layer], _ input: Shape) throws -> [String] {
        let state = try ModelState(Sequential(layers), seed: 1)
        return try ONNXModel(state, sampleShape: input).graph.operations.map(\.name).filter { $0 != "Identity" }
    }

    /// Layers become the operators that ONNX has for them, without copies to and from channels last.
    @Test func layersBecomeTheirOperators() throws {
        #expect(try operators([Linear(4, 3), ReLU(), Linear(3, 2)], [4]) == ["Gemm", "Add", "Relu", "Gemm", "Add"])
        #expect(
            try operators([Linear(4, 3), Dropout(), Linear(3, 2)], [5, 4]) == [
                "Reshape", "Gemm", "Add", "Gemm", "Add", "Reshape",
            ])
        let convolutional: [any Layer] = [
            Conv2d(1, 4, kernelSize: 3), BatchNorm(4), ReLU(), MaxPool2d(kernelSize: 2), Conv2d(4, 2, kernelSize: 2),
            Flatten(),
        ]
        #expect(
            try operators(convolutional, [1, 8, 8]) == [
                "Conv", "Add", "Sub", "Mul", "Mul", "Add", "Relu", "MaxPool", "Conv", "Add", "Reshape",
            ])
        #expect(try operators([LSTM(4, 3, batchFirst: true)], [5, 4]).filter { $0 == "LSTM" }.count == 1)
    }

    @Test func parametersKeepTheirNames() throws {
        let state = try ModelState(
            Sequential {
                Conv2d(1, 2, kernelSize: 3)
                Sequential { Linear(6, 3) }
            }, seed: 1)
        let graph = try ONNXModel(state, sampleShape: [1, 8, 8]).graph
        for (name, shape) in [("0.weight", [2, 1, 3, 3]), ("1.0.weight", [3, 6]), ("1.0.bias", [3])] {
            let initializer = try #require(graph.initializers.first { $0.name == name })
            #expect(initializer.shape == shape)
            let values = initializer.bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
            #expect(values == state.parameters.values(name).map { Array($0) })
        }
    }

    /// i, f, g, o of our LSTM stand as i, o, f, c; r, z, n of our GRU as z, r, h, whose last bias stays inside.
    @Test func gatesAreInONNXOrder() throws {
        for (layer, order) in [(LSTM(1, 1), [0, 3, 1, 2]), (GRU(1, 1), [1, 0, 2])] as [(any Layer, [Int])] {
            let state = try ModelState(Sequential([layer]), seed: 1), gates = order.count
            func fill(_ name: String, _ start: Int) {
                _ = state.parameters.values("0.\(name)_l0")?.update(
                    fromContentsOf: (0..<gates).map { Float(start + $0) })
            }
            for (name, start) in [("weight_ih", 10), ("weight_hh", 20), ("bias_ih", 100), ("bias_hh", 1000)] {
                fill(name, start)
            }
            let graph = try ONNXModel(state, sampleShape: [3, 1]).graph
            let operation = try #require(graph.operations.first { ["LSTM", "GRU"].contains($0.name) })
            func values(_ index: Int) throws -> [Float] {
                let initializer = try #require(graph.initializers.first { $0.name == operation.inputs[index] })
                return initializer.bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
            }
            #expect(try values(1) == order.map { Float(10 + $0) })
            #expect(try values(2) == order.map { Float(20 + $0) })
            let biases = gates == 4 ? order.map { Float(1100 + 2 * $0) } : [1102, 1100, 102]
            #expect(try values(3) == biases + (gates == 4 ? [0, 0, 0, 0] : [0, 0, 1002]))
        }
    }

    @Test func scalingIsPartOfTheModel() throws {
        let data = try Dataset(
            name: "d", sampleShape: [2], inputs: [1, 10, 3, 30],
            targets: .values([5, 9], width: 1, names: ["y"]))
        let inputs = try Scaler(.standard, fittingInputsOf: data), targets = try Scaler(.minMax, fittingTargetsOf: data)
        let state = try ModelState(Sequential { Linear(2, 1) }, seed: 1)
        let graph = try ONNXModel(state, sampleShape: [2], inputScaler: inputs, targetScaler: targets).graph
        #expect(
            graph.operations.map(\.name) == [
                "Cast", "Sub", "Mul", "Cast", "Gemm", "Add", "Cast", "Mul", "Add", "Cast", "Identity",
            ])
        func values(_ name: String) -> [Double]? {
            graph.initializers.first { $0.name == name }?.bytes.withUnsafeBytes {
                Array($0.bindMemory(to: Double.self))
            }
        }
        #expect(values("input_scaled_Sub") == [2, 20] && values("input_scaled_Mul") == [1, 0.1])
        #expect(graph.initializers.contains { $0.type == .float64 && $0.shape == [1] })
    }

    @Test func whatIsMissingIsFilledIn() throws {
        let data = try Dataset(
            name: "d", sampleShape: [2], inputs: [1, 10, .nan, 30], targets: .values([5, 9], width: 1, names: ["y"]),
            gaps: [Gap(positions: 0..<1, fill: .mean)])
        for (scaling, rest) in [(Scaling.none, []), (.standard, ["Cast", "Sub", "Mul", "Cast"])] {
            var split = DataSplit(train: data)
            let scaler = try split.scale(scaling).inputs
            let state = try ModelState(Sequential { Linear(2, 1) }, seed: 1)
            let graph = try ONNXModel(state, sampleShape: [2], inputScaler: scaler).graph
            #expect(graph.operations.map(\.name) == ["IsNaN", "Where"] + rest + ["Gemm", "Add", "Identity"])
            #expect(graph.operations[1].inputs == ["input_missing", "input_fills", "input"])
            #expect(graph.operations[2].inputs[0] == "input_filled")
            let fills = graph.initializers.first { $0.name == "input_fills" }
            let values = fills?.bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
            #expect(fills?.shape == [2] && values?[0] == 1 && values?[1].isNaN == true)
        }
    }

    // MARK: What cannot be written

    private final class Noise: Layer {
        let scale: Double
        init(_ scale: Double) { self.scale = scale }
        func forward(_ x: Tensor) -> Tensor {
            x + Tensor.randomUniform(x.shape, key: Tensor([1, 2] as [Int32], [2])) * scale
        }
    }

    private final class Share: Layer {
        func forward(_ x: Tensor) -> Tensor { x / Double(x.shape[0]) }
    }

    @Test func whatONNXLacksIsNamedWithItsLayer() throws {
        let state = try ModelState(
            Sequential {
                Linear(2, 2)
                Sequential {
                    ReLU()
                    Noise(0.1)
                }
            }, seed: 1)
        let error = try #require(throws: EspalierError.self) { try ONNXModel(state, sampleShape: [2]) }
        #expect(error.location == "layer 1.1, Noise()")
        #expect(error.what.contains("random uniform") && error.what.contains("no counterpart in ONNX"))
    }

    @Test func whatDependsOnTheBatchIsRefused() throws {
        let state = try ModelState(Sequential([Linear(2, 2), Share()]), seed: 1)
        let error = try #require(throws: EspalierError.self) { try ONNXModel(state, sampleShape: [2]) }
        #expect(error.what.contains("depends on the size of the batch") && error.location == "layer 1, Share()")
    }

    @Test func numbersOfABatch() {
        let sizes = (first: 3, second: 5)
        #expect(BatchNumber(9, 13, sizes: sizes)?.description == "2*batch + 3")
        #expect(BatchNumber(3, 5, sizes: sizes) == .batch && BatchNumber.batch.description == "batch")
        #expect(BatchNumber(7, 7, sizes: sizes)?.description == "7")
        // A square, a share and what falls.
        for (first, second) in [(9, 25), (3, 4), (5, 3)] { #expect(BatchNumber(first, second, sizes: sizes) == nil) }
    }
}
