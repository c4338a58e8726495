import EspalierSpec
import Foundation
import Synchronization

/// What became of a checkpoint.
public struct CheckpointRecord: Sendable, Hashable {
    public var step: Int
    public var epoch: Int
    public var path: String
    /// Of the file; 0 where it could not be written.
    public var bytes: Int
    /// How long the training waited for the copy.
    public var stalledSeconds: Double
    /// How long writing took, beside the training.
    public var writingSeconds: Double
    /// Why it could not be written.
    public var failure: EspalierError?
}

/// Writes checkpoints on a thread of its own, one at a time, and takes away those that are not to be kept.
final class CheckpointWriter: Sendable {
    private struct Kept: Sendable {
        var name: String
        var step: Int
        /// The best epoch that it holds.
        var best: Int?
    }

    private struct State {
        var isBusy = false
        var written: [CheckpointRecord] = []
        /// The files that are intact, oldest first.
        var kept: [Kept] = []
    }

    private let folder: CheckpointFolder
    private let keep: Int
    private let call: @Sendable (Int32, UnsafeRawPointer, Int) -> Int
    private let queue = DispatchQueue(label: "checkpoints")
    private let state: Mutex<State>

    /// - Parameters:
    ///   - folder: Made with the first checkpoint, if it is not there.
    ///   - keep: How many of the last stay.
    ///   - resumed: The checkpoint that the training goes on from.
    ///   - call: The system call that writes; tests put failing ones in its place.
    init(
        _ folder: CheckpointFolder, keep: Int, resumed: Checkpoint? = nil,
        call: @escaping @Sendable (Int32, UnsafeRawPointer, Int) -> Int = { Foundation.write($0, $1, $2) }
    ) {
        self.folder = folder
        self.keep = keep
        self.call = call
        var state = State()
        folder.removeLeftovers()
        let names = Array(folder.names.reversed())
        if let resumed, let last = names.firstIndex(where: { resumed.path.hasSuffix("/\($0)") }) {
            state.kept = names[...last].compactMap { name in
                CheckpointFolder.step(of: name).map { Kept(name: name, step: $0) }
            }
            state.kept[last].best = resumed.snapshot.header.best?.epoch
        }
        self.state = Mutex(state)
    }

    /// Whether one is being written now.
    var isBusy: Bool { state.withLock { $0.isBusy } }

    /// Writes `snapshot` beside whatever its caller does next.
    func write(_ snapshot: TrainingSnapshot, stalled: Double) {
        state.withLock { $0.isBusy = true }
        queue.async { [self] in
            let start = ContinuousClock.now
            let name = folder.file(ofStep: snapshot.header.step)
            var record = CheckpointRecord(
                step: snapshot.header.step, epoch: snapshot.header.history.count + 1, path: "\(folder.path)/\(name)",
                bytes: 0, stalledSeconds: stalled, writingSeconds: 0)
            do {
                try SystemFile.makeFolders(folder.path)
                record.bytes = try CheckpointFile.write(snapshot, to: record.path, call: call)
                prune(
                    after: Kept(name: name, step: snapshot.header.step, best: snapshot.header.best?.epoch))
            } catch {
                record.failure =
                    error as? EspalierError ?? EspalierError("the checkpoint cannot be written: \(error)")
            }
            record.writingSeconds = start.duration(to: .now).seconds
            state.withLock { state in
                state.isBusy = false
                state.written.append(record)
            }
        }
    }

    /// Waits until nothing is being written.
    func wait() { queue.sync {} }

    /// What was written, or could not be, since this was last asked.
    func takeRecords() -> [CheckpointRecord] {
        state.withLock { state in
            defer { state.written = [] }
            return state.written
        }
    }

    /// Takes away what is not to be kept, now that `newest` is safely there.
    private func prune(after newest: Kept) {
        let kept = state.withLock { state in
            // A training that went back has undone the steps of those that are further on.
            state.kept.removeAll { $0.step >= newest.step }
            state.kept.append(newest)
            let best = state.kept.firstIndex { $0.best != nil && $0.best == newest.best }
            let last = state.kept.count - keep
            state.kept = state.kept.enumerated().filter { $0.offset >= last || $0.offset == best }.map(\.element)
            return Set(state.kept.map(\.name))
        }
        for name in folder.names where !kept.contains(name) { folder.remove(name) }
    }
}
