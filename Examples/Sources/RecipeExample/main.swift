// A recipe of many techniques put together in code, without a configuration: a residual convolutional network on moved
// digits, label smoothing, decoupled decay, warm-up and cosine, clipping, and an average of the weights.
import Espalier
import Foundation

var split = try SplitSpecification()(DigitImagesSource().load(relativeTo: ""))
_ = try split.scale(.standard)
guard let validation = split.validation, let test = split.test else { exit(1) }

let model = Sequential {
    Conv2d(1, 16, kernelSize: 3, padding: .same)
    GroupNorm(4, 16)
    ReLU()
    Residual(
        Sequential {
            Conv2d(16, 16, kernelSize: 3, padding: .same)
            GroupNorm(4, 16)
            ReLU()
            Dropout2d(p: 0.1)
        })
    MaxPool2d(kernelSize: 2)
    Flatten()
    Linear(16 * 4 * 4, 10, initializer: Orthogonal())
}
let trainer = try Trainer(
    model, loss: CrossEntropyLoss(labelSmoothing: 0.1), metrics: [Accuracy(), F1()],
    optimizer: AdamW(learningRate: 0.003, weightDecay: 0.05),
    schedule: WarmupSchedule(steps: 40, then: CosineSchedule(decayTo: 0.01)),
    gradient: GradientSettings(clipNorm: 1), averaging: .ema(ExponentialAverage(decay: 0.98)),
    settings: TrainingSettings(epochs: 12, batchSize: 64, seed: 11), callbacks: [EarlyStopping(patience: 5)],
    sampleShape: [1, 8, 8], augmentations: [RandomCrop(padding: 1), MixUp(alpha: 0.2)])
let result = try trainer.fit(split.train, validation: validation)
print("\(result.history.count) epochs: \(result.message)")

let scores = try trainer.evaluate(test)
print(String(format: "test: accuracy %.4f, F1 %.4f", scores["accuracy"] ?? 0, scores["f1"] ?? 0))

guard let accuracy = scores["accuracy"], accuracy > 0.95 else { exit(1) }
