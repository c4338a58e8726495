import EspalierData
import EspalierSpec

/// Saves checkpoints of a trainer's training when they are due, and tells what became of them.
final class CheckpointSaver {
    private unowned let trainer: Trainer
    private let settings: Checkpointing
    private let writer: CheckpointWriter
    private var last = ContinuousClock.now
    private var isDue = false
    /// What was saved last.
    private var snapshot: TrainingSnapshot?

    /// Nothing where the trainer is to write none.
    init?(_ trainer: Trainer, resuming checkpoint: Checkpoint?) {
        let settings = trainer.checkpointing
        guard let path = trainer.checkpointPath, settings.keep > 0 else { return nil }
        self.trainer = trainer
        self.settings = settings
        writer = CheckpointWriter(
            CheckpointFolder(path: path), keep: settings.keep, resumed: checkpoint, call: trainer.writeCall)
    }

    /// After a step: saves if it is time, unless the last one is still being written.
    func stepEnded() throws {
        if let every = settings.every, trainer.step % every == 0 { isDue = true }
        if let seconds = settings.seconds, last.duration(to: .now).seconds >= seconds { isDue = true }
        try tell()
        guard isDue, trainer.progress.end == nil, !writer.isBusy else { return }
        try save()
    }

    /// Saves the end of a training, whether it goes on later or not, and waits until that is done.
    func saveLast() throws {
        writer.wait()
        try tell()
        let end = trainer.progress.end
        // What was interrupted has not ended.
        if end?.status == .interrupted { trainer.progress.end = nil }
        defer { trainer.progress.end = end }
        try save()
        writer.wait()
        try tell()
    }

    func wait() { writer.wait() }

    private func save() throws {
        let start = ContinuousClock.now
        let snapshot = try trainer.takeSnapshot(reusing: &self.snapshot)
        self.snapshot = snapshot
        isDue = false
        last = .now
        writer.write(snapshot, stalled: start.duration(to: last).seconds)
    }

    private func tell() throws {
        for record in writer.takeRecords() {
            try trainer.send(.checkpoint(record))
            guard let failure = record.failure, settings.onFailure == .stop, trainer.progress.end == nil else {
                continue
            }
            trainer.progress.end = .init(
                .interrupted, "no checkpoint can be written, after step \(record.step): \(failure.what)")
        }
    }
}

extension Trainer {
    /// When checkpoints are written: as the callback says, if there is one.
    var checkpointing: Checkpointing { callbacks.lazy.compactMap { $0 as? Checkpointing }.first ?? Checkpointing() }

    /// The newest checkpoint in `checkpointPath` that is intact and of this training, and why each newer one is not used.
    ///
    /// - Throws: `EspalierError` for data that the model cannot take.
    public func newestCheckpoint(
        of train: Dataset, validation: Dataset? = nil
    ) throws -> (checkpoint: Checkpoint?, unusable: [EspalierError]) {
        try prepare(train, validation)
        guard let checkpointPath else { return (nil, []) }
        return CheckpointFolder(path: checkpointPath).newest { try check($0) }
    }
}
