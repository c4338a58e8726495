import ArgumentParser
import Espalier
import Foundation

/// `espalier train CONFIG|DATA`
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains the model of a configuration, or a model chosen for the data, and writes a run folder.")

    @Argument(help: "A configuration (.yaml), data (.csv), or the name of a built-in source (digits).")
    var input: String

    @Option(name: .customLong("set"), help: "Overrides the configuration: key.path=value; may be repeated.")
    var overrides: [String] = []

    @Option(help: "The run folder (default: runs/NAME-N).")
    var out: String?

    @Option(help: "The seed of the run.")
    var seed: Int?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let overrides = self.overrides + (seed.map { ["training.seed=\($0)"] } ?? [])
        let experiment = try Experiment.read(input, overrides: overrides)
        if experiment.model == nil { common.say("no model is given: one is chosen for the data\n") }
        let printer = ProgressPrinter(isTerminal: common.isTerminal, write: common.say)
        let interrupt = Interrupt()
        let run = try TrainingRun(
            experiment,
            in: { try out.map(RunFolder.taking) ?? RunFolder.next(named: $0.name) },
            listeners: [printer], engine: common.engine, shouldInterrupt: { interrupt.isAsked })
        let report = try Report.write(folder: run.folder.path)
        tell(run, report)
        if run.result.status == .diverged || run.result.status == .interrupted { throw Failure() }
    }

    private func tell(_ run: TrainingRun, _ report: String) {
        func text(_ scores: Scores) -> String {
            (["loss \(scores.loss.short)"] + scores.metrics.map { "\($0.name) \($0.value.short)" })
                .joined(separator: ", ")
        }
        common.say("train: \(text(run.summary.train))\n")
        if let test = run.summary.test { common.say("test: \(text(test))\n") }
        common.say("run: \(run.folder.path)\nreport: \(report)\n")
        if common.json {
            let place: [ConfigurationValue.Entry] = [
                .init("run", .string(run.folder.path)), .init("report", .string(report)),
            ]
            guard case .map(let entries) = run.summary.configuration else { return }
            common.printJSON(.map(place + entries))
        }
    }
}

/// Whether the user has asked to stop, by Ctrl-C or a termination signal; asked twice, the process ends at once.
private final class Interrupt {
    private let flag: UnsafeMutablePointer<sig_atomic_t>

    /// Signal handlers can reach no object, so the flag lives in memory of its own for as long as the process.
    private nonisolated(unsafe) static let memory: UnsafeMutablePointer<sig_atomic_t> = {
        let memory = UnsafeMutablePointer<sig_atomic_t>.allocate(capacity: 1)
        memory.initialize(to: 0)
        return memory
    }()

    init() {
        flag = Self.memory
        for signal in [SIGINT, SIGTERM] {
            _ = Foundation.signal(signal) { number in
                if Interrupt.memory.pointee != 0 { _exit(128 + number) }
                Interrupt.memory.pointee = 1
            }
        }
    }

    var isAsked: Bool { flag.pointee != 0 }
}
