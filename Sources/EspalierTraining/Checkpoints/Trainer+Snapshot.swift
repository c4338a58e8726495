import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec

// A training as a snapshot, and back.
extension Trainer {
    /// A copy of all that the next steps depend on.
    ///
    /// - Parameter spare: A snapshot that is no longer needed, whose memory is used again: taking new memory from the system
    ///   takes longer than copying.
    func takeSnapshot(
        withRollBack: Bool = true, reusing spare: inout TrainingSnapshot?
    ) throws -> TrainingSnapshot {
        var snapshot = TrainingSnapshot(header: try header(), buffers: [])
        var memory: [String: [Float]] = [:]
        for (name, _) in storages { memory[name] = spare?.floats(name) }
        spare = nil
        for (name, storage) in storages {
            snapshot.buffers.append(.init(name, copy(storage, to: memory.removeValue(forKey: name))))
        }
        snapshot.buffers += TrainingSnapshot.buffers("best", progress.best?.state)
        snapshot.buffers += TrainingSnapshot.buffers("good", progress.good)
        snapshot.buffers += TrainingSnapshot.buffers("fresh", progress.fresh)
        for (index, records) in (progress.sums?.records ?? []).enumerated() {
            snapshot.buffers.append(.init("record.\(index)", records.values))
        }
        for (index, vector) in (plans.search?.vectors ?? []).enumerated() {
            snapshot.buffers.append(.init("search.\(index)", vector))
        }
        if withRollBack { snapshot.rollBacks = [progress.rollBack, progress.freshRollBack].compactMap(\.self) }
        return snapshot
    }

    func takeSnapshot(withRollBack: Bool = true) throws -> TrainingSnapshot {
        var spare: TrainingSnapshot?
        return try takeSnapshot(withRollBack: withRollBack, reusing: &spare)
    }

    /// Puts a snapshot's state in place.
    ///
    /// - Throws: `EspalierError` for that of another training; nothing has changed then.
    func restore(_ snapshot: TrainingSnapshot) throws {
        let parts = try checkedParts(of: snapshot)
        let header = snapshot.header
        for (_, storage, values) in parts.storages { _ = storage.floats.update(fromContentsOf: values) }
        plans.search?.vectors = parts.vectors
        plans.begun = Set(header.begun)
        average.count = header.averageCount
        learningRate = header.learningRate
        state.awaitsBatch = false

        var progress = TrainingProgress()
        progress.step = header.step
        progress.origin = header.origin
        progress.lastRate = header.lastRate
        // Between two epochs it is still the one that was completed; a training that has ended stays in it.
        progress.epoch = header.history.count + (header.position > 0 ? 1 : 0)
        progress.position = header.position
        progress.sums = parts.sums
        progress.lossVariation = header.lossVariation ?? LossVariation()
        progress.validation = header.validation
        progress.clipped = header.clipped
        progress.skipped = header.skipped
        progress.skippedInARow = header.skippedInARow
        progress.rollBackCount = header.rollBackCount
        progress.history = header.history
        progress.best = header.best.flatMap { record in snapshot.state("best").map { (record, $0) } }
        progress.good = snapshot.state("good")
        progress.fresh = snapshot.state("fresh")
        progress.followers = parts.followers
        progress.lossFollower = parts.lossFollower
        progress.time = Stopwatch(after: header.seconds)
        progress.epochTime = Stopwatch(after: header.epochSeconds)
        progress.end = header.end
        progress.rollBack = snapshot.rollBacks.first
        progress.freshRollBack = snapshot.rollBacks.dropFirst().first
        self.progress = progress
    }

