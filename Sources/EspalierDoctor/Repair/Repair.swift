import EspalierEngine
import EspalierSpec
import EspalierTraining
import Foundation

/// Finds a change of a training that helps, and proves it.
///
/// 1. The training as it is, from several seeds side by side. Where all are healthy, nothing is done.
/// 2. What their diagnoses propose is tried for short times, the better ones for longer (`Halving`), and what is best is
///    taken; what then is still wrong leads to the next round. Where nothing that is proposed helps, everything is tried
///    that is known to help some trainings.
/// 3. The best is trained whole from the same seeds as the training as it was, which no trial before has used. It is a repair
///    only where it gains on what is held out, beyond chance (`Acceptance`), and the doctor finds no error on any seed.
///
/// ```swift
/// let result = try Repair(experiment).run(in: RunFolder.next(named: "digits-repair"))
/// print(result.text)
/// ```
public struct Repair: Sendable {
    public var experiment: Experiment
    /// What may be tried.
    public var registry = Remedies.registry
    /// How many trainings go on side by side, each on one thread.
    public var workers = Processors.usable
    var acceptance = Acceptance()

    /// - Parameter experiment: Its `doctor` settings say on how many seeds, and how long it may take.
    public init(_ experiment: Experiment) { self.experiment = experiment }

    /// As many epochs as the training would take 120 times, or trainings of `Halving.leastSteps`.
    private static func usualEpochs(_ prepared: PreparedExperiment) -> Int {
        let settings = prepared.experiment.training
        let steps = max(1, prepared.data.train.count / settings.batchSize)
        return 120 * max(settings.epochs, Halving.leastSteps / steps)
    }

    /// Searches and writes `repair.json` and, where something helped, `repaired.yaml`; the trainings that count are kept
    /// below `repair/`.
    ///
    /// - Parameters:
    ///   - folder: Where to write. Where it holds the run of the training as it is, that run is the first before.
    ///   - say: Told of every attempt in a line.
    ///   - shouldInterrupt: Asked after every step of every training, by several threads: whether to end with what was found
    ///     so far.
    /// - Throws: `EspalierError` for what is wrong with the configuration, the data or a file, and for a folder with a repair.
    public func run(
        in folder: RunFolder, say: (String) -> Void = { _ in },
        shouldInterrupt: @escaping @Sendable () -> Bool = { false }
    ) throws -> RepairResult {
        guard !SystemFile.exists(folder.repair) else {
            throw EspalierError(
                "the folder already holds a repair", at: folder.path, expected: "a folder without repair.json",
                fix: "another --out")
        }
        let begin = ContinuousClock.now
        let prepared = try experiment.prepare()
        let settings = experiment.doctor
        let metric = HeldOutMetric(prepared)
        let runner = TrialRunner(
            metric: metric, limit: settings.repairEpochs ?? Self.usualEpochs(prepared),
            seconds: settings.repairSeconds, workers: workers, isInterrupted: shouldInterrupt)
        // Left by a repair that was killed.
        if SystemFile.exists(folder.repairRuns) { try FileManager.default.removeItem(atPath: folder.repairRuns) }
        var search = RepairSearch(
            prepared, in: folder, runner, registry: registry, acceptance: acceptance, seeds: settings.repairSeeds)
        var result = try withoutActuallyEscaping(say) { try search.run(say: $0) }
        result.seconds = (ContinuousClock.now - begin) / .seconds(1)
        if let repaired = result.experiment { try AtomicFile.write(repaired.yaml, to: folder.repaired) }
        try AtomicFile.write(JSON.write(result.configuration, pretty: true) + "\n", to: folder.repair)
        return result
    }
}
