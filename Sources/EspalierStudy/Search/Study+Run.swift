import EspalierEngine
import EspalierSpec
import EspalierTraining
import Foundation
import Synchronization

// Carrying out trials, side by side, until there are as many as there are to be.
extension Study {
    /// What is told as the trials end.
    public struct Progress: Sendable {
        /// The trial that has ended.
        public var trial: StudyTrial
        public var best: StudyTrial?
        /// Trials that have ended, by any process.
        public var ended: Int
        /// That there are to be.
        public var count: Int
    }

    /// Carries out what is left, beside any other processes that do, and writes `study.json` and `best.yaml`.
    ///
    /// - Parameters:
    ///   - parallel: Trials side by side, each on an engine of one thread; what the configuration says if nothing.
    ///   - ended: Told of each trial of this process, by several threads, one at a time.
    ///   - shouldInterrupt: Asked by several threads after every step of every trial. Trials that are under way are then given
    ///     back; they begin anew when the study goes on.
    /// - Returns: Whether all trials have ended.
    /// - Throws: `EspalierError` where the study cannot be written, and where none of its trials could be trained.
    @discardableResult
    public func run(
        parallel: Int? = nil, ended: @escaping @Sendable (Progress) -> Void = { _ in },
        shouldInterrupt: @escaping @Sendable () -> Bool = { false }
    ) throws -> Bool {
        let examined = try search.experiment.doctor == .off ? nil : Baselines(of: search.experiment.prepare())
        let shift = try Shift(self, examined, ended, shouldInterrupt)
        let workers = parallel ?? search.settings.workers
        _ = SideBySide.map(Array(0..<workers), workers: workers) { _ in shift.work() }
        if let failure = shift.failure { throw failure }
        try writeFiles()
        let trials = try trials()
        let isDone = try trials.count(where: \.state.isEnd) >= count
        if isDone, trials.allSatisfy({ $0.state == .failed }), let last = trials.last?.message {
            throw EspalierError(
                "none of the trials could be trained; the last one: \(last)", at: folder,
                expected: "ranges of which some values can be trained")
        }
        return isDone
    }
}

/// What the workers of one process share.
private final class Shift: Sendable {
    private let study: Study
    private let baselines: Baselines?
    private let lock: ProcessLock
    private let ended: @Sendable (Study.Progress) -> Void
    private let isInterrupted: @Sendable () -> Bool
    private let state = Mutex<(any Error)?>(nil)
    private let telling = Mutex<Void>(())

    init(
        _ study: Study, _ baselines: Baselines?, _ ended: @escaping @Sendable (Study.Progress) -> Void,
        _ isInterrupted: @escaping @Sendable () -> Bool
    ) throws {
        self.study = study
        self.baselines = baselines
        self.ended = ended
        self.isInterrupted = isInterrupted
        lock = try ProcessLock(in: study.locks)
    }

    /// What the first worker failed with.
    var failure: (any Error)? { state.withLock { $0 } }

    private var mustEnd: Bool { isInterrupted() || failure != nil }

    /// Carries out one trial after the other until nothing is left to do.
    func work() {
        do {
            while !mustEnd {
                switch try claim() {
                case .trial(let number, let coordinates): try carryOut(number, coordinates)
                case .wait: usleep(100_000)
                case .done: return
                }
            }
        } catch {
            state.withLock { $0 = $0 ?? error }
        }
    }

    private func claim() throws -> StudyStore.Claim {
        let (settings, objective) = (study.search.settings, study.search.objective)
        return try study.store.claim(
            for: lock.name, isAlive: { ProcessLock.isAlive($0, in: study.locks) },
            draw: { number, trials in
                let sampler = settings.sampler.sampler
                let isReady = trials.prefix(sampler.ended(before: number)).allSatisfy(\.state.isEnd)
                guard isReady else { return nil }
                let coordinates = sampler.draw(
                    number, in: settings.ranges, seed: UInt64(settings.seed),
                    after: trials.map { $0.observed(objective) })
                return (coordinates, settings.ranges.values(at: coordinates))
            })
    }

    private func carryOut(_ number: Int, _ coordinates: [Double]) throws {
        let (store, search) = (study.store, study.search)
        let pruner = search.settings.pruner.pruner
        let end = try TrialTraining.run(
            { try search.experiment(at: coordinates) }, search.objective, baselines: baselines,
            engine: Engine(threads: 1),
            report: { epoch, epochs, value in
                let others = try store.report(number, epoch: epoch, value: value)
                return pruner.prunes(
                    number, after: epoch, of: epochs, loss: value.map(search.objective.loss) ?? .infinity,
                    others: { others.mapValues(search.objective.loss) })
            }, shouldInterrupt: { self.mustEnd })
        guard let end else { return try store.release(number, owner: lock.name) }
        try store.end(number, owner: lock.name, end)
        try tell(number)
    }

    private func tell(_ number: Int) throws {
        let trials = try study.trials(), count = try study.count
        guard let trial = trials.first(where: { $0.number == number }) else { return }
        telling.withLock { _ in
            ended(
                .init(
                    trial: trial, best: trials.best(study.search.objective), ended: trials.count(where: \.state.isEnd),
                    count: count))
        }
    }
}
