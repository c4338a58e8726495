// The article "Coming from MLX".
import Espalier

/// A network of two layers, as a class of one's own.
final class Network: Layer {
    let hidden: Linear
    let output: Linear

    init(_ inputs: Int, _ width: Int, _ outputs: Int) {
        hidden = Linear(inputs, width, initializer: HeNormal())
        output = Linear(width, outputs)
    }

    func forward(_ x: Tensor) -> Tensor { output(hidden(x).relu()) }
}

func comingFromMLX() throws {
    print("--- Coming from MLX")
    let x = Tensor([0.5, -1, 2], [3])
    let height = (3 * x.squared()).sum()
    let slope = height.gradients(by: [x])[0]
    print(try height.item(), try slope.values())

    let input = Tensor.input("x", [2, 2])
    let plan = try Engine.current.compile(Computation(inputs: [input], outputs: [input.matmul(input).softmax()]))
    for (index, value) in [Float](arrayLiteral: 1, 0, 2, 1).enumerated() { plan.input(0).floats[index] = value }
    try plan.run()
    print(plan.output(0).map { $0 })

    var split = try SplitSpecification()(DigitsSource().load(relativeTo: ""))
    _ = try split.scale(.unit)
    let trainer = try Trainer(
        Network(64, 128, 10), loss: CrossEntropyLoss(), metrics: [Accuracy()], optimizer: Adam(learningRate: 0.003),
        settings: TrainingSettings(epochs: 10, batchSize: 64, seed: 7), sampleShape: [64])
    _ = try trainer.fit(split.train, validation: split.validation)
    if let test = split.test { print(try trainer.evaluate(test)) }

    require(try slope.values() == [3, -6, 12], "the slope of 3 x^2 is 6 x")
    require(try trainer.evaluate(split.train)["accuracy"] ?? 0 > 0.95, "it trains")
}
