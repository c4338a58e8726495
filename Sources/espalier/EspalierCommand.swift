import ArgumentParser
import Espalier
import Foundation

/// `espalier`: its subcommands, and how the process ends.
@main
struct EspalierCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "espalier",
        abstract: "Trains deep networks, and shows how it went.",
        discussion: """
            espalier train digits                trains on the built-in digits
            espalier train config.yaml           trains what a configuration describes
            espalier train data.csv              trains on a table; its last column is predicted

            Exit status: 0 done; 1 the work failed (a training diverged or was interrupted); 2 the command line, the \
            configuration, the data or a file cannot be used.
            """,
        subcommands: [
            Train.self, Check.self, RangeTest.self, Evaluate.self, Predict.self, Export.self, DataCommand.self,
            List.self,
            ReportCommand.self,
            DashboardCommand.self,
            DoctorCommand.self,
            SearchCommand.self,
            LabCommand.self,
            AssessCommand.self,
        ])

    static func main() {
        Console.occupyDescriptors()
        do {
            try checkName(CommandLine.arguments.dropFirst().first)
            var command = try parseAsRoot()
            try command.run()
        } catch let error as Failure {
            Console.error("error: \(error.reason)")
            Foundation.exit(1)
        } catch let error where error is EspalierError || error is EngineError {
            Console.error("error: \(error)")
            Foundation.exit(2)
        } catch {
            let text = fullMessage(for: error)
            if exitCode(for: error) == .success {
                Console.write(text + "\n", to: STDOUT_FILENO)
                Foundation.exit(0)
            }
            Console.error(text)
            Foundation.exit(2)
        }
    }

    /// The parser would only say that a word was not expected.
    private static func checkName(_ name: String?) throws {
        let known = configuration.subcommands.map { $0._commandName } + ["help"]
        guard let name, !name.hasPrefix("-"), !known.contains(name) else { return }
        throw unknown("command", name, among: known, at: nil)
    }
}

/// Nothing was wrong with what was asked for, but the work failed.
struct Failure: Error {
    var reason: EspalierError
}
