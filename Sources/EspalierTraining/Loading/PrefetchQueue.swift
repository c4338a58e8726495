import EspalierSpec
import Foundation
import Synchronization

/// Results that are needed in a fixed order, and can be prepared in parts by any thread.
protocol PrefetchedWork: Sendable {
    /// The memory that a result is prepared in.
    associatedtype Slot: AnyObject

    /// How many results there are.
    var count: Int { get }

    /// Into how many parts result `position` is cut, at least one.
    func parts(of position: Int) -> Int

    /// Prepares a part, telling `progress` of each sample that it begins with; ends early where `progress` says so.
    func prepare(_ part: Int, of position: Int, in slot: Slot, _ progress: PrefetchProgress) throws

    /// Completes a result all of whose parts are there.
    func finish(_ position: Int, in slot: Slot)

    /// What a part works on when it has come to `sample`, for messages.
    func place(of sample: Int) -> String
}

/// Where a thread that prepares results is.
final class PrefetchProgress: Sendable {
    private let sample = Atomic<Int>(-1)
    private let begun = Atomic<Int>(0)
    private let stops = Atomic<Bool>(false)

    /// Notes that `sample` is begun with; false where there is no need to go on.
    func begin(_ sample: Int) -> Bool {
        self.sample.store(sample, ordering: .relaxed)
        begun.wrappingAdd(1, ordering: .relaxed)
        return !stops.load(ordering: .relaxed)
    }

    func stop() { stops.store(true, ordering: .relaxed) }

    /// The sample that was begun with last; nothing before the first.
    var current: Int? {
        let sample = sample.load(ordering: .relaxed)
        return sample < 0 ? nil : sample
    }

    /// How many samples were begun with.
    var count: Int { begun.load(ordering: .relaxed) }
}

/// What threads of a queue wait for: room for another result, the next result, the end of all threads.
private enum Condition { static let hasRoom = 0, isReady = 1, isDone = 2 }

/// Prepares results ahead on threads of its own, and hands them out in their order.
///
/// There are never more results under way or ready than there are slots. Which thread prepares what changes nothing: each
/// part of a result is written by one thread, and a failure is thrown where its result would have been handed out.
final class PrefetchQueue<Work: PrefetchedWork>: @unchecked Sendable {
    private let work: Work
    private let slots: [Work.Slot]
    private let timeout: Int
    private let monitor = Monitor(conditions: 3)
    private let progress: [PrefetchProgress]

    // Guarded by the monitor.

    /// The next part that a thread takes: its result and its number.
    private var position = 0, part = 0
    /// How many results were handed out.
    private var released = 0
    /// For each slot how many parts of its result are still to come, and the failure of the first part that has one.
    private var missing: [Int]
    private var failures: [(part: Int, error: any Error)?]
    private var isReady: [Bool]
    private var isStopped = false
    /// Whether there is a read that does not return.
    private var hasStalled = false
    private var running = 0
    /// The result that each thread works on; nothing while it waits.
    private var positions: [Int?]

    /// - Parameters:
    ///   - slots: At least one.
    ///   - threads: How many threads prepare, at least one.
    ///   - timeout: For how many milliseconds without any progress a result is waited for.
    /// - Throws: `EspalierError` where a thread cannot be started.
    init(_ work: Work, slots: [Work.Slot], threads: Int, timeout: Int) throws {
        self.work = work
        self.slots = slots
        self.timeout = timeout
        progress = (0..<threads).map { _ in PrefetchProgress() }
        missing = [Int](repeating: 0, count: slots.count)
        failures = Array(repeating: nil, count: slots.count)
        isReady = [Bool](repeating: false, count: slots.count)
        positions = Array(repeating: nil, count: threads)
        for number in 0..<threads { try start(number) }
    }

    // MARK: Handing out

