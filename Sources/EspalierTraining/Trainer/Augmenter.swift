import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec

/// Changes the batches of a training as its augmentations say, where the compiled step reads them.
///
/// What happens to a sample follows from the seed, the epoch and the sample; who is mixed with whom from the seed and the
/// step.
struct Augmenter {
    let augmentations: [any Augmentation]
    let seed: UInt64
    let sampleShape: [Int]

    /// Refuses an augmentation of samples or targets that it cannot change.
    ///
    /// - Throws: `EspalierError` with what they should be.
    static func check(
        _ augmentation: any Augmentation, sampleShape: [Int], loss: any Loss, _ kind: TargetKind, labels: Int
    ) throws {
        try augmentation.check(sampleShape: sampleShape)
        guard augmentation is any MixingAugmentation, kind == .classes else { return }
        let name = type(of: augmentation).name
        guard type(of: loss).takesShares else {
            throw EspalierError(
                "\(name) mixes targets, and \(type(of: loss).name) takes whole classes alone",
                expected: "a loss on shares of classes", fix: "loss: \(CrossEntropyLoss.name)")
        }
        guard labels == 1 else {
            throw EspalierError(
                "\(name) mixes the label of each sample with another, and samples have \(labels)",
                expected: "one label for each sample")
        }
    }

    /// Whether targets are mixed.
    var mixes: Bool { augmentations.contains { $0 is any MixingAugmentation } }

    /// Changes the samples at `rows`, which lie in `inputs`, one by one.
    func augment(
        _ inputs: UnsafeMutableBufferPointer<Float>, _ rows: [Int], epoch: Int, threads: Int
    ) {
        let single = augmentations.compactMap { $0 as? any SampleAugmentation }
        guard !single.isEmpty, let start = inputs.baseAddress else { return }
        let size = inputs.count / rows.count, shape = sampleShape, seed = self.seed
        // The members of the team write to places of their own.
        nonisolated(unsafe) let base = start
        ThreadTeam.forEachBand(of: rows.count, threads: threads) { band in
            for position in band {
                var random = RandomStream(seed: seed, "augment", epoch, rows[position])
                let sample = UnsafeMutableBufferPointer(start: base + position * size, count: size)
                for augmentation in single { augmentation.apply(to: sample, shape: shape, using: &random) }
            }
        }
    }

    /// Who is mixed with whom by augmentation `number` of a batch, and what the mixture draws from after that.
    func partners(_ number: Int, count: Int, step: Int) -> ([Int], RandomStream) {
        var random = RandomStream(seed: seed, "mix", step, number)
        return (random.permutation(of: count), random)
    }

    /// Mixes the samples in `inputs` and their targets, `width` numbers each.
    func mix(
        _ inputs: UnsafeMutableBufferPointer<Float>, targets: UnsafeMutableBufferPointer<Float>, count: Int, step: Int
    ) {
        let width = targets.count / count
        for (number, augmentation) in augmentations.enumerated() {
            guard let mixture = augmentation as? any MixingAugmentation else { continue }
            var (partners, random) = self.partners(number, count: count, step: step)
            let share = Float(mixture.mix(inputs, shape: sampleShape, partners: partners, using: &random))
            let before = Array(targets)
            for (sample, partner) in partners.enumerated() {
                for index in 0..<width {
                    targets[sample * width + index] =
                        share * before[sample * width + index] + (1 - share) * before[partner * width + index]
                }
            }
        }
    }
}
