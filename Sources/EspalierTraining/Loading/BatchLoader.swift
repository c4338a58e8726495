import EspalierData
import EspalierGraph
import EspalierSpec

/// Makes the batches of an epoch ahead of their steps, on threads of its own.
final class BatchLoader {
    private let queue: PrefetchQueue<Batches>
    private let requests: [BatchRequest]
    private var position = 0

    /// - Parameters:
    ///   - requests: The batches in the order in which they are asked for.
    ///   - threads: At least one.
    /// - Throws: `EspalierError` where a thread cannot be started.
    init(_ requests: [BatchRequest], _ filler: BatchFiller, threads: Int, settings: LoaderSettings) throws {
        self.requests = requests
        let largest = requests.map(\.rows.count).max() ?? 0
        // With fewer slots than threads some thread would always wait.
        let slots = (0..<max(settings.prefetch, threads)).prefix(requests.count).map { _ in
            Slot(
                inputs: Storage(count: largest * filler.sampleSize),
                targets: Storage(count: largest * filler.targetSize))
        }
        queue = try PrefetchQueue(
            Batches(requests: requests, filler: filler), slots: slots, threads: threads,
            timeout: max(1, Int((settings.timeout * 1000).rounded())))
    }

    deinit { queue.stop() }

    /// Copies the next batch, which is that of `rows`, to where a step reads it.
    ///
    /// - Throws: What reading it threw; `EspalierError` where it does not come.
    func next(_ rows: ArraySlice<Int>, inputs: Storage, targets: Storage) throws {
        precondition(position < requests.count && requests[position].rows == rows, "batches come in their order")
        position += 1
        try queue.next { slot in
            inputs.pointer.copyMemory(from: slot.inputs.pointer, byteCount: inputs.count * 4)
            targets.pointer.copyMemory(from: slot.targets.pointer, byteCount: targets.count * 4)
        }
    }

    /// Ends the threads.
    func stop() { queue.stop() }

    /// Memory for one batch.
    private final class Slot: Sendable {
        let inputs: Storage, targets: Storage

        init(inputs: Storage, targets: Storage) {
            self.inputs = inputs
            self.targets = targets
        }
    }

    private struct Batches: PrefetchedWork {
        let requests: [BatchRequest]
        let filler: BatchFiller

        /// So many samples make a part: enough to be worth taking, few enough that threads share an epoch's first batch.
        private static let partSize = 16

        var count: Int { requests.count }

        func parts(of position: Int) -> Int { (requests[position].rows.count + Self.partSize - 1) / Self.partSize }

        func prepare(_ part: Int, of position: Int, in slot: Slot, _ progress: PrefetchProgress) throws {
            let rows = requests[position].rows, start = part * Self.partSize
            try filler.fill(
                rows, start..<min(start + Self.partSize, rows.count),
                inputs: slot.inputs.pointer.assumingMemoryBound(to: Float.self), targets: slot.targets.pointer,
                begin: progress.begin)
        }

        func finish(_ position: Int, in slot: Slot) {
            filler.mix(
                requests[position], inputs: slot.inputs.pointer.assumingMemoryBound(to: Float.self),
                targets: slot.targets.pointer)
        }

        func place(of sample: Int) -> String { filler.data.place(of: sample) }
    }
}
