import EspalierGraph
import EspalierSpec

/// Shifts an image by up to `padding` places along both axes: a crop of its own size out of the image with a border.
///
/// The border is 0, which is the mean where inputs are scaled to standard. 4 as for CIFAR-10 in the source. Use it for
/// images whose things may stand anywhere; with the padding below the free space around them nothing is lost.
///
/// Source: He, Zhang, Ren and Sun 2016, "Deep residual learning for image recognition", section 4.2.
public struct RandomCrop: SampleAugmentation {
    public var padding = 4

    public static let name = "randomCrop"
    public static let summary = "A crop of the image's own size out of the image with a border"
    public static let fields = [Field("padding", \Self.padding, "width of the border", in: 0...)]

    public init() {}

    public init(padding: Int) { self.padding = padding }

    public func check(sampleShape: [Int]) throws {
        try checkImages(sampleShape)
        guard padding >= min(sampleShape[1], sampleShape[2]) else { return }
        throw EspalierError(
            "randomCrop: a shift by \(padding) can leave nothing of images of \(sampleShape)",
            expected: "a padding below \(min(sampleShape[1], sampleShape[2]))")
    }

    public func apply(to sample: UnsafeMutableBufferPointer<Float>, shape: [Int], using random: inout RandomStream) {
        let image = ImageExtents(shape)
        let down = random.index(below: 2 * padding + 1) - padding
        let right = random.index(below: 2 * padding + 1) - padding
        guard (down, right) != (0, 0) else { return }
        let before = Array(sample)
        for channel in 0..<image.channels {
            for row in 0..<image.height {
                for column in 0..<image.width {
                    let isInside = (0..<image.height).contains(row + down) && (0..<image.width).contains(column + right)
                    sample[image.index(channel, row, column)] =
                        isInside ? before[image.index(channel, row + down, column + right)] : 0
                }
            }
        }
    }
}
