import ArgumentParser
import Espalier
import Glibc

/// Espalier's contender of the benchmark: trains when `Benchmarks/compare.py` tells it to and says how long it took.
@main
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "espalier-benchmark",
        abstract: "Trains a benchmark workload; reads `run K` and `quit` from standard input.")

    @Option(help: "What is trained.")
    var workload: Workload

    @Option(help: "How many threads the kernels use.")
    var threads: Int

    func validate() throws {
        guard threads >= 1 else { throw ValidationError("--threads: expected at least 1, found \(threads)") }
    }

    func run() throws {
        let step = try workload.trainingStep(threads: threads)
        try step()
        answer(#"{"ready": true, "versions": {}}"#)
        while let line = readLine() {
            let words = line.split(separator: " ")
            if words == ["quit"] { return }
            guard words.count == 2, words[0] == "run", let count = Int(words[1]), count >= 0 else {
                throw ValidationError("expected `run K` or `quit`, found `\(line)`")
            }
            let duration = try ContinuousClock().measure {
                for _ in 0..<count { try step() }
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
