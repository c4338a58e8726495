import EspalierGraph
import EspalierSpec
import Foundation

/// Turns an image around its centre by an angle drawn from -degrees to degrees.
///
/// Between places it is interpolated linearly; what comes in from outside is 0. 15 degrees is this project's choice, at
/// which digits stay what they are.
///
/// Use it for things that may lie askew; not by so much that another class comes out, as a 6 becomes a 9.
///
/// Source: Simard, Steinkraus and Platt 2003, "Best practices for convolutional neural networks applied to visual
/// document analysis".
public struct Rotation: SampleAugmentation {
    public var degrees = 15.0

    public static let name = "rotation"
    public static let summary = "Turns an image around its centre"
    public static let fields = [Field("degrees", \Self.degrees, "largest angle to either side", in: 0...180)]

    public init() {}

    public init(degrees: Double) { self.degrees = degrees }

    public func check(sampleShape: [Int]) throws { try checkImages(sampleShape) }

    public func apply(to sample: UnsafeMutableBufferPointer<Float>, shape: [Int], using random: inout RandomStream) {
        let map = AffineMap(degrees: random.uniform(in: -degrees...degrees))
        map.warp(sample, ImageExtents(shape))
    }
}

/// Turns, shifts, scales and shears an image at once.
///
/// The angle is drawn from -degrees to degrees, shifts along each axis up to `translate` of its extent, the scale from
/// 1 - scale to 1 + scale, the shear from -shear to shear degrees. Between places it is interpolated linearly; what comes
/// in from outside is 0. The defaults are this project's: small changes that digits survive.
///
/// Use it for handwriting and other things of changing form; not where size or angle is what tells classes apart.
///
/// Source: Simard, Steinkraus and Platt 2003, "Best practices for convolutional neural networks applied to visual
/// document analysis".
public struct Affine: SampleAugmentation {
    public var degrees = 10.0
    public var translate = 0.1
    public var scale = 0.1
    public var shear = 5.0

    public static let name = "affine"
    public static let summary = "Turns, shifts, scales and shears an image at once"
    public static let fields = [
        Field("degrees", \Self.degrees, "largest angle to either side", in: 0...180),
        Field("translate", \Self.translate, "largest shift, as a share of the extent", in: 0..<1),
        Field("scale", \Self.scale, "largest change of the size, as a share of it", in: 0..<1),
        Field("shear", \Self.shear, "largest shear to either side, in degrees", in: 0..<90),
    ]

    public init() {}

    public func check(sampleShape: [Int]) throws { try checkImages(sampleShape) }

    public func apply(to sample: UnsafeMutableBufferPointer<Float>, shape: [Int], using random: inout RandomStream) {
        let image = ImageExtents(shape)
        let map = AffineMap(
            degrees: random.uniform(in: -degrees...degrees), scale: random.uniform(in: 1 - scale...1 + scale),
            shear: random.uniform(in: -shear...shear),
            down: random.uniform(in: -translate...translate) * Double(image.height),
            right: random.uniform(in: -translate...translate) * Double(image.width))
        map.warp(sample, image)
    }
}

/// Where a place of the result was in the image: a linear map around the centre, after the shift is taken back.
private struct AffineMap {
    private let matrix: (Double, Double, Double, Double)
    private let down: Double
    private let right: Double

    /// The inverse of: shear along the rows, turn, scale, then shift.
    init(degrees: Double, scale: Double = 1, shear: Double = 0, down: Double = 0, right: Double = 0) {
        let angle = degrees * .pi / 180, slope = tan(shear * .pi / 180)
        let c = cos(angle) / scale, s = sin(angle) / scale
        // Rows and columns of the inverse turn, then of the inverse shear.
        matrix = (c, s, -s - slope * c, c - slope * s)
        self.down = down
        self.right = right
    }

    func warp(_ sample: UnsafeMutableBufferPointer<Float>, _ image: ImageExtents) {
        let before = Array(sample)
        let middleRow = Double(image.height - 1) / 2, middleColumn = Double(image.width - 1) / 2
        for row in 0..<image.height {
            for column in 0..<image.width {
                let y = Double(row) - middleRow - down, x = Double(column) - middleColumn - right
                let sourceRow = matrix.0 * y + matrix.1 * x + middleRow
                let sourceColumn = matrix.2 * y + matrix.3 * x + middleColumn
                for channel in 0..<image.channels {
                    sample[image.index(channel, row, column)] = Self.value(
                        before, image, channel, sourceRow, sourceColumn)
                }
            }
        }
    }

    /// Between the four places around, of which those outside are 0.
    private static func value(
        _ pixels: [Float], _ image: ImageExtents, _ channel: Int, _ row: Double, _ column: Double
    ) -> Float {
        let top = row.rounded(.down), left = column.rounded(.down)
        var sum = 0.0
        for (y, weight) in [(top, 1 - (row - top)), (top + 1, row - top)] where weight > 0 {
            for (x, share) in [(left, 1 - (column - left)), (left + 1, column - left)] where share > 0 {
                guard y >= 0, x >= 0, Int(y) < image.height, Int(x) < image.width else { continue }
                sum += weight * share * Double(pixels[image.index(channel, Int(y), Int(x))])
            }
        }
        return Float(sum)
    }
}
