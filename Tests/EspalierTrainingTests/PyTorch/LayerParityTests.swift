import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierTraining
import Testing

/// Layers, losses and functions against PyTorch: outputs and every gradient, element by element.
///
/// The `Double` reference evaluation of our graphs is compared with the float64 files to 1e-13: the formulas are the
/// same. The engine's float32 is compared with the float64 files to 1e-6 of a tensor's largest element, 8 units in the
/// last place: room for the rounding of sums of ten terms, not for another formula. Attention, of several such sums one
/// after the other, has twice that.
@Suite(.serialized) struct LayerParityTests {
    static let exact = 1e-13
    static let single = 1e-6

    @Test func theFilesAreReadAlike() throws {
        let file = try SafeTensors.read(Fixture.path("layers", .float32))
        let fixture = try Fixture("layers", .float32)
        #expect(file.arrays.count == fixture.tensors.count)
        for array in file.arrays { #expect(array.floats.map(Double.init) == fixture[array.name].values) }
    }

    @Test func linear() throws {
        try check(Linear(7, 5), "linear/")
        try check(Linear(7, 5, bias: false), "linearWithoutBias/")
    }

    @Test func activations() throws {
        try check(ReLU(), "relu/")
        try check(Sigmoid(), "sigmoid/")
        try check(Tanh(), "tanh/")
        try check("layers", "softmax/", ["input"]) { $0[0].softmax() }
        try check("layers", "logSoftmax/", ["input"]) { $0[0].logSoftmax() }
    }

    @Test func losses() throws {
        try check("layers", "crossEntropy/", ["input", "label"]) { CrossEntropyLoss()($0[0], $0[1]).mean() }
        try check("layers", "mse/", ["input", "target"]) { MeanSquaredError()($0[0], $0[1]).mean() }
    }

    @Test(arguments: 1...3) func batchNormInTraining(batch: Int) throws {
        let layer = BatchNorm(6)
        layer.mode = .training
        let before = batch == 1 ? nil : "batchNorm/batch.\(batch - 1)/"
        try check(layer, "batchNorm/batch.\(batch)/", parameters: "batchNorm/", statistics: before)
    }

    @Test func batchNormInInference() throws {
        let layer = BatchNorm(6)
        try check(layer, "batchNorm/inference/", parameters: "batchNorm/", statistics: "batchNorm/batch.3/")
    }

    static let functions: [(name: String, function: @Sendable ([Tensor]) -> Tensor)] = [
        ("exp", { $0[0].exp() }), ("expm1", { $0[0].expm1() }), ("log", { $0[0].log() }), ("log1p", { $0[0].log1p() }),
        ("sqrt", { $0[0].sqrt() }), ("rsqrt", { $0[0].rsqrt() }), ("tanh", { $0[0].tanh() }),
        ("sigmoid", { $0[0].sigmoid() }), ("erf", { $0[0].erf() }), ("sin", { $0[0].sin() }), ("cos", { $0[0].cos() }),
        ("abs", { $0[0].abs() }), ("pow", { $0[0].power($0[1]) }), ("maximum", { Tensor.maximum($0[0], $0[1]) }),
    ]

    @Test(arguments: functions.indices) func function(index: Int) throws {
        let (name, function) = Self.functions[index]
        let inputs = ["pow", "maximum"].contains(name) ? ["input.0", "input.1"] : ["input"]
        try check("functions", "\(name)/", inputs, isElementwise: true, function)
    }

    @Test func everyCaseIsCompared() throws {
        let compared: Set = [
            "linear", "linearWithoutBias", "relu", "sigmoid", "tanh", "softmax", "logSoftmax", "crossEntropy", "mse",
            "batchNorm",
        ]
        func cases(_ file: String) throws -> Set<String> {
            Set(try Fixture(file, .float64).tensors.keys.map { String($0.prefix { $0 != "/" }) })
        }
        #expect(try cases("layers") == compared)
        #expect(try cases("functions") == Set(Self.functions.map(\.name)))
    }

    // Comparing

    /// A layer, with its parameters and statistics as the fixtures have them.
    func check(
        _ layer: any Layer, _ prefix: String, file: String = "layers", parameters: String? = nil,
        statistics: String? = nil
    ) throws {
        let contents = LayerContents(layer)
        var leaves: [(name: String, file: String, tensor: Tensor)] = contents.parameters.map {
            ("parameter.\($0.path)", (parameters ?? prefix) + "parameter.\($0.path)", $0.slot.tensor)
        }
        if let statistics {
            leaves += contents.statistics.map { ($0.path, statistics + $0.path, $0.slot.tensor) }
        }
        try check(file, prefix, ["input"], leaves: leaves) {
            layer($0[0])
        } others: {
            contents.statistics.map { ($0.path, $0.slot.takeNext()) }
        }
    }

    /// `function` of the fixture's `inputs`: its output, its gradients by all that the fixture has gradients of, and
    /// `others` that the fixture names.
    func check(
        _ file: String, _ prefix: String, _ inputs: [String], isElementwise: Bool = false,
        exactly tolerance: Double = exact, leaves: [(name: String, file: String, tensor: Tensor)] = [],
        _ function: ([Tensor]) throws -> Tensor, others: () -> [(String, Tensor)] = { [] }
    ) throws {
        let exact = try Fixture(file, .float64), single = try Fixture(file, .float32)
        let given = inputs.map { name in
            (
                name: name, file: prefix + name,
                tensor: Tensor.input(name, exact[prefix + name].shape, name == "label" ? .int32 : .float32)
            )
        }
        let output = try function(given.map(\.tensor))
        var arguments = given
        var cotangent = Tensor(1)
        if let value = exact.tensors[prefix + "cotangent"] {
            cotangent = .input("cotangent", value.shape)
            arguments.append(("cotangent", prefix + "cotangent", cotangent))
        }
        let variables = (given + leaves).filter { exact.tensors["\(prefix)gradient.\($0.name)"] != nil }
        let gradients = Tensor.pullback([output], cotangents: [cotangent], by: variables.map(\.tensor))
        var results = [("output", output)] + zip(variables.map { "gradient.\($0.name)" }, gradients)
        results += others().filter { exact.tensors[prefix + $0.0] != nil }
        #expect(
            results.count == exact.all(prefix).count - arguments.count
                - leaves.filter { $0.file.hasPrefix(prefix) }.count)

        let feed = (arguments + leaves).map { ($0.tensor, exact[$0.file]) }
        let values = Reference.evaluate(results.map(\.1), Dictionary(uniqueKeysWithValues: feed))
        for ((name, _), value) in zip(results, values) {
            let expected = exact[prefix + name]
            #expect(value.shape == expected.shape, "\(prefix)\(name)")
            #expect(distance(value.values, expected.values) < tolerance, "\(prefix)\(name) in double precision")
        }
        for leaf in leaves {
            guard let storage = leaf.tensor.leaf!.storage else {
                arguments.append(leaf)
                continue
            }
            _ = storage.floats.update(fromContentsOf: single[leaf.file].values.map(Float.init))
        }
        for threads in [1, 4] {
            let executable = try Engine(threads: threads).compile(
                Computation(inputs: arguments.map(\.tensor), outputs: results.map(\.1)))
            for (index, argument) in arguments.enumerated() {
                executable.fill(index, single[argument.file], argument.tensor.dtype)
            }
            try executable.run()
            for (index, (name, _)) in results.enumerated() {
                let value = executable.output(index).map(Double.init), expected = exact[prefix + name].values
                #expect(
                    distance(value, expected) < (file == "attention" ? 2 : 1) * Self.single,
                    "\(prefix)\(name), \(threads) threads")
                guard isElementwise, name == "output" else { continue }
                // Small results of a function are as accurate as large ones: each is compared for itself.
                for (value, expected) in zip(value, expected) {
                    #expect(abs(value - expected) <= 2e-6 * abs(expected) + 1e-36, "\(prefix)\(name)")
                }
            }
        }
    }
}

extension Executable {
    /// Sets input number `index` to `value`.
    func fill(_ index: Int, _ value: ReferenceArray, _ dtype: DType = .float32) {
        if dtype == .int32 {
            _ = input(index).integers.update(fromContentsOf: value.values.map { Int32($0) })
        } else {
            _ = input(index).floats.update(fromContentsOf: value.values.map { Float($0) })
        }
    }
}
