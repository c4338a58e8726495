import ArgumentParser
import Espalier
import Foundation

/// `espalier predict RUN DATA`
struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Predicts with a run's best weights, a row of CSV per sample.")

    @Argument(help: ArgumentHelp("A run folder.", valueName: "run"))
    var runFolder: String

    @Argument(help: "Data (.csv with the features of the training, or the name of a built-in source).")
    var data: String

    @Option(help: "The CSV file to write (default: standard output).")
    var out: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let model = try SavedModel(try RunFolder.opening(runFolder), engine: common.engine)
        let table = try model.predictionTable(for: data)
        if let out {
            try AtomicFile.write(table.csv, to: out)
            common.say("\(table.rows.count) predictions: \(out)\n")
        } else if common.json {
            common.printJSON(table.configuration)
        } else {
            FileHandle.standardOutput.write(Data(table.csv.utf8))
        }
    }
}
