// Trains a network on the built-in handwritten digits, measures it on digits that it has not seen, and reads one.
import Espalier
import Foundation

let digits = try DigitsSource().load(relativeTo: "")
var split = try SplitSpecification()(digits)
let scalers = try split.scale(.standard)
guard let validation = split.validation, let test = split.test else { exit(1) }

let model = Sequential {
    Linear(64, 128)
    ReLU()
    Dropout(p: 0.2)
    Linear(128, 10)
}
let trainer = try Trainer(
    model, loss: CrossEntropyLoss(), metrics: [Accuracy()], optimizer: Adam(learningRate: 0.001),
    settings: TrainingSettings(epochs: 20, batchSize: 64, seed: 7), callbacks: [EarlyStopping(patience: 5)],
    sampleShape: [64])
let result = try trainer.fit(split.train, validation: validation)
print("\(result.history.count) epochs: \(result.message)")

let scores = try trainer.evaluate(test)
let accuracy = scores["accuracy"] ?? 0
print(String(format: "test: loss %.4f, accuracy %.4f", scores.loss, accuracy))

// A sample from outside is scaled as the training rows were.
var image = Array(digits.inputs.prefix(64))
scalers.inputs.apply(to: &image)
let logits = try trainer.predict(image)
let digit = logits.indices.max { logits[$0] < logits[$1] } ?? -1
print("the first image shows a \(digit)")

// The first image of the data is a zero.
if accuracy < 0.93 || digit != 0 { exit(1) }
