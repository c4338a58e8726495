import EspalierEngine
import EspalierGraph
import EspalierSpec
import Foundation
import Testing

@testable import EspalierNN

/// Puts a layer through all that every layer has to stand, from its configuration to a training step.
///
/// - The configuration makes the layer that is expected, and comes back from its own text and from JSON unchanged.
/// - Shapes, parameters and statistics are as expected, in training and in inference.
/// - Every derivative, in both modes, agrees with central differences of the `Double` reference.
/// - The engine computes what the reference does.
/// - Inference is free of chance and changes nothing; a training step changes every parameter and statistic.
struct LayerCheck {
    /// As in a configuration: `relu`, or `{linear: {units: 3}}`.
    var configuration: ConfigurationValue
    var description: String
    /// The shape of one sample as it arrives and as it leaves.
    var input: Shape
    var output: Shape
    var parameters: [String: Shape] = [:]
    var statistics: [String: Shape] = [:]
    /// Whether training does something else than inference.
    var dependsOnMode = false
    var batch = 5
    /// In which modes the derivative is that of the outputs: not where something that training improves is taken as
    /// constant.
    var differentiable: [Mode] = [.training, .inference]
    /// Where samples are whole numbers below this rather than numbers to differentiate by.
    var symbols: Int?

    func run(_ place: Testing.SourceLocation = #_sourceLocation) throws {
        let layer = try makeLayer(place)
        try checkGradients(layer, place)
        let state = try ModelState(layer, seed: 3)
        checkContents(state, place)
        try checkModes(state, place)
        try checkStep(state, place)
    }

    private func makeLayer(_ place: Testing.SourceLocation) throws -> any Layer {
        let registry = Registry<any LayerSpecification>.standard
        let context = LayerContext(input: input, outputs: output.dimensions.last ?? 1)
        let specification = try registry.read(ConfigurationNode(configuration))
        let again = try registry.read(ConfigurationNode(specification.named))
        #expect(again.named == specification.named, sourceLocation: place)
        let decoded = try Self.recoded(specification)
        #expect(decoded.named == specification.named, sourceLocation: place)
        let layer = try specification.makeLayer(context)
        #expect(layer.description == description, sourceLocation: place)
        #expect(try again.makeLayer(context).description == description, sourceLocation: place)
        return layer
    }

    /// There and back through JSON.
    private static func recoded<Value: Codable>(_ value: Value) throws -> Value {
        try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
    }

    private func checkContents(_ state: ModelState, _ place: Testing.SourceLocation) {
        let contents = state.contents
        let found = Dictionary(uniqueKeysWithValues: contents.parameters.map { ($0.path, $0.slot.shape) })
        #expect(found == parameters, sourceLocation: place)
        let measured = Dictionary(uniqueKeysWithValues: contents.statistics.map { ($0.path, $0.slot.shape) })
        #expect(measured == statistics, sourceLocation: place)
        for mode in [Mode.training, .inference] {
            state.mode = mode
            let y = state.model(.input("x", Shape([batch] + input.dimensions)))
            #expect(y.shape == Shape([batch] + output.dimensions), sourceLocation: place)
            for (_, slot) in contents.statistics { _ = slot.takeNext() }
        }
    }

    /// Values away from zero, where activations have their kinks.
    private func sample(_ shape: Shape, _ name: String) -> ReferenceArray {
        var random = RandomStream(seed: 5, name)
        return ReferenceArray(
            shape, (0..<shape.count).map { _ in (random.uniform() < 0.5 ? -1 : 1) * (0.1 + random.uniform()) })
    }

    /// A batch of samples of `shape`.
    private func tensor(_ name: String, _ shape: Shape) -> Tensor {
        let shape = Shape([batch] + shape.dimensions)
        return Tensor(sample(shape, name).values.map { Float($0) }, shape)
    }

    /// A batch of samples as they arrive.
    private func arriving(_ name: String) -> Tensor {
        guard let symbols else { return tensor(name, input) }
        let shape = Shape([batch] + input.dimensions)
        return Tensor((0..<shape.count).map { Float($0 * 7 % symbols) }, shape)
    }

    private func checkGradients(_ layer: any Layer, _ place: Testing.SourceLocation) throws {
        let contents = LayerContents(layer)
        let x = sample(Shape([batch] + input.dimensions), "x")
        let values = contents.parameters.map { sample($0.slot.shape, $0.path) }
        for mode in differentiable {
            for (_, part) in contents.layers { (part as? any ModeDependent)?.mode = mode }
            let result = GradientCheck.run(at: (symbols == nil ? [x] : []) + values) { leaves in
                for ((_, slot), leaf) in zip(contents.parameters, leaves.suffix(values.count)) { slot.tensor = leaf }
                return layer(symbols == nil ? leaves[0] : arriving("x"))
            }
            #expect(result.worst < 1e-7, "\(mode): \(result)", sourceLocation: place)
            for (_, slot) in contents.statistics { _ = slot.takeNext() }
        }
    }

    private func checkModes(_ state: ModelState, _ place: Testing.SourceLocation) throws {
        let x = arriving("data")
        var results: [Mode: [Float]] = [:]
        for mode in [Mode.training, .inference] {
            state.mode = mode
            state.setKey(RandomKey(seed: 1, step: 1))
            let y = state.model(x)
            let values = try y.values(), expected = Reference.evaluate([y])[0].values
            for (value, expected) in zip(values, expected) {
                #expect(abs(Double(value) - expected) <= 1e-5 * max(1, abs(expected)), sourceLocation: place)
            }
            results[mode] = values
            let assigned = state.contents.statistics.filter { $0.slot.takeNext() != $0.slot.tensor }.count
            #expect(assigned == (mode == .training ? statistics.count : 0), sourceLocation: place)
        }
        #expect((results[.training] != results[.inference]) == dependsOnMode, sourceLocation: place)
        state.setKey(RandomKey(seed: 1, step: 2))
        #expect(
            try state.model(x).values() == results[.inference], "inference is left to chance", sourceLocation: place)
    }

    /// A step of gradient descent on sum(c y^2) with different c.
    private func checkStep(_ state: ModelState, _ place: Testing.SourceLocation) throws {
        guard !parameters.isEmpty || !statistics.isEmpty else { return }
        state.mode = .training
        let y = state.model(arriving("step"))
        let loss = (y.squared() * tensor("weights", output)).sum()
        let gradients = loss.gradients(by: state.parameters.entries.map { state.parameters.tensor($0.path)! })
        let gradient = state.parameters.assemble(gradients, in: 0..<state.parameters.storage.count)
        let statistics = state.statistics
        let next = statistics.assemble(
            state.contents.statistics.map { $0.slot.takeNext() }, in: 0..<statistics.storage.count)
        let before = state.snapshot()
        try Engine.current.compile(
            Computation(
                outputs: [loss],
                updates: [
                    .init(state.parameters.tensor, state.parameters.tensor - 0.01 * gradient),
                    .init(statistics.tensor, next),
                ])
        ).run()
        let after = state.snapshot()
        for (buffer, first, second) in [
            (state.parameters, before.parameters, after.parameters),
            (statistics, before.statistics, after.statistics),
        ] {
            for entry in buffer.entries {
                let range = entry.offset..<entry.offset + entry.shape.count
                #expect(first[range] != second[range], "\(entry.path) did not change", sourceLocation: place)
                #expect(second[range].allSatisfy { $0.isFinite }, sourceLocation: place)
            }
        }
        state.mode = .inference
    }
}
