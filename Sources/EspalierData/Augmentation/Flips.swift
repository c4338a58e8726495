import EspalierGraph
import EspalierSpec

/// Mirrors an image left to right, with probability p.
///
/// Use it where a mirrored thing is the same thing: not for digits and letters. p 0.5 as usual.
///
/// Source: Krizhevsky, Sutskever and Hinton 2012, "ImageNet classification with deep convolutional neural networks".
public struct HorizontalFlip: SampleAugmentation {
    public var p = 0.5

    public static let name = "horizontalFlip"
    public static let summary = "Mirrors an image left to right"
    public static let fields = [Field("p", \Self.p, "probability", in: 0...1)]

    public init() {}

    public init(p: Double) { self.p = p }

    public func check(sampleShape: [Int]) throws { try checkImages(sampleShape) }

    public func apply(to sample: UnsafeMutableBufferPointer<Float>, shape: [Int], using random: inout RandomStream) {
        guard random.uniform() < p else { return }
        let image = ImageExtents(shape)
        for line in 0..<image.channels * image.height {
            sample[line * image.width..<(line + 1) * image.width].reverse()
        }
    }
}

/// Mirrors an image top to bottom, with probability p.
///
/// Use it for pictures without an up, such as those from above or through a microscope. p 0.5 as usual.
public struct VerticalFlip: SampleAugmentation {
    public var p = 0.5

    public static let name = "verticalFlip"
    public static let summary = "Mirrors an image top to bottom"
    public static let fields = [Field("p", \Self.p, "probability", in: 0...1)]

    public init() {}

    public init(p: Double) { self.p = p }

    public func check(sampleShape: [Int]) throws { try checkImages(sampleShape) }

    public func apply(to sample: UnsafeMutableBufferPointer<Float>, shape: [Int], using random: inout RandomStream) {
        guard random.uniform() < p else { return }
        let image = ImageExtents(shape)
        for channel in 0..<image.channels {
            for row in 0..<image.height / 2 {
                for column in 0..<image.width {
                    sample.swapAt(
                        image.index(channel, row, column), image.index(channel, image.height - 1 - row, column))
                }
            }
        }
    }
}
