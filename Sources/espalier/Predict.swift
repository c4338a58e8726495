import ArgumentParser
import Espalier

/// `espalier predict RUN DATA`.
struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Predicts with a run's best weights.",
        discussion: """
            Writes CSV with a row per sample: the class and the probability of each class, or the predicted values. A \
            table's columns are found by their names, in any order; the one to predict need not be there.
            """)

    @Argument(help: ArgumentHelp("A run folder.", valueName: "run"))
    var runFolder: String

    @Argument(
        help: "Data (.csv with the training's features, .npz, .npy, IDX, a folder of images), or the name of a source.")
    var data: String

    @Option(help: ArgumentHelp("The CSV file to write (default: standard output).", valueName: "file"))
    var out: String?

    @Option(
        help: ArgumentHelp(
            "Leave dropout on and predict so many times: mean and spread (Monte-Carlo dropout).", valueName: "count"))
    var samples: Int?

    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let model = try SavedModel(try RunFolder.opening(runFolder), engine: engine.engine)
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
}
