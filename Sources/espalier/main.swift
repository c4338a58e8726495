import Espalier
let t0 = ContinuousClock.now
let args = CommandLine.arguments
if args.count > 1, args[1] == "bench" {
    let threads = Int(args[2])!
    let batch = args[3] == "tiny" ? 100 : 128
    let model: Sequential
    switch args[3] {
    case "tiny": model = Sequential { for i in 0..<5 { Linear(i == 0 ? 784 : 100, 100); ReLU() }; Linear(100, 10) }
    case "mlp": model = Sequential { Linear(784, 512); ReLU(); Dropout(p: 0.2); Linear(512, 512); ReLU(); Dropout(p: 0.2); Linear(512, 10) }
    default: model = Sequential { Linear(784, 512); BatchNorm(512); ReLU(); Linear(512, 512); BatchNorm(512); ReLU(); Linear(512, 10) }
    }
    var r = RandomStream(seed: 1, "x")
    let x = (0..<batch * 784).map { _ in Float(r.normal()) }
    let y = (0..<batch).map { _ in Int32(r.next() % 10) }
    let data = try Dataset(name: "x", sampleShape: [784], inputs: x, targets: .classes(y, names: (0..<10).map(String.init)))
    let opt: any Optimizer = args[3] == "tiny" ? SGD(learningRate: 0.01) : Adam()
    let engine = Engine(threads: threads)
    let trainer = try Trainer(model, loss: CrossEntropyLoss(), optimizer: opt, settings: TrainingSettings(epochs: 1, batchSize: batch), sampleShape: [784], engine: engine)
    let ex = try trainer.benchmarkPlan(data)
    print("first", t0.duration(to: .now))
    if args.count > 4 { print(ex.plan) }
    for _ in 0..<5 {
        let n = args[3] == "tiny" ? 1000 : 200
        let t = ContinuousClock.now
        for _ in 0..<n { try ex.run() }
        print(args[3], "us/step", t.duration(to: .now) / n)
    }
    if args.count > 4 { ex.profile() }
} else {
    let split = try SplitSpecification()(DigitsSource().load(relativeTo: "."))
    var s = split; _ = try s.scale(.standard)
    for seed in 0..<5 {
    let model = Sequential { Linear(64, 128); ReLU(); Dropout(p: 0.2); Linear(128, 10) }
    let trainer = try Trainer(model, loss: CrossEntropyLoss(), metrics: [Accuracy()], optimizer: Adam(), settings: TrainingSettings(epochs: 30, batchSize: 64, seed: seed), sampleShape: [64])
    let result = try trainer.fit(s.train, validation: s.validation)
    print(result.history.last!.train, result.best!.epoch, try trainer.evaluate(s.test!), result.seconds)
    if seed == 0 { print(trainer.traces) }
    }
}
