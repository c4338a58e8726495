import EspalierGraph
import EspalierSpec
import Foundation

/// Sets a rectangle of an image to 0, with probability p.
///
/// Its area is drawn from 2 % to `largest` of the image's, the ratio of its sides from 0.3 to 1 / 0.3 on a logarithmic
/// scale; it lies wholly within the image. 0.5 and 0.33 as in the source. Use it against reliance on a single part of a
/// thing; not where the small thing that counts may be covered.
///
/// Source: Zhong, Zheng, Kang, Li and Yang 2020, "Random erasing data augmentation".
public struct Erasing: SampleAugmentation {
    public var p = 0.5
    public var largest = 0.33

    public static let name = "erasing"
    public static let summary = "Sets a rectangle of an image to 0"
    public static let fields = [
        Field("p", \Self.p, "probability", in: 0...1),
        Field("largest", \Self.largest, "largest share of the image", in: 0.02...1),
    ]

    public init() {}

    public init(p: Double = 0.5, largest: Double = 0.33) {
        self.p = p
        self.largest = largest
    }

    public func check(sampleShape: [Int]) throws { try checkImages(sampleShape) }

    public func apply(to sample: UnsafeMutableBufferPointer<Float>, shape: [Int], using random: inout RandomStream) {
        guard random.uniform() < p else { return }
        let image = ImageExtents(shape)
        let area = random.uniform(in: 0.02...max(0.02, largest)) * Double(image.height * image.width)
        let ratio = exp(random.uniform(in: log(0.3)...log(1 / 0.3)))
        let box = Box(
            height: (area * ratio).squareRoot(), width: (area / ratio).squareRoot(), within: image, using: &random)
        for channel in 0..<image.channels {
            for row in box.rows {
                for column in box.columns { sample[image.index(channel, row, column)] = 0 }
            }
        }
    }
}

/// A rectangle within an image.
struct Box {
    let rows: Range<Int>
    let columns: Range<Int>

    /// - Parameters:
    ///   - height: About how high; at least one place, and no more than the image.
    ///   - width: About how wide.
    init(height: Double, width: Double, within image: ImageExtents, using random: inout RandomStream) {
        let height = min(max(Int(height.rounded()), 1), image.height)
        let width = min(max(Int(width.rounded()), 1), image.width)
        let top = random.index(below: image.height - height + 1), left = random.index(below: image.width - width + 1)
        rows = top..<top + height
        columns = left..<left + width
    }
}