    private func header() throws -> TrainingSnapshot.Header {
        TrainingSnapshot.Header(
            fingerprint: fingerprint, step: progress.step, origin: progress.origin, position: progress.position,
            learningRate: learningRate, lastRate: progress.lastRate, clipped: progress.clipped,
            skipped: progress.skipped, skippedInARow: progress.skippedInARow, rollBackCount: progress.rollBackCount,
            history: progress.history, best: progress.best?.record,
            sums: progress.sums.map { .init(sum: $0.sum, weight: $0.weight, widths: $0.records.map(\.width)) },
            lossVariation: progress.lossVariation, validation: progress.validation,
            followers: try zip(callbacks, progress.followers).map {
                .init(name: type(of: $0).name, memory: try $1.written())
            }, lossFollower: try progress.lossFollower?.written(), begun: plans.begun.sorted(),
            averageCount: average.count, seconds: progress.time.seconds, epochSeconds: progress.epochTime.seconds,
            end: progress.end)
    }

    /// The memory that steps change, by name.
    private var storages: [(name: String, storage: Storage)] {
        var storages = [("parameters", state.parameters.storage), ("statistics", state.statistics.storage)]
        storages += plans.memory.storages.map { ("slot.\($0.name)", $0.storage) }
        if let firstSteps = plans.firstSteps?.leaf?.storage { storages.append(("firstSteps", firstSteps)) }
        if average.averaging != .none { storages.append(("average", average.values)) }
        return storages
    }

    /// The values of `storage`, copied by several threads where there are many: this is what a training waits for.
    private func copy(_ storage: Storage, to memory: consuming [Float]?) -> [Float] {
        let threads = storage.count < 1 << 18 ? 1 : plans.engine.threads
        func copy(to base: UnsafeMutablePointer<Float>) {
            // The members of the team write to places of their own.
            nonisolated(unsafe) let target = base
            ThreadTeam.forEachBand(of: storage.count, threads: threads) {
                (target + $0.lowerBound).update(from: storage.floats.baseAddress! + $0.lowerBound, count: $0.count)
            }
        }
        if var values = memory, values.count == storage.count {
            memory = nil
            values.withUnsafeMutableBufferPointer { $0.baseAddress.map(copy) }
            return values
        }
        return [Float](unsafeUninitializedCapacity: storage.count) { buffer, count in
            count = storage.count
            buffer.baseAddress.map(copy)
        }
    }

    // Checking

    /// Refuses what is no snapshot of the training that is prepared.
    func check(_ snapshot: TrainingSnapshot) throws { _ = try checkedParts(of: snapshot) }

    private struct Parts {
        var storages: [(name: String, storage: Storage, values: [Float])] = []
        var vectors: [[Double]] = []
        var sums: ScoreSums?
        var followers: [any Follower] = []
        var lossFollower: (any LossFollower)?
    }

    /// What a snapshot holds, if it fits this training.
    private func checkedParts(of snapshot: TrainingSnapshot) throws -> Parts {
        let header = snapshot.header
        guard header.fingerprint == fingerprint else {
            throw EspalierError(
                "the checkpoint is of another training: its settings, model or data are others",
                expected: "one that this run wrote")
        }
        var parts = Parts()
        parts.storages = try storages.map { name, storage in
            let values = snapshot.floats(name) ?? []
            guard values.count == storage.count else { throw misfit("\(values.count) values of \(name)") }
            return (name, storage, values)
        }
        let count = state.parameters.storage.count, statistics = state.statistics.storage.count
        for name in ["best", "good", "fresh"] {
            guard let part = snapshot.state(name) else { continue }
            guard part.parameters.count == count, part.statistics.count == statistics else { throw misfit(name) }
        }
        guard (header.best != nil) == (snapshot.state("best") != nil) else {
            throw misfit("no weights of the best epoch")
        }
        // So that counting on from there stays within whole numbers, and within the epoch.
        guard (0...1 << 53).contains(header.step), (0...header.step).contains(header.origin),
            (0...stepsPerEpoch).contains(header.position), (0...1 << 53).contains(header.averageCount),
            [header.clipped, header.skipped, header.skippedInARow, header.rollBackCount].allSatisfy(
                (0...1 << 53).contains)
        else { throw misfit("step \(header.step), \(header.position) of its epoch") }
        while let vector = snapshot.doubles("search.\(parts.vectors.count)") {
            guard vector.count == count else { throw misfit("a vector of \(vector.count) values") }
            parts.vectors.append(vector)
        }
        guard parts.vectors.count != 1 else { throw misfit("a vector alone") }
        parts.sums = try header.sums.map { try sums($0, snapshot) }
        try recall(header, into: &parts)
        for snapshot in snapshot.rollBacks { try check(snapshot) }
        guard header.begun.allSatisfy(plans.parameterGroups.indices.contains) else { throw misfit("groups") }
        return parts
    }

