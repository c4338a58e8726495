import ArgumentParser
import Espalier

/// `espalier export RUN --format F`.
struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a run's best weights, or its record, in a format that other programs read.",
        discussion: """
            onnx          the model itself, scaling included, for ONNX Runtime and others
            safetensors   the weights under PyTorch's names, for PyTorch and others
            npz           the same as NumPy's archive of arrays
            tensorboard   losses, metrics and learning rates as TensorBoard's event file
            """)

    @Argument(help: ArgumentHelp("A run folder.", valueName: "run"))
    var runFolder: String

    @Option(
        help: ArgumentHelp("\(ExportFormat.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "format"))
    var format: String

    @Option(
        help: ArgumentHelp(
            "The file to write, of tensorboard the folder (default: in the run folder).", valueName: "file"))
    var out: String?

    @Option(
        help: ArgumentHelp(
            "Replaces the beginning of the weights' names; may be repeated: --rename 0.=features.",
            valueName: "old=new"))
    var rename: [String] = []

    @OptionGroup var common: CommonOptions

    func run() throws {
        let format = try ExportFormat(named: format)
        let folder = try RunFolder.opening(runFolder)
        let export = try RunExport(folder, format, to: out, renaming: Renaming(options: rename))
        common.say("\(export.description)\n")
        if common.json { try Console.result(json: export.configuration) }
    }
}
