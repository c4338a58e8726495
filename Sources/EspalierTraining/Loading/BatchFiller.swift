import EspalierData
import EspalierEngine
import EspalierGraph
import Synchronization

/// A batch that a step is to be taken on.
struct BatchRequest: Sendable {
    let rows: ArraySlice<Int>
    /// What the mixing of its samples follows from.
    let draw: Int
}

/// Makes batches: copies samples and targets, and changes them as the augmentations say.
///
/// What a batch holds follows from the seed, the epoch and the request, whoever makes it and when.
struct BatchFiller: Sendable {
    let data: Dataset
    let augmenter: Augmenter
    let epoch: Int
    /// How many classes there are, where targets are shares of them instead of labels.
    let sharedClasses: Int?
    /// Numbers of one sample, and of its targets.
    let sampleSize: Int, targetSize: Int

    init(_ data: Dataset, _ augmenter: Augmenter, epoch: Int) {
        self.data = data
        self.augmenter = augmenter
        self.epoch = epoch
        sharedClasses = augmenter.mixes ? data.targets.classCount : nil
        sampleSize = data.sampleSize
        targetSize =
            switch data.targets {
            case .classes(let labels, _): sharedClasses ?? labels.count / data.count
            case .values(_, let width, _): width
            }
    }

    /// Makes the samples and targets at the given positions of a batch.
    ///
    /// - Parameters:
    ///   - positions: Which of `rows`, counted from the batch's first.
    ///   - inputs: Where the batch's samples begin, not only those at `positions`.
    ///   - targets: Where its targets begin.
    ///   - begin: Told of each sample before it is read; false ends early.
    func fill(
        _ rows: ArraySlice<Int>, _ positions: Range<Int>, inputs: UnsafeMutablePointer<Float>,
        targets: UnsafeMutableRawPointer, begin: (Int) -> Bool = { _ in true }
    ) throws {
        let part = rows[(rows.startIndex + positions.lowerBound)..<(rows.startIndex + positions.upperBound)]
        fillTargets(part, at: targets + positions.lowerBound * targetSize * 4)
        let start = inputs + positions.lowerBound * sampleSize
        guard data.isStored || augmenter.changesSamples else {
            if let first = part.first, begin(first) { try data.copyInputs(part, to: start) }
            return
        }
        for (position, row) in part.enumerated() {
            guard begin(row) else { return }
            let sample = start + position * sampleSize
            try data.copyInputs(CollectionOfOne(row), to: sample)
            augmenter.augment(UnsafeMutableBufferPointer(start: sample, count: sampleSize), row, epoch: epoch)
        }
    }

    private func fillTargets(_ rows: ArraySlice<Int>, at targets: UnsafeMutableRawPointer) {
        guard let sharedClasses, case .classes(let labels, _) = data.targets else {
            return data.copyTargets(rows, to: targets)
        }
        // All of a sample is of the class that its label names.
        let shares = UnsafeMutableBufferPointer(
            start: targets.assumingMemoryBound(to: Float.self), count: rows.count * sharedClasses)
        shares.update(repeating: 0)
        for (position, row) in rows.enumerated() { shares[position * sharedClasses + Int(labels[row])] = 1 }
    }

    /// Mixes the samples of a whole batch, and their targets.
    func mix(_ request: BatchRequest, inputs: UnsafeMutablePointer<Float>, targets: UnsafeMutableRawPointer) {
        guard augmenter.mixes else { return }
        let count = request.rows.count
        augmenter.mix(
            UnsafeMutableBufferPointer(start: inputs, count: count * sampleSize),
            targets: UnsafeMutableBufferPointer(
                start: targets.assumingMemoryBound(to: Float.self), count: count * targetSize),
            count: count, step: request.draw)
    }

    /// Makes a whole batch, on several threads of the team where that pays.
    func fill(
        _ request: BatchRequest, inputs: UnsafeMutablePointer<Float>, targets: UnsafeMutableRawPointer, threads: Int
    ) throws {
        let rows = request.rows
        let pays = data.isStored || augmenter.changesSamples || rows.count * sampleSize >= 65536
        // Members of the team write to places of their own.
        nonisolated(unsafe) let (inputs, targets) = (inputs, targets)
        try ThreadTeam.forEachBand(
            of: rows.count, threads: pays ? threads : 1,
            throwing: { band in
                try fill(rows, band, inputs: inputs, targets: targets)
            })
        mix(request, inputs: inputs, targets: targets)
    }
}

extension ThreadTeam {
    /// The same, of which the error of the first range that has one is thrown, once all are done.
    static func forEachBand(
        of count: Int, threads: Int, throwing body: @Sendable (Range<Int>) throws -> Void
    ) throws {
        let failures = Mutex<[(start: Int, error: any Error)]>([])
        withoutActuallyEscaping(body) { body in
            forEachBand(of: count, threads: threads) { band in
                do {
                    try body(band)
                } catch {
                    failures.withLock { $0.append((band.lowerBound, error)) }
                }
            }
        }
        if let first = failures.withLock({ $0.min { $0.start < $1.start } }) { throw first.error }
    }
}
