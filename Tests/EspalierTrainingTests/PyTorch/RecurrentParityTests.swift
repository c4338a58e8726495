import EspalierEngine
import EspalierGraph
import EspalierNN
import Testing

/// Recurrent layers against PyTorch: outputs, last states, and the gradients by every parameter, input and initial
/// state; and a training of a classifier.
///
/// The `Double` reference is compared with the float64 files to 1e-13 of a tensor's largest element: the formulas are the
/// same. The engine's kernels are compared to 2e-6, 16 units in the last place of single precision: rounding
/// goes through ten steps.
@Suite(.serialized) struct RecurrentParityTests {
    static let layers: [(name: String, make: @Sendable () -> any RecurrentLayer)] = [
        ("lstm", { LSTM(4, 3, batchFirst: false) }),
        ("lstmBatchFirst", { LSTM(4, 3) }),
        ("lstmWithoutBias", { LSTM(4, 3, bias: false, batchFirst: false) }),
        ("lstmTwoLayers", { LSTM(4, 3, layers: 2, batchFirst: false) }),
        ("lstmBidirectional", { LSTM(4, 3, layers: 2, batchFirst: false, bidirectional: true) }),
        ("gru", { GRU(4, 3, batchFirst: false) }),
        ("gruWithoutBias", { GRU(4, 3, bias: false, batchFirst: false) }),
        ("gruBidirectional", { GRU(4, 3, layers: 2, batchFirst: false, bidirectional: true) }),
        ("rnn", { RNN(4, 3, batchFirst: false) }),
        ("rnnReLU", { RNN(4, 3, nonlinearity: .relu, batchFirst: false) }),
        ("rnnBidirectional", { RNN(4, 3, layers: 2, batchFirst: false, bidirectional: true) }),
    ]

    @Test func everyCaseIsCompared() throws {
        let cases = Set(try Fixture("recurrent", .float64).tensors.keys.map { String($0.prefix { $0 != "/" }) })
        #expect(cases == Set(Self.layers.map(\.name) + ["classifier"]))
    }

