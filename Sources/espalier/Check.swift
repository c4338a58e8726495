import ArgumentParser
import Espalier

/// `espalier check CONFIG`.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks for what is wrong before a training: in the configuration, the data and the first steps.",
        discussion: """
            Trains nothing for good and writes no file: some steps are taken on a few samples, and forgotten. Where the \
            configuration has a search, its ranges are looked at too. With --strict the exit status is 1 where a warning or an error is found.
            """)

    @Argument(help: "A configuration (.yaml), data, or the name of a source (digits).")
    var input: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Overrides the configuration; may be repeated.", valueName: "key.path=value"))
    var overrides: [String] = []

    @Option(help: "What every random draw follows from.")
    var seed: Int?

    @Flag(help: "Exit with status 1 where there is a warning or an error.")
    var strict = false

    @OptionGroup var data: DataOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let overrides = self.overrides + (seed.map { ["training.seed=\($0)"] } ?? [])
        let prepared = try Experiment.read(input, overrides: overrides).rooted(at: data.root).prepare()
        try Search.check(input, overrides: overrides, for: prepared)
        let examination = try Examination(prepared, try prepared.makeTrainer(engine: engine.engine))
        let diagnosis = examination.diagnosis
        if common.json {
            try Console.result(json: examination.configuration)
        } else {
            try Console.result(diagnosis.text(for: prepared.configuration))
        }
        guard strict, !diagnosis.isHealthy else { return }
        throw Failure(reason: EspalierError("\(input) has \(diagnosis.verdict)", expected: "none, with --strict"))
    }
}
