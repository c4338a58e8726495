import ArgumentParser
import Espalier

/// `espalier evaluate RUN [DATA]`
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures a run's best weights on its held-out data, or on other data.")

    @Argument(help: ArgumentHelp("A run folder.", valueName: "run"))
    var runFolder: String

    @Argument(help: "Data (.csv with the columns of the training, or the name of a built-in source).")
    var data: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let folder = try RunFolder.opening(runFolder)
        let model = try SavedModel(folder, engine: common.engine)
        let parts = try model.evaluations(of: folder, on: data)
        for (name, scores) in parts {
            let text = (["loss \(scores.loss.short)"] + scores.metrics.map { "\($0.name) \($0.value.short)" })
            common.say("\(name): \(text.joined(separator: ", "))\n")
        }
        if common.json { common.printJSON(.map(parts.map { .init($0.name, $0.scores.configuration) })) }
    }
}
