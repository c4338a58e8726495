import ArgumentParser
import Espalier
import Glibc

/// Espalier's contender of the benchmark: takes steps when `Benchmarks/compare.py` tells it to and says how long they took.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs a workload; reads `run K` and `quit` from standard input.")

    @Option(help: "What is run: the name of a network, for predictions followed by -inference- and the batch size.")
    var workload: Workload

    @OptionGroup var options: ThreadOptions

    func run() throws {
        let steps = try workload.steps(on: Engine(threads: options.threads))
        try steps.take()
        answer(
            #"{"ready": true, "versions": {}, "operations": \#(steps.operations), "plannedBytes": \#(steps.bytes)}"#)
        while let line = readLine() {
            let words = line.split(separator: " ")
            if words == ["quit"] { return }
            guard words.count == 2, words[0] == "run", let count = Int(words[1]), count >= 0 else {
                throw ValidationError("expected `run K` or `quit`, found `\(line)`")
            }
            let duration = try ContinuousClock().measure {
                for _ in 0..<count { try steps.take() }
            }
            answer(#"{"seconds": \#(duration / .seconds(1))}"#)
        }
    }

    /// Sends one line at once, though standard output is a pipe.
    private func answer(_ line: String) {
        print(line)
        fflush(nil)
    }
}
