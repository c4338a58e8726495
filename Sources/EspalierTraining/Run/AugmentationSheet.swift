import EspalierData
import EspalierGraph
import EspalierSpec
import Foundation

/// `augmentations.json`: some training images as they are, and as the first epochs of the training will see them.
///
/// The keys are the training's own, so these are the very samples: what happens to each by itself, and whom it is mixed with.
/// Scaling is undone for the picture. For data that is no images of one or three channels there is none.
struct AugmentationSheet: Codable {
    /// What each row shows: the sample as it is, then one row an epoch.
    var rows: [String]
    var columns: [Column]

    struct Column: Codable {
        /// The class or value of the sample.
        var label: String
        var cells: [Cell]
    }

    struct Cell: Codable {
        /// A PNG file in base 64; nothing where the epoch leaves the sample out.
        var image: String?
        /// The mixture of classes, where there is one.
        var note: String?
    }

    private static let mostColumns = 8
    private static let mostEpochs = 4

    /// - Returns: Nothing where there is nothing to show.
    /// - Throws: `EspalierError` where a sample cannot be read.
    init?(_ prepared: PreparedExperiment, _ augmenter: Augmenter) throws {
        let shape = prepared.data.train.sampleShape
        guard !augmenter.augmentations.isEmpty, shape.count == 3, shape[0] == 1 || shape[0] == 3 else { return nil }
        let viewer = AugmentationViewer(prepared, augmenter)
        let samples = viewer.batches(of: 1).order.prefix(Self.mostColumns)
        let epochs = Array(1...min(Self.mostEpochs, prepared.experiment.training.epochs))
        let originals = try samples.map { try viewer.original($0) }
        let pictures = SamplePictures(showing: originals.map(\.values), shape, prepared.inputScaler)
        let seen = try epochs.map { try viewer.seen(Array(samples), in: $0) }
        rows = ["as it is"] + epochs.map { "epoch \($0)" }
        columns = originals.enumerated().map { index, original in
            let label = viewer.description(of: original.shares)
            let cells =
                [Cell(image: pictures.image(of: original.values))]
                + seen.map { row in
                    row[index].map { sample in
                        let note = viewer.description(of: sample.shares)
                        return Cell(image: pictures.image(of: sample.values), note: note == label ? nil : note)
                    } ?? Cell()
                }
            return Column(label: label, cells: cells)
        }
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(Array(encoder.encode(self)), to: path)
    }
}

/// Training samples as they come to the model.
struct AugmentationViewer {
    let data: Dataset
    let augmenter: Augmenter
    let batchSize: Int
    let dropLast: Bool
    /// Batches to a step.
    let accumulate: Int

    /// A sample, and which rows of the data its target is made of, by what shares.
    struct Sample {
        var values: [Float]
        var shares: [(row: Int, share: Double)]
    }

    init(_ prepared: PreparedExperiment, _ augmenter: Augmenter) {
        data = prepared.data.train
        self.augmenter = augmenter
        batchSize = prepared.experiment.training.batchSize
        dropLast = prepared.experiment.training.dropLast
        accumulate = prepared.experiment.gradient.accumulate
    }

    func batches(of epoch: Int) -> Batches {
        Batches(
            DataOrder.permutation(count: data.count, seed: augmenter.seed, epoch: epoch), size: batchSize,
            dropLast: dropLast)
    }

    func original(_ row: Int) throws -> Sample {
        Sample(values: try data[[row]].inputValues(), shares: [(row, 1)])
    }

    /// The samples at `rows` in an epoch; nothing for one that stands in no batch.
    func seen(_ rows: [Int], in epoch: Int) throws -> [Sample?] {
        let batches = batches(of: epoch), wanted = Set(rows)
        let steps = (batches.count + accumulate - 1) / accumulate
        var places: [Int: Int] = [:]
        for (place, row) in batches.order.enumerated() where wanted.contains(row) { places[row] = place }
        return try rows.map { row in
            guard let place = places[row], place / batchSize < batches.count else { return nil }
            let number = place / batchSize
            let step = (epoch - 1) * steps + number / accumulate
            return try seen(
                place % batchSize, of: batches[number], epoch: epoch, draw: step * accumulate + number % accumulate,
                after: augmenter.augmentations.count)
        }
    }

    /// Sample `place` of a batch after the first `count` augmentations, of which mixtures come last.
    ///
    /// A mixture is that of two samples alone: what it draws does not depend on how many are mixed.
    private func seen(
        _ place: Int, of batch: ArraySlice<Int>, epoch: Int, draw: Int, after count: Int
    ) throws -> Sample {
        guard let number = augmenter.augmentations[..<count].lastIndex(where: { $0 is any MixingAugmentation }),
            let mixture = augmenter.augmentations[number] as? any MixingAugmentation
        else {
            let row = batch[batch.startIndex + place]
            var sample = try original(row)
            sample.values.withUnsafeMutableBufferPointer { augmenter.augment($0, row, epoch: epoch) }
            return sample
        }
        var (partners, random) = augmenter.partners(number, count: batch.count, step: draw)
        let own = try seen(place, of: batch, epoch: epoch, draw: draw, after: number)
        let other = try seen(partners[place], of: batch, epoch: epoch, draw: draw, after: number)
        var both = own.values + other.values
        let share = both.withUnsafeMutableBufferPointer {
            mixture.mix($0, shape: augmenter.sampleShape, partners: [1, 0], using: &random)
        }
        return Sample(
            values: Array(both.prefix(own.values.count)),
            shares: own.shares.map { ($0.row, $0.share * share) }
                + other.shares.map { ($0.row, $0.share * (1 - share)) })
    }

    /// `cat`, or `70 % cat, 30 % dog`; for values their mean.
    func description(of shares: [(row: Int, share: Double)]) -> String {
        switch data.targets {
        case .classes(let labels, let names):
            let width = labels.count / data.count
            guard width == 1 else { return "" }
            var sums: [Int32: Double] = [:]
            for (row, share) in shares { sums[labels[row], default: 0] += share }
            let percents = sums.map { (name: names[Int($0.key)], percent: Int(($0.value * 100).rounded())) }
                .filter { $0.percent > 0 }.sorted { ($1.percent, $0.name) < ($0.percent, $1.name) }
            return percents.count == 1
                ? percents[0].name : percents.map { "\($0.percent)\u{A0}% \($0.name)" }.joined(separator: ", ")
        case .values(let values, let width, _):
            guard width == 1 else { return "" }
            let mean = shares.reduce(0) { $0 + $1.share * Double(values[$1.row]) }
            return Float(mean).formatted(
                .number.precision(.significantDigits(1...3)).locale(Locale(identifier: "en_US")))
        }
    }
}