    private func sums(_ sums: TrainingSnapshot.Header.Sums, _ snapshot: TrainingSnapshot) throws -> ScoreSums {
        guard sums.widths.count == plans.metrics.count else { throw misfit("\(sums.widths.count) metrics") }
        let records = try sums.widths.enumerated().map { index, width in
            let values = snapshot.floats("record.\(index)") ?? []
            guard width > 0, values.count % width == 0 else { throw misfit("what a metric noted") }
            return MetricRecords(width: width, values)
        }
        return ScoreSums(plans, sum: sums.sum, weight: sums.weight, records: records)
    }

    private func recall(_ header: TrainingSnapshot.Header, into parts: inout Parts) throws {
        guard header.followers.map(\.name) == callbacks.map({ type(of: $0).name }) else { throw misfit("callbacks") }
        do {
            parts.followers = try zip(callbacks, header.followers).map { callback, written in
                var follower = callback.follow()
                try follower.recall(written.memory)
                return follower
            }
            parts.lossFollower = schedule.follow()
            if let written = header.lossFollower { try parts.lossFollower?.recall(written) }
        } catch is DecodingError { throw misfit("the memory of a callback or schedule") }
    }

    private func misfit(_ what: String) -> EspalierError {
        EspalierError("the checkpoint does not fit this training: \(what)", expected: "one that this run wrote")
    }

    // Fingerprint

    /// What a training is of: two with the same fingerprint take the same steps.
    func fingerprint(of train: Dataset, _ validation: Dataset?) -> String {
        func entries(_ buffer: FlatBuffer) -> String {
            buffer.entries.map { "\($0.path) \($0.shape) \($0.offset)" }.joined(separator: ";")
        }
        let parts: [String] =
            [
                identity, entries(state.parameters), entries(state.statistics),
                plans.memory.storages.map { "\($0.name) \($0.storage.count)" }.joined(separator: ";"),
                JSON.write(plans.loss.named), JSON.write(.list(plans.metrics.map(\.named))),
                JSON.write(plans.optimizer.named), JSON.write(schedule.named), JSON.write(plans.penalty.configuration),
                JSON.write(plans.gradient.configuration), JSON.write(.list(plans.parameterGroups.map(\.configuration))),
                JSON.write(plans.averaging.configuration), JSON.write(settings.configuration),
                JSON.write(.list(augmenter.augmentations.map(\.named))), "\(plans.sampleShape) \(plans.targetShape)",
                LayerSummary.text(LayerSummary.table(state.model, sampleShape: plans.sampleShape)),
                "\(train.count) \(checksum(of: train))",
                validation.map { "\($0.count) \(checksum(of: $0))" } ?? "0",
            ]
        return String(stableHash(parts.joined(separator: "\n")), radix: 16)
    }

    /// Of all targets and of a thousand or two samples that are in memory, as they are after scaling: data in which anything
    /// was added, left out or put elsewhere has another.
    private func checksum(of data: Dataset) -> UInt32 {
        var checksum = CRC32()
        switch data.targets {
        case .classes(let labels, _): labels.withUnsafeBytes { checksum.update($0) }
        case .values(let values, _, _): values.withUnsafeBytes { checksum.update($0) }
        }
        // Samples in files are read where errors and time-outs are told, which is in the steps.
        guard !data.isStored else { return checksum.value }
        data.inputs.withUnsafeBytes { bytes in
            let size = data.sampleSize * MemoryLayout<Float>.stride
            for row in stride(from: 0, to: data.count, by: max(1, data.count / 1024)) {
                checksum.update(UnsafeRawBufferPointer(rebasing: bytes[row * size..<(row + 1) * size]))
            }
        }
        return checksum.value
    }
}
