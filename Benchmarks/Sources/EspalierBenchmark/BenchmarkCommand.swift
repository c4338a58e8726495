import ArgumentParser

/// The program that `Benchmarks/compare.py` asks: for a workload's steps, for the machine's peak, for how cost grows,
/// for losses to compare, for how memory stays, for what probes cost, for what searches find.
@main
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "espalier-benchmark", abstract: "Measures Espalier's training steps and predictions.",
        subcommands: [
            ServeCommand.self, PeakCommand.self, ScalingCommand.self, CurveCommand.self, MemoryCommand.self,
            ProbesCommand.self, SearchCommand.self,
        ], defaultSubcommand: ServeCommand.self)
}

/// How many threads the kernels use.
struct ThreadOptions: ParsableArguments {
    @Option(help: "How many threads the kernels use.")
    var threads: Int

    func validate() throws {
        guard threads >= 1 else { throw ValidationError("--threads: expected at least 1, found \(threads)") }
    }
}
