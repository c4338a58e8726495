import EspalierGraph
import EspalierSpec

/// A change of training samples after which their targets still hold: an entry of `augment:` in a configuration.
///
/// What is drawn follows from the seed, the epoch and the sample (for a mixture the batch), so that a sample is changed in
/// the same way whatever else is in its batch. Samples are changed after scaling, in training alone.
public protocol Augmentation: Specification {
    /// Refuses samples that it has no meaning for.
    ///
    /// - Throws: `EspalierError` with what samples should be.
    func check(sampleShape: [Int]) throws
}

/// An augmentation that changes each sample for itself.
public protocol SampleAugmentation: Augmentation {
    /// Changes one sample of `shape` in place.
    func apply(to sample: UnsafeMutableBufferPointer<Float>, shape: [Int], using random: inout RandomStream)
}

/// An augmentation that mixes the samples of a batch, and their targets with them.
public protocol MixingAugmentation: Augmentation {
    /// Changes the samples of a batch in place.
    ///
    /// - Parameters:
    ///   - inputs: The samples, one after the other.
    ///   - shape: The shape of one sample.
    ///   - partners: For each sample the one that it is mixed with.
    ///   - random: What is drawn from.
    /// - Returns: The share of a sample's own target in the mixture.
    func mix(
        _ inputs: UnsafeMutableBufferPointer<Float>, shape: [Int], partners: [Int], using random: inout RandomStream
    ) -> Double
}

extension Augmentation {
    public func check(sampleShape: [Int]) throws {}
}

/// Images of [C, H, W], one after the other channels.
struct ImageExtents {
    let channels: Int, height: Int, width: Int

    init(_ shape: [Int]) { (channels, height, width) = (shape[0], shape[1], shape[2]) }

    func index(_ channel: Int, _ row: Int, _ column: Int) -> Int { (channel * height + row) * width + column }
}

extension Augmentation {
    /// Refuses samples that are no images.
    func checkImages(_ sampleShape: [Int]) throws {
        guard sampleShape.count != 3 else { return }
        throw EspalierError(
            "\(Self.name) is for images, and samples have the shape \(sampleShape)",
            expected: "samples of [channels, height, width]",
            fix: "data of images, such as source: \(DigitImagesSource.name)")
    }
}

extension Registry where Part == any Augmentation {
    /// The augmentations that Espalier brings.
    public static var standard: Self {
        var registry = Self(kind: "augmentation")
        registry.register(HorizontalFlip.self) { $0 }
        registry.register(VerticalFlip.self) { $0 }
        registry.register(RandomCrop.self) { $0 }
        registry.register(Rotation.self) { $0 }
        registry.register(Affine.self) { $0 }
        registry.register(ColorJitter.self) { $0 }
        registry.register(Erasing.self) { $0 }
        registry.register(Noise.self) { $0 }
        registry.register(MixUp.self) { $0 }
        registry.register(CutMix.self) { $0 }
        return registry
    }
}

extension RandomStream {
    /// Uniform within bounds.
    mutating func uniform(in range: ClosedRange<Double>) -> Double {
        range.lowerBound + uniform() * (range.upperBound - range.lowerBound)
    }
}
