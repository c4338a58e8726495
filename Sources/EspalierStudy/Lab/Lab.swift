import EspalierData
import EspalierEngine
import EspalierSpec
import EspalierTraining
import Synchronization

/// Where experiments are carried out: their data, and the processors that their trainings share.
///
/// What comes out depends on neither the number of workers nor on what else runs.
public struct Lab: Sendable {
    /// The folder that holds `mnist/` and `fashion/`; without them the built-in digits stand in.
    public var dataRoot: DataRoot?
    /// How many trainings run side by side, on one thread each.
    public var workers: Int
    /// Told how far an experiment is.
    public var say: @Sendable (String) -> Void

    /// - Parameters:
    ///   - dataRoot: The folder that holds `mnist/` and `fashion/`.
    ///   - workers: How many trainings run side by side; as many as there are processors if not given.
    ///   - say: Told how far an experiment is, in lines.
    public init(
        dataRoot: DataRoot? = nil, workers: Int = Processors.usable,
        say: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.dataRoot = dataRoot
        self.workers = workers
        self.say = say
    }

    /// Carries an experiment out.
    ///
    /// - Throws: What the experiment throws.
    public func run(_ experiment: any LabExperiment) throws -> LabRun {
        let begin = ContinuousClock.now
        var result = try experiment.run(in: self)
        result.leaveOutBands(of: experiment)
        return LabRun(
            experiment: experiment, result: result, seconds: (ContinuousClock.now - begin) / .seconds(1))
    }

    /// What `body` makes of each item, in the order of the items: side by side, each on an engine of one thread.
    ///
    /// - Throws: What `body` throws for the first item that it throws for.
    public func map<Item: Sendable, Result: Sendable>(
        _ items: [Item], _ body: @escaping @Sendable (Item) throws -> Result
    ) throws -> [Result] {
        let done = Mutex(0), say = say
        let results = SideBySide.map(items, workers: workers) { item in
            let result = Swift.Result { try Engine.$current.withValue(Engine(threads: 1)) { try body(item) } }
            let count = done.withLock { done in
                done += 1
                return done
            }
            say("  \(count) of \(items.count)")
            return result
        }
        return try results.map { try $0.get() }
    }
}
