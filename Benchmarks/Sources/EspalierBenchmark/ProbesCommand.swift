import ArgumentParser
import Espalier
import Foundation

/// Measures what the doctor costs: probed steps among steps that are not, in one training.
///
/// Of every four steps one is probed. What a cycle of four takes longer than twice the middle two of them is the cost of
/// the probe with all that is made of it. Each cycle is compared with itself, so that a machine that is busy now and then
/// does not show.
struct ProbesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probes", abstract: "Measures what probes cost, as a share of a step's time.")

    @Argument(help: "The networks.")
    var networks: [Network] = [.mlp, .cnn, .lstm]

    @Option(help: "How many cycles of four steps to take.")
    var cycles = 40

    @OptionGroup var options: ThreadOptions

    func run() throws {
        print("network  threads  step, ms  probe, ms  probed at every step  every 50 steps")
        for network in networks {
            let trainer = try Trainer(
                network.model, loss: CrossEntropyLoss(), optimizer: network.optimizer, penalty: network.penalty,
                settings: TrainingSettings(epochs: 1, batchSize: network.batchSize),
                doctor: DoctorSettings(probeEvery: 4), sampleShape: Shape(network.sampleShape),
                targetShape: network.targetShape, engine: Engine(threads: options.threads))
            let doctor = Doctor(attending: trainer)
            let clock = StepClock()
            trainer.listeners.append(clock)
            _ = try trainer.fit(try network.samples(4 * (cycles + 4) * network.batchSize))
            withExtendedLifetime(doctor) {}
            let (step, probe) = clock.measured
            let columns = [step * 1000, probe * 1000, probe / step * 100, probe / step * 2]
            print(
                String(
                    format: "%@  %7d  %8.3f  %9.3f  %18.2f %%  %12.3f %%",
                    network.rawValue.padding(toLength: 7, withPad: " ", startingAt: 0), options.threads, columns[0],
                    columns[1], columns[2], columns[3]))
        }
    }
}

extension Network: ExpressibleByArgument {}

/// When each step ended.
private final class StepClock: TrainingListener {
    private var ends: [ContinuousClock.Instant] = []

    func handle(_ event: TrainingEvent) {
        if case .step = event { ends.append(.now) }
    }

    /// Seconds of a step without a probe, and of the probe; medians over the cycles but for the first three.
    var measured: (step: Double, probe: Double) {
        let spans = zip(ends, ends.dropFirst()).map { ($1 - $0) / .seconds(1) }
        // The first step is a probed one: after it comes a plain one that also waits for what is made of the probe.
        let cycles = stride(from: 12, to: spans.count - 3, by: 4).map { Array(spans[$0..<$0 + 4]) }
        let plain = cycles.flatMap { $0[1...2] }.sorted()[cycles.count]
        let probe = cycles.map { $0.reduce(0, +) - 2 * ($0[1] + $0[2]) }.sorted()[cycles.count / 2]
        return (plain, probe)
    }
}
