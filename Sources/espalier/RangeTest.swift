import ArgumentParser
import Espalier

/// `espalier range CONFIG|DATA`.
struct RangeTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "range",
        abstract: "Tries rising learning rates and says which to begin with.",
        discussion: """
            Takes steps from the first weights at rates that rise from the lowest to the highest, until the loss \
            explodes. Changes nothing. What it suggests is for the first steps: give it a schedule that falls later.
            """)

    @Argument(help: "A configuration (.yaml), data, or the name of a source (digits).")
    var input: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Overrides the configuration; may be repeated.", valueName: "key.path=value"))
    var overrides: [String] = []

    @Option(help: "The first learning rate.")
    var from = 1e-6

    @Option(help: "The last learning rate.")
    var to = 10.0

    @Option(help: "How many steps to take.")
    var steps = 100

    @Option(help: "What every random draw follows from.")
    var seed: Int?

    @Option(help: ArgumentHelp("A page with the curve to write, such as range.html.", valueName: "file"))
    var out: String?

    @OptionGroup var data: DataOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let test = try LearningRateRangeTest(from: from, to: to, steps: steps)
        let overrides = self.overrides + (seed.map { ["training.seed=\($0)"] } ?? [])
        let prepared = try Experiment.read(input, overrides: overrides).rooted(at: data.root).prepare()
        let trainer = try prepared.makeTrainer(engine: engine.engine)
        let result = try test.run(trainer, on: prepared.data.train)
        let optimizer = prepared.experiment.optimizer
        let setting = type(of: optimizer).name
        if common.json {
            try Console.result(json: result.configuration)
        } else {
            try Console.result(result.text(present: optimizer.learningRate, setting: setting))
        }
        if let out {
            let page = try Report.write(
                range: result.configuration, name: prepared.experiment.name,
                setting: "optimizer.\(setting).learningRate", present: optimizer.learningRate, to: out)
            common.say("page: \(page)\n")
        }
    }
}
