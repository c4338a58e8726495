import ArgumentParser
import Espalier
import Foundation
import Synchronization

/// `espalier dashboard [RUN…]`.
struct DashboardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard", abstract: "Shows runs in the browser, live while they train.",
        discussion: """
            Serves pages on http://127.0.0.1, for this machine alone: a list of the runs, and for each run what its \
            report shows, kept up to date. It only reads: to stop a training and to go on with it is the command \
            line's. Ctrl-C ends it; trainings go on.
            """)

    @Argument(
        help: ArgumentHelp("Run folders, or folders that hold runs (default: runs).", valueName: "run"))
    var runs: [String] = []

    @Option(help: "The port to listen on; 0 takes one that is free.")
    var port = Dashboard.standardPort

    @OptionGroup var common: CommonOptions

    func run() throws {
        let dashboard = try Dashboard(runs)
        let interrupt = Interrupt()
        interrupt.listen()
        let outcome = Mutex<Result<Void, any Error>?>(nil)
        let isOver = DispatchSemaphore(value: 0)
        Task { [port] in
            do {
                try await dashboard.serve(port: port, opened: announce) { interrupt.isAsked }
                outcome.withLock { $0 = .success(()) }
            } catch {
                outcome.withLock { $0 = .failure(error) }
            }
            isOver.signal()
        }
        isOver.wait()
        try outcome.withLock { $0 }?.get()
        common.say("dashboard: ended\n")
    }

    private func announce(_ address: String) {
        if common.json {
            try? Console.result(json: ["dashboard": .string(address)])
        } else {
            common.say("dashboard: \(address) (Ctrl-C ends it)\n")
        }
    }
}
