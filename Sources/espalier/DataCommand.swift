import ArgumentParser
import Espalier

/// `espalier data`: what can be done with data alone.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Looks at data.", subcommands: [Describe.self])
}

/// `espalier data describe SOURCE`.
struct Describe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what data holds: columns, ranges, what is missing, classes, pictures.",
        discussion: """
            Of a configuration, its source is shown: all of it, as it is before it is divided and scaled.
            """)

    @Argument(
        help: "Data (.csv, .npz, .npy, .txt, IDX, images), the name of a source (digits), or a configuration (.yaml).")
    var source: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Overrides the configuration; may be repeated: --set data.source.csv.target=price",
            valueName: "key.path=value"))
    var overrides: [String] = []

    @OptionGroup var data: DataOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let settings = try Experiment.read(source, overrides: overrides).rooted(at: data.root).data
        let description = try DataDescription(of: settings.source, relativeTo: settings.folder)
        if common.json {
            try Console.result(json: description.configuration)
        } else {
            try Console.result(description.text)
        }
    }
}