    @Test(arguments: layers.indices) func layer(index: Int) throws {
        let name = Self.layers[index].name, layer = Self.layers[index].make()
        let fixture = try Fixture("recurrent", .float64)
        let inputNames = ["input", "hidden"] + (layer is LSTM ? ["cell"] : [])
        let resultNames = ["output", "lastHidden"] + (layer is LSTM ? ["lastCell"] : [])
        func leaf(_ name: String, _ file: String) -> (file: String, tensor: Tensor) {
            (file, Tensor.input(name, fixture[file].shape))
        }
        let inputs = inputNames.map { leaf($0, "\(name)/\($0)") }
        let cotangents = resultNames.map { leaf("cotangent of \($0)", "\(name)/cotangent.\($0)") }
        let parameters = LayerContents(layer).parameters
        #expect(parameters.map(\.path).sorted() == fixture.all("\(name)/parameter.").map(\.name))
        let weights = parameters.map { (file: "\(name)/parameter.\($0.path)", tensor: $0.slot.tensor) }

        let state = RecurrentState(hidden: inputs[1].tensor, cell: layer is LSTM ? inputs[2].tensor : nil)
        let (output, last) = layer(inputs[0].tensor, from: state)
        let visible = [output, last.hidden] + [last.cell].compactMap(\.self)
        let variables = inputs + weights
        let gradients = Tensor.pullback(
            visible, cotangents: cotangents.map(\.tensor), by: variables.map(\.tensor))
        let results =
            Array(zip(resultNames, visible))
            + zip(inputNames.map { "gradient.\($0)" } + parameters.map { "gradient.parameter.\($0.path)" }, gradients)

        let given = variables + cotangents
        let feed = given.map { ($0.tensor, fixture[$0.file]) }
        let values = Reference.evaluate(results.map(\.1), Dictionary(uniqueKeysWithValues: feed))
        for ((result, _), value) in zip(results, values) {
            let expected = fixture["\(name)/\(result)"]
            #expect(value.shape == expected.shape, "\(name)/\(result)")
            #expect(distance(value.values, expected.values) < 1e-13, "\(name)/\(result) in double precision")
        }
        for threads in [1, 4] {
            let executable = try Engine(threads: threads).compile(
                Computation(inputs: given.map(\.tensor), outputs: results.map(\.1)))
            for (index, input) in given.enumerated() { executable.fill(index, fixture[input.file]) }
            try executable.run()
            for (index, (result, _)) in results.enumerated() {
                let value = executable.output(index).map(Double.init)
                #expect(
                    distance(value, fixture["\(name)/\(result)"].values) < 2e-6, "\(name)/\(result), \(threads) threads"
                )
            }
        }
    }

    /// A bidirectional LSTM of two layers, and a linear layer on both directions' last states.
    private final class Classifier: Layer {
        let lstm = LSTM(4, 3, layers: 2, bidirectional: true, returnsSequences: false)
        let linear = Linear(6, 3)
        func forward(_ x: Tensor) -> Tensor { linear(lstm(x)) }
    }

    /// Six steps of Adam: the loss of each, and the parameters after the last.
    @Test func training() throws {
        let fixture = try Fixture("recurrent", .float64), prefix = "classifier/"
        let state = try ModelState(Classifier(), seed: 0)
        let parameters = state.parameters, optimizer = Adam(learningRate: 0.01)
        #expect(parameters.entries.map(\.path).sorted() == fixture.all("\(prefix)parameter.").map(\.name))
        let x = Tensor.input("inputs", [8, 5, 4]), labels = Tensor.input("labels", [8], .int32)
        let rate = Tensor.input("learning rate", []), step = Tensor.input("step", [])
        let loss = CrossEntropyLoss()(state.model(x), labels).mean()
        let gradients = loss.gradients(by: parameters.entries.map { parameters.tensor($0.path)! })
        let slots = optimizer.slots.map {
            Tensor(Storage(count: parameters.storage.count), [parameters.storage.count], name: $0)
        }
        let update = optimizer.update(
            parameters.tensor, gradient: parameters.assemble(gradients, in: 0..<parameters.storage.count), slots: slots,
            learningRate: rate, step: step)
        let computation = Computation(
            inputs: [x, labels, rate, step], outputs: [loss],
            updates: [.init(parameters.tensor, update.parameter)] + zip(slots, update.slots).map { .init($0, $1) })

        func first() {
            for slot in slots { slot.leaf!.storage!.floats.update(repeating: 0) }
            for entry in parameters.entries {
                let drawn = fixture["\(prefix)parameter.\(entry.path)"].values
                _ = parameters.values(entry.path)!.update(fromContentsOf: drawn.map(Float.init))
            }
        }
        func inputs(_ number: Int) -> [ReferenceArray] {
            [
                fixture["\(prefix)step.\(number)/input"], fixture["\(prefix)step.\(number)/label"],
                ReferenceArray([], [0.01]), ReferenceArray([], [Double(number)]),
            ]
        }
        func check(_ loss: Double, _ number: Int, _ tolerance: Double) {
            #expect(distance([loss], fixture["\(prefix)step.\(number)/loss"].values) < tolerance, "step \(number)")
        }
        func checkEnd(_ values: [Double], _ tolerance: Double) {
            for entry in parameters.entries {
                let part = Array(values[entry.offset..<entry.offset + entry.shape.count])
                #expect(distance(part, fixture["\(prefix)after.\(entry.path)"].values) < tolerance, "\(entry.path)")
            }
        }
        first()
        var values: [Tensor: ReferenceArray] = [:]
        for update in computation.updates {
            values[update.target] = ReferenceArray(
                update.target.shape, update.target.leaf!.storage!.floats.map(Double.init))
        }
        for number in 1...6 {
            let feed = values.merging(zip(computation.inputs, inputs(number))) { $1 }
            let results = Reference.evaluate([loss] + computation.updates.map(\.value), feed)
            for (update, value) in zip(computation.updates, results.dropFirst()) { values[update.target] = value }
            check(results[0].values[0], number, 1e-13)
        }
        checkEnd(values[parameters.tensor]!.values, 1e-12)
        for threads in [1, 4] {
            first()
            let executable = try Engine(threads: threads).compile(computation)
            for number in 1...6 {
                for (index, value) in inputs(number).enumerated() {
                    executable.fill(index, value, computation.inputs[index].dtype)
                }
                try executable.run()
                check(Double(executable.output(0)[0]), number, 1e-6)
            }
            checkEnd(parameters.storage.floats.map(Double.init), 1e-6)
        }
    }
}
