// The article "Coming from PyTorch".
import Espalier

func comingFromPyTorch() throws {
    print("--- Coming from PyTorch")
    var split = try SplitSpecification()(DigitsSource().load(relativeTo: ""))
    _ = try split.scale(.unit)

    let model = Sequential {
        Linear(64, 128)
        BatchNorm(128)
        ReLU()
        Dropout(p: 0.2)
        Linear(128, 10)
    }
    let trainer = try Trainer(
        model, loss: CrossEntropyLoss(), metrics: [Accuracy()],
        optimizer: AdamW(learningRate: 0.003, weightDecay: 0.01), schedule: CosineSchedule(),
        gradient: GradientSettings(clipNorm: 1),
        settings: TrainingSettings(epochs: 10, batchSize: 64, seed: 7), sampleShape: [64])
    _ = try trainer.fit(split.train, validation: split.validation)
    if let test = split.test { print(try trainer.evaluate(test)) }

    let contents = trainer.state.contents
    let arrays = try contents.parameters.map { path, slot in
        NamedArray(path, shape: slot.shape.dimensions, try slot.tensor.values())
    }
    let statistics = try contents.statistics.map { path, slot in
        NamedArray(path, shape: slot.shape.dimensions, try slot.tensor.values())
    }
    try SafeTensors(arrays + statistics).write(to: "weights.safetensors")
    try trainer.state.load(SafeTensors.read("weights.safetensors"), from: "weights.safetensors")

    print((arrays + statistics).map { "\($0.name) \($0.shape)" })
    require(try trainer.evaluate(split.train)["accuracy"] ?? 0 > 0.95, "it trains")
    require(statistics.map(\.name) == ["1.running_mean", "1.running_var"], "names are PyTorch's")
}
