import ArgumentParser
import Espalier

/// `espalier evaluate RUN [DATA]`.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures a run's best weights.",
        discussion: """
            Without DATA: on the parts of the data that the run was made with. A table's columns are found by their \
            names, in any order.
            """)

    @Argument(help: ArgumentHelp("A run folder.", valueName: "run"))
    var runFolder: String

    @Argument(
        help: "Data (.csv with the training's columns, .npz, .npy, .txt, IDX, images), or the name of a source.")
    var data: String?

    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let model = try SavedModel(try RunFolder.opening(runFolder), engine: engine.engine)
        let root = dataOptions.root
        let parts = try data.map { try [model.evaluation(on: $0, root: root)] } ?? model.evaluations(root: root)
        if common.json {
            let scores = parts.map { ConfigurationValue.Entry($0.name, $0.scores.configuration) }
            let intervals = Scores.intervals(of: parts.map { ($0.name, $0.scores) })
            try Console.result(json: .map(scores + [.init("intervals", intervals)]))
        } else {
            try Console.result(parts.map { "\($0.name): \($0.scores)\n" }.joined())
        }
    }
}
