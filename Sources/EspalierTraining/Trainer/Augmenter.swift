import EspalierData
import EspalierGraph
import EspalierNN
import EspalierSpec

/// Changes the samples and batches of a training as its augmentations say.
///
/// What happens to a sample follows from the seed, the epoch and the sample; who is mixed with whom from the seed and the
/// step.
struct Augmenter: Sendable {
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

    /// Whether samples are changed, each by itself.
    var changesSamples: Bool { augmentations.contains { $0 is any SampleAugmentation } }

    /// Whether targets are mixed.
    var mixes: Bool { augmentations.contains { $0 is any MixingAugmentation } }

    /// Changes the sample of row `row`.
    func augment(_ sample: UnsafeMutableBufferPointer<Float>, _ row: Int, epoch: Int) {
        guard changesSamples else { return }
        var random = RandomStream(seed: seed, "augment", epoch, row)
        for case let augmentation as any SampleAugmentation in augmentations {
            augmentation.apply(to: sample, shape: sampleShape, using: &random)
        }
    }

    /// Mixes the samples in `inputs` and their targets, `width` numbers each.
    func mix(
        _ inputs: UnsafeMutableBufferPointer<Float>, targets: UnsafeMutableBufferPointer<Float>, count: Int, step: Int
    ) {
        let width = targets.count / count
        for (number, augmentation) in augmentations.enumerated() {
            guard let mixture = augmentation as? any MixingAugmentation else { continue }
            var random = RandomStream(seed: seed, "mix", step, number)
            let partners = random.permutation(of: count)
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