    /// Calls `body` with the next result, once that is there.
    ///
    /// - Throws: What its preparation threw; `EspalierError` where nothing moves for the time-out.
    func next<Result>(_ body: (Work.Slot) throws -> Result) throws -> Result {
        let index = released % slots.count
        let failure = try monitor.withLock {
            try awaitResult(in: index)
            return failures[index]
        }
        if let failure { throw failure.error }
        defer {
            monitor.withLock {
                isReady[index] = false
                released += 1
                // Waking threads for each slot would cost more than the half that waits.
                if position - released <= slots.count / 2 { monitor.wakeAll(Condition.hasRoom) }
            }
        }
        return try body(slots[index])
    }

    private func awaitResult(in index: Int) throws {
        precondition(released < work.count && !isStopped, "there are \(work.count) results")
        var seen = -1, silence = 0
        while !isReady[index] {
            let before = ContinuousClock.now, slice = min(timeout, 500)
            monitor.wait(for: Condition.isReady, milliseconds: slice)
            let total = progress.reduce(0) { $0 + $1.count }
            if total != seen {
                (seen, silence) = (total, 0)
                continue
            }
            // A process that was stopped for a while has not waited for that long.
            silence += min(slice, Int(before.duration(to: .now) / .milliseconds(1)))
            guard silence < timeout || isReady[index] else {
                hasStalled = true
                throw stalled()
            }
        }
    }

    private func stalled() -> EspalierError {
        let samples = zip(positions, progress).filter { $0.0 == released }.compactMap(\.1.current)
        let place = samples.isEmpty ? nil : samples.map(work.place).joined(separator: "; ")
        return EspalierError(
            "reading the data has stopped: no sample was finished for \(Double(timeout) / 1000) seconds", at: place,
            expected: "samples that can be read in that time",
            fix: "see whether the disk or the network that holds the data answers, or set data.loader.timeout")
    }

    /// Lets the threads end, and waits for that; for a thread that a read does not return to, no longer than the time-out.
    func stop() {
        for progress in progress { progress.stop() }
        monitor.withLock {
            isStopped = true
            monitor.wakeAll(Condition.hasRoom)
            let patience = hasStalled ? 0 : timeout
            var waited = 0
            while running > 0, waited < patience {
                monitor.wait(for: Condition.isDone, milliseconds: min(patience, 100))
                waited += 100
            }
        }
    }

    // MARK: Threads

    private func start(_ number: Int) throws {
        monitor.withLock { running += 1 }
        let code = DetachedThread.start { self.run(number) }
        guard code == 0 else {
            monitor.withLock { running -= 1 }
            stop()
            throw EspalierError(
                "a thread that loads data cannot be started: \(String(cString: strerror(code)))",
                expected: "room for \(progress.count) threads", fix: "data: {loader: {threads: 0}}")
        }
    }

    private func run(_ number: Int) {
        while let (position, part) = monitor.withLock({ takePart(number) }) {
            var failure: (any Error)?
            let index = position % slots.count
            do {
                try work.prepare(part, of: position, in: slots[index], progress[number])
            } catch {
                failure = error
            }
            let (isComplete, hasFailed) = monitor.withLock {
                if let failure, part < failures[index]?.part ?? .max { failures[index] = (part, failure) }
                missing[index] -= 1
                return (missing[index] == 0, failures[index] != nil)
            }
            if isComplete && !hasFailed { work.finish(position, in: slots[index]) }
            monitor.withLock {
                if isComplete {
                    isReady[index] = true
                    monitor.wakeAll(Condition.isReady)
                }
                positions[number] = nil
            }
        }
        monitor.withLock {
            running -= 1
            monitor.wakeAll(Condition.isDone)
        }
    }

    /// The next part to prepare, once there is a slot for it; nothing when all are taken.
    private func takePart(_ number: Int) -> (position: Int, part: Int)? {
        while !isStopped, position < work.count, position - released >= slots.count {
            monitor.wait(for: Condition.hasRoom)
        }
        guard !isStopped, position < work.count else { return nil }
        let taken = (position, part)
        if part == 0 {
            missing[position % slots.count] = work.parts(of: position)
            failures[position % slots.count] = nil
        }
        part += 1
        if part == work.parts(of: position) {
            position += 1
            part = 0
        }
        positions[number] = taken.0
        return taken
    }
}
