import EspalierSpec
import Foundation
import Synchronization
import Testing

@testable import EspalierTraining

/// Squares of numbers, four to a result, which can be made to fail, to take their time or to hang.
private struct Squares: PrefetchedWork {
    final class Slot: @unchecked Sendable {
        /// Parts of it are written by several threads, which an array's memory is not for.
        let values = UnsafeMutableBufferPointer<Int>.allocate(capacity: 4)
        deinit { values.deallocate() }
    }

    final class Log: Sendable {
        /// Results under way or ready that nobody took, now and at most.
        let open = Mutex((now: Set<Int>(), most: 0))
        let finished = Mutex<[Int]>([])
    }

    let count: Int
    var log = Log()
    var failing: Set<Int> = []
    var hanging: (sample: Int, until: DispatchSemaphore)?

    func parts(of position: Int) -> Int { 1 + position % 4 }

    func prepare(_ part: Int, of position: Int, in slot: Slot, _ progress: PrefetchProgress) throws {
        log.open.withLock {
            $0.now.insert(position)
            $0.most = max($0.most, $0.now.count)
        }
        for index in stride(from: part, to: 4, by: parts(of: position)) {
            let sample = position * 4 + index
            guard progress.begin(sample) else { return }
            if sample == hanging?.sample { hanging?.until.wait() }
            if failing.contains(sample) { throw EspalierError("sample \(sample) is damaged") }
            slot.values[index] = sample * sample
        }
    }

    func finish(_ position: Int, in slot: Slot) { log.finished.withLock { $0.append(position) } }
    func place(of sample: Int) -> String { "sample \(sample)" }
}

@Suite struct PrefetchQueueTests {
    private func queue(
        _ work: Squares, slots: Int = 3, threads: Int, timeout: Int = 20_000
    ) throws -> PrefetchQueue<Squares> {
        try PrefetchQueue(work, slots: (0..<slots).map { _ in Squares.Slot() }, threads: threads, timeout: timeout)
    }

    @Test(arguments: [1, 2, 3, 8], [1, 2, 5]) func resultsComeInTheirOrder(threads: Int, slots: Int) throws {
        let work = Squares(count: 200), queue = try queue(work, slots: slots, threads: threads)
        defer { queue.stop() }
        for position in 0..<work.count {
            let values = try queue.next { slot in
                _ = work.log.open.withLock { $0.now.remove(position) }
                return Array(slot.values)
            }
            #expect(values == (position * 4..<position * 4 + 4).map { $0 * $0 })
        }
        // Bounded: the slots, and every result was completed once.
        #expect(work.log.open.withLock { $0.most } <= slots)
        #expect(work.log.finished.withLock { $0.sorted() } == Array(0..<200))
    }

    /// Of several failures that of the first result counts, and in it that of the first part.
    @Test(arguments: [1, 2, 4]) func failuresComeWhereTheirResultWould(threads: Int) throws {
        let queue = try queue(Squares(count: 50, failing: [46, 47, 90]), threads: threads)
        defer { queue.stop() }
        for _ in 0..<11 { try queue.next { _ in } }
        let error = #expect(throws: EspalierError.self) { try queue.next { _ in } }
        #expect(error?.what == "sample 46 is damaged")
    }

    @Test func aReadThatHangsIsNamed() throws {
        let gate = DispatchSemaphore(value: 0)
        let queue = try queue(Squares(count: 50, hanging: (9, gate)), threads: 2, timeout: 150)
        for _ in 0..<2 { try queue.next { _ in } }
        let error = #expect(throws: EspalierError.self) { try queue.next { _ in } }
        #expect(error?.what.contains("no sample was finished for 0.15 seconds") == true)
        #expect(error?.location == "sample 9" && error?.fix?.contains("timeout") == true)
        queue.stop()
        gate.signal()
    }

    /// A thread keeps its queue, so that one that is gone has no thread left.
    @Test(arguments: [0, 1, 7, 20]) func stoppingEndsTheThreads(taken: Int) throws {
        weak var left: PrefetchQueue<Squares>?
        do {
            let queue = try queue(Squares(count: 20), threads: 4)
            left = queue
            for _ in 0..<taken { try queue.next { _ in } }
            queue.stop()
        }
        for _ in 0..<2000 where left != nil { usleep(5000) }
        #expect(left == nil)
    }
}
