import EspalierData
import EspalierEngine
import EspalierGraph

/// Where the batches of a training come from, and how long it waits for them.
struct Loading {
    fileprivate var loader: BatchLoader?
    fileprivate var waited = Duration.zero, total = Duration.zero
    fileprivate var epochWaited = Duration.zero, epochTotal = Duration.zero
    fileprivate var start: ContinuousClock.Instant?

    /// The share of the last epoch's steps that was spent waiting for batches: making them, or copying those made ahead.
    var epochShare: Double? { Self.share(epochWaited, of: epochTotal) }

    /// The same of all epochs.
    var share: Double? { Self.share(waited, of: total) }

    /// Does not count what took so long for a part of the epoch's training.
    mutating func leaveOut(_ duration: Duration) { start = start?.advanced(by: duration) }

    private static func share(_ part: Duration, of whole: Duration) -> Double? {
        whole > .zero ? part / whole : nil
    }
}

// Filling in what a step reads.
extension Trainer {
    /// Begins to make the batches of the present epoch, from the present step on.
    ///
    /// - Parameter steps: The batches of each step that is still to be taken in this epoch.
    /// - Throws: `EspalierError` where a thread cannot be started.
    func beginLoading(_ steps: [[ArraySlice<Int>]], of data: Dataset) throws {
        loading.start = .now
        loading.epochWaited = .zero
        let threads = loader.threads(
            for: data, isAugmented: augmenter.changesSamples, engineThreads: plans.engine.threads)
        guard threads > 0 else { return }
        let requests = steps.enumerated().flatMap { offset, parts in
            parts.enumerated().map { BatchRequest(rows: $1, draw: draw(step + offset, part: $0)) }
        }
        loading.loader = try BatchLoader(
            requests, BatchFiller(data, augmenter, epoch: epoch), threads: threads, settings: loader)
    }

    /// Ends what `beginLoading` began, however the epoch ended.
    func endLoading() {
        loading.loader?.stop()
        loading.loader = nil
        guard let start = loading.start else { return }
        loading.start = nil
        loading.epochTotal = start.duration(to: .now)
        loading.total += loading.epochTotal
        loading.waited += loading.epochWaited
    }

    /// Puts a batch, changed as the augmentations say, where the plan reads it.
    func fill(_ executable: Executable, _ rows: ArraySlice<Int>, of data: Dataset, part: Int) throws {
        let start = ContinuousClock.now
        defer { loading.epochWaited += start.duration(to: .now) }
        if let loader = loading.loader {
            try loader.next(
                rows, inputs: executable.input(0), targets: executable.input(1), threads: plans.engine.threads)
        } else {
            try fillNow(executable, rows, of: data, part: part)
        }
    }

    /// The same, beside what is made ahead.
    func fillNow(_ executable: Executable, _ rows: ArraySlice<Int>, of data: Dataset, part: Int) throws {
        let request = BatchRequest(rows: rows, draw: draw(step, part: part))
        try fill(executable, request, BatchFiller(data, augmenter, epoch: epoch))
    }

    /// Copies a batch as it is to where the plan reads it.
    func copy(_ rows: some Collection<Int>, of data: Dataset, to executable: Executable) throws {
        let plain = Augmenter(augmentations: [], seed: 0, sampleShape: data.sampleShape)
        try fill(executable, BatchRequest(rows: ArraySlice(rows), draw: 0), BatchFiller(data, plain, epoch: 0))
    }

    private func fill(_ executable: Executable, _ request: BatchRequest, _ filler: BatchFiller) throws {
        try filler.fill(
            request, inputs: executable.input(0).pointer.assumingMemoryBound(to: Float.self),
            targets: executable.input(1).pointer, threads: plans.engine.threads)
    }

    /// What the mixing of a batch follows from: the number of its step, counted in batches.
    ///
    /// It only has to differ from that of others, so that it may wrap.
    private func draw(_ step: Int, part: Int) -> Int { step &* plans.gradient.accumulate &+ part }
}

extension Trainer {
    /// The samples at `rows` in memory, read with the time-out that batches have.
    ///
    /// - Throws: `EspalierError` where they cannot be read.
    package func inMemory(_ rows: [Int], of data: Dataset) throws -> Dataset {
        let part = data[rows]
        guard part.isStored else { return part }
        let plain = Augmenter(augmentations: [], seed: 0, sampleShape: data.sampleShape)
        let filler = BatchFiller(part, plain, epoch: 0), all = ArraySlice(0..<part.count)
        let inputs = Storage(count: part.count * filler.sampleSize)
        let targets = Storage(count: part.count * filler.targetSize)
        let loader = try BatchLoader([.init(rows: all, draw: 0)], filler, threads: 1, settings: self.loader)
        defer { loader.stop() }
        try loader.next(all, inputs: inputs, targets: targets, threads: 1)
        return try Dataset(
            name: data.name, sampleShape: data.sampleShape, inputs: Array(inputs.floats), targets: part.targets,
            featureNames: data.featureNames)
    }
}
