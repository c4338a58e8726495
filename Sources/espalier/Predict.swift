import ArgumentParser
import Espalier

/// `espalier predict RUN DATA`.
struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Predicts with a run's best weights.",
        discussion: """
            Writes CSV with a row per sample: the class and the probability of each class, or the predicted values. A \
            table's columns are found by their names, in any order; the one to predict need not be there. With --continue, \
            a model of text goes on where the text DATA ends.
            """)

    @Argument(help: ArgumentHelp("A run folder.", valueName: "run"))
    var runFolder: String

    @Argument(
        help: "Data (.csv with the training's features, .npz, .npy, .txt, IDX, images), or the name of a source.")
    var data: String

    @Option(help: ArgumentHelp("The CSV file to write (default: standard output).", valueName: "file"))
    var out: String?

    @Option(
        help: ArgumentHelp(
            "Leave dropout on and predict so many times: mean and spread (Monte-Carlo dropout).", valueName: "count"))
    var samples: Int?

    @Option(
        name: .customLong("continue"),
        help: ArgumentHelp("Write so many characters or bytes more, with a model of text.", valueName: "count"))
    var continuation: Int?

    @Option(help: "With --continue: below 1 the likely becomes likelier, above 1 less so.")
    var temperature = 1.0

    @Option(help: "With --continue: what the draws follow from.")
    var seed = 0

    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let model = try SavedModel(try RunFolder.opening(runFolder), engine: engine.engine)
        if let continuation { return try write(continuation, model) }
        let table = try model.predictionTable(for: data, root: dataOptions.root, samples: samples)
        if let out {
            try AtomicFile.write(table.csv, to: out)
            common.say("\(table.rows.count) predictions: \(out)\n")
        }
        if common.json {
            try Console.result(json: table.configuration)
        } else if out == nil {
            try Console.result(table.csv)
        }
    }

    private func write(_ count: Int, _ model: SavedModel) throws {
        let text = try model.continuation(ofTextAt: data, count: count, temperature: temperature, seed: seed)
        if let out { try AtomicFile.write(text, to: out) }
        if common.json {
            try Console.result(json: ["continuation": .string(text)])
        } else if out == nil {
            try Console.result(text + "\n")
        }
    }

    func validate() throws {
        guard let continuation, !(0...1_000_000).contains(continuation) else { return }
        throw ValidationError("--continue is \(continuation); expected a whole number from 0 to 1000000")
    }
}
