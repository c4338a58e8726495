// The article "Training".
import Espalier

/// Ends a training once its training loss is low enough.
struct LowEnough: Callback {
    var loss = 0.1

    static let name = "lowEnough"
    static let summary = "Ends a training whose training loss is low enough"
    static let fields = [Field("loss", \Self.loss, "the loss that is enough", in: .positive)]

    func follow() -> any Follower { Watch(loss: loss) }

    private struct Watch: Follower {
        let loss: Double
        var memory = NoMemory()

        func epochEnded(_ record: EpochRecord) -> String? {
            record.train.loss > loss ? nil : "a training loss of \(record.train.loss) is low enough"
        }
    }
}

func training() throws {
    print("--- Training")
    let experiment = try Experiment.read("digits.yaml", overrides: ["training.epochs=10"])
    let run = try TrainingRun(experiment, in: { try RunFolder.next(named: $0.name) }, attendant: Doctor())
    let report = try Report.write(folder: run.folder.path)
    print(run.result.message)
    if let test = run.summary.test { print("test: \(test)") }
    print("report: \(report)")

    let model = try SavedModel(run.folder)
    let digits = try DigitsSource().load(relativeTo: "")
    let first = Array(digits.inputs.prefix(64))
    if case .label(let digit, let probabilities) = try model.predict(first)[0] {
        print("the first image shows a \(digit), with probability \(probabilities.max() ?? 0)")
    }
    require(run.summary.test?["accuracy"] ?? 0 > 0.93, "ten epochs are enough for the digits")
}

func ownLoop() throws {
    var split = try SplitSpecification()(DigitsSource().load(relativeTo: ""))
    _ = try split.scale(.unit)

    let model = Sequential {
        Linear(64, 128)
        ReLU()
        Linear(128, 10)
    }
    let trainer = try Trainer(
        model, loss: CrossEntropyLoss(), metrics: [Accuracy()], optimizer: Adam(learningRate: 0.003),
        sampleShape: [64])
    for epoch in 1...5 {
        let order = DataOrder.permutation(count: split.train.count, seed: 7, epoch: epoch)
        var loss = 0.0
        for rows in Batches(order, size: 64) {
            loss += try trainer.step(on: rows, of: split.train) * Double(rows.count)
        }
        print("epoch \(epoch): loss \(loss / Double(split.train.count))")
        if epoch == 3 { trainer.learningRate /= 10 }
    }

    let ended = try Trainer(
        model, loss: CrossEntropyLoss(), optimizer: Adam(learningRate: 0.003),
        callbacks: [LowEnough(loss: 0.2)], sampleShape: [64]
    ).fit(split.train)
    print(ended.message)
    require(ended.status == .stoppedEarly, "a callback of one's own ends a training")
    require(try trainer.evaluate(split.train)["accuracy"] ?? 0 > 0.9, "a loop of one's own trains")
}
