import ArgumentParser
import Espalier
import Foundation

/// Options that every command has.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print errors and what was asked for, and nothing else.")
    var quiet = false

    @Flag(help: "Print the result as JSON on standard output, everything else on standard error.")
    var json = false

    /// Text for people: on standard output, or on standard error where the result goes to standard output.
    ///
    /// Where nobody can read it any more, the work goes on without.
    func say(_ text: String) {
        if !quiet { Console.write(text, to: json ? STDERR_FILENO : STDOUT_FILENO) }
    }

    /// Whether text for people goes to a terminal, where lines can be overwritten.
    var isTerminal: Bool { isatty(json ? STDERR_FILENO : STDOUT_FILENO) == 1 }
}

/// Options of the commands that read data.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder with data that is known by name, mnist/ and fashion/ (default: \(DataRoot.variable) in the "
                + "environment).", valueName: "folder"))
    var dataRoot: String?

    var root: DataRoot? { DataRoot(option: dataRoot, environment: ProcessInfo.processInfo.environment) }
}

/// Options of the commands that compute.
struct EngineOptions: ParsableArguments {
    @Option(help: "How many threads compute (default: the processors that this process or its container may use).")
    var threads: Int?

    func validate() throws {
        let processors = Processors.allowed
        guard let threads, !(1...processors).contains(threads) else { return }
        throw ValidationError(
            "--threads is \(threads); expected a whole number from 1 to \(processors), the processors that this process "
                + "may run on")
    }

    var engine: Engine { Engine(threads: threads) }
}
