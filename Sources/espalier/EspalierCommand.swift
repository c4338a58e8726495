import ArgumentParser
import Espalier
import Foundation

/// `espalier`: what every subcommand shares, and how the process ends.
@main
struct EspalierCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "espalier",
        abstract: "Trains deep networks, and shows how it went.",
        subcommands: [Train.self, Evaluate.self, Predict.self, List.self, ReportCommand.self])

    /// Exit status: 0 done; 1 the work failed; 2 a usage, configuration or data error.
    static func main() {
        ThreadTeam.boundSpinning()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as Failure {
            Foundation.exit(error.status)
        } catch let error where error is EspalierError || error is EngineError {
            Console.error("error: \(error)")
            Foundation.exit(2)
        } catch {
            let text = fullMessage(for: error)
            if exitCode(for: error) == .success {
                print(text)
                Foundation.exit(0)
            }
            Console.error(text)
            Foundation.exit(2)
        }
    }
}

/// The work failed, and it was said why.
struct Failure: Error {
    var status: Int32 = 1
}

/// Where a command writes for people.
enum Console {
    static func error(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}

/// Options that every command has.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print nothing but errors and the result.")
    var quiet = false

    @Flag(help: "Print the result as JSON on standard output, everything else on standard error.")
    var json = false

    @Option(help: "How many threads compute (default: the processors that this process may use).")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads is \(threads); expected a whole number from 1 to 1024")
        }
    }

    var engine: Engine { Engine(threads: threads) }

    /// Text for people: on standard output, or on standard error where the result goes to standard output.
    func say(_ text: String) {
        if quiet { return }
        (json ? FileHandle.standardError : FileHandle.standardOutput).write(Data(text.utf8))
    }

    /// Whether text for people goes to a terminal, where lines can be overwritten.
    var isTerminal: Bool { isatty(json ? 2 : 1) == 1 }

    /// The result as JSON.
    func printJSON(_ value: ConfigurationValue) {
        print(JSON.write(value, pretty: true))
    }
}
