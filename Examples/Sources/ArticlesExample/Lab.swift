// The article "The lab".
import Espalier

/// How small a loss gets under several learning rates.
struct RateSweep: LabExperiment {
    var epochs = 5

    static let name = "rateSweep"
    static let summary = "The loss on the digits after a few epochs at several learning rates"
    static let lesson = """
        Too small a rate does not come far, too large a one leaves the valley. Between them lies a factor of some tens in \
        which the result hardly depends on it. It is worth looking for that range before anything else.
        """
    static let fields = [Field("epochs", \Self.epochs, "epochs of each training", in: 1...)]

    func run(in lab: Lab) throws -> LabResult {
        let rates = [0.0001, 0.001, 0.01, 0.1, 1]
        let losses = try lab.map(rates) { rate in
            let experiment = try Experiment.read(
                "digits", overrides: ["optimizer.adam.learningRate=\(rate)", "training.epochs=\(epochs)"])
            let prepared = try experiment.prepare()
            let result = try prepared.makeTrainer(engine: Engine(threads: 1)).fit(prepared.data.train)
            return result.history.last?.train.loss ?? .nan
        }
        let figure = LabFigure.Lines(
            x: .init("learning rate", logarithmic: true), y: .init("training loss", logarithmic: true),
            [.init("digits", x: rates, y: losses)])
        return LabResult(
            data: "digits", measurements: zip(rates, losses).map { LabMeasurement("loss at \($0)", $1) },
            figures: [LabFigure("Training loss by learning rate", "Lowest in the middle.", .lines(figure))])
    }
}

func lab() throws {
    print("--- The lab")
    let lab = Lab(dataRoot: DataRoot(path: "data"))
    let paths = try lab.run(OptimizerPaths())
    print(paths.text)
    require(paths.result.measurements.allSatisfy { $0.isInside == true }, "all is inside of the bands")

    let run = try lab.run(RateSweep())
    let folder = try LabFolder("sweep", experiments: [RateSweep.name])
    try run.write(to: folder.path)
    print(run.text, try Report.writeLab(folder: folder.path))
    let losses = run.result.measurements.map(\.measured)
    require(losses.min() != losses.first && losses.min() != losses.last, "the lowest loss lies in the middle")
}
