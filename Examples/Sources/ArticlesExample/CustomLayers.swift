// The article "Custom layers".
import Espalier

/// A gated linear unit with weights of its own: y = (x W^T) * sigmoid(x V^T + c).
final class Gated: Layer {
    @Parameter var weight: Tensor
    @Parameter var gate: Tensor
    @Parameter var bias: Tensor

    init(_ inputs: Int, _ outputs: Int) {
        _weight = Parameter([outputs, inputs], XavierUniform())
        _gate = Parameter([outputs, inputs], XavierUniform())
        _bias = Parameter([outputs], Zeros(), role: .bias)
    }

    func forward(_ x: Tensor) -> Tensor {
        let open = (x.matmul(gate, transposeSecond: true) + bias).sigmoid()
        return x.matmul(weight, transposeSecond: true) * open
    }
}

/// Two gated layers beside a shortcut, standardised in between.
final class GatedBlock: Layer {
    let narrow: Gated
    let norm: LayerNorm
    let wide: Gated

    init(_ width: Int, hidden: Int) {
        narrow = Gated(width, hidden)
        norm = LayerNorm(hidden)
        wide = Gated(hidden, width)
    }

    func forward(_ x: Tensor) -> Tensor { x + wide(norm(narrow(x))) }
}

/// Turns the signs of some values while training, and counts what share it turned.
final class SignNoise: ModeDependent {
    let p: Double
    var mode = Mode.inference
    @Randomness var random
    @Statistic var turned: Tensor

    init(p: Double) {
        self.p = p
        _turned = Statistic([], start: 0)
    }

    func forward(_ x: Tensor) -> Tensor {
        guard mode == .training else { return x }
        let turns = random.uniform(x.shape) .< Tensor(p)
        turned = turned * 0.9 + turns.cast(to: .float32).mean() * 0.1
        return .select(turns, -x, x)
    }
}

/// `gated: {units: 32}` in a configuration.
struct GatedSpecification: LayerSpecification {
    var units = 32

    static let kind = LayerKind.layer
    static let name = "gated"
    static let summary = "A linear map that a second one opens and shuts"
    static let fields = [Field("units", \Self.units, "values per sample that leave", in: 1...)]

    func makeLayer(_ context: LayerContext) throws -> any Layer {
        guard context.input.rank == 1 else { throw EspalierError("gated takes samples of one axis", fix: "flatten") }
        return Gated(context.input[0], units)
    }
}

func customLayers() throws {
    print("--- Custom layers")
    var split = try SplitSpecification()(DigitsSource().load(relativeTo: ""))
    _ = try split.scale(.unit)

    let model = Sequential {
        Gated(64, 32)
        GatedBlock(32, hidden: 64)
        SignNoise(p: 0.02)
        Linear(32, 10)
    }
    let trainer = try Trainer(
        model, loss: CrossEntropyLoss(), metrics: [Accuracy()], optimizer: Adam(learningRate: 0.003),
        settings: TrainingSettings(epochs: 10, batchSize: 64, seed: 7), sampleShape: [64])
    _ = try trainer.fit(split.train, validation: split.validation)

    for (path, slot) in trainer.state.contents.parameters { print(path, slot.shape) }
    for (path, slot) in trainer.state.contents.statistics { print(path, try slot.tensor.item()) }
    if let test = split.test { print(try trainer.evaluate(test)) }

    let x = ReferenceArray([2, 3], [0.5, -1, 2, 0.1, 0.3, -0.7]),
        w = ReferenceArray([2, 3], [1, 0.2, -0.4, 0.6, -1, 0.9])
    let check = GradientCheck.run(at: [x, w]) { inputs in
        inputs[0].matmul(inputs[1], transposeSecond: true) * inputs[0].sum(axes: [1], keepDimensions: true).sigmoid()
    }
    print("largest difference: \(check)")
    require(check.worst < 1e-7, "the derivative is right")
    require(try trainer.evaluate(split.train)["accuracy"] ?? 0 > 0.9, "layers of one's own learn")
    require(trainer.state.contents.parameters.map(\.path).contains("1.narrow.weight"), "paths are those of properties")

    var catalog = Catalog.standard
    catalog.register(GatedSpecification.self)
    let experiment = try Experiment(
        configuration: YAML.parse(
            "data: {source: digits}\nmodel: [{gated: {units: 32}}, {linear: {units: auto}}]", file: "gated.yaml"),
        catalog: catalog)
    require(try experiment.prepare().experiment.model?.count == 2, "a configuration names them")
}
