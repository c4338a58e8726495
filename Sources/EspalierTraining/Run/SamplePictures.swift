import EspalierData
import Foundation

/// Numbers of samples as small pictures.
struct SamplePictures {
    private let shape: [Int]
    private let scaler: Scaler
    private var low: Float = 0
    private var high: Float = 1

    /// Pictures of more pixels to a side are made so small.
    private static let largestSide = 64, smallSide = 48

    /// - Parameter samples: From whose least number, once scaling is undone, to the largest the shades go.
    init(showing samples: [[Float]], _ shape: [Int], _ scaler: Scaler) {
        self.shape = shape
        self.scaler = scaler
        let values = samples.flatMap(unscaled)
        low = values.min() ?? 0
        high = values.max() ?? 1
    }

    private func unscaled(_ values: [Float]) -> [Float] {
        var values = values
        scaler.invert(&values)
        return values
    }

    func image(of sample: [Float]) -> String {
        let values = unscaled(sample), (channels, height, width) = (shape[0], shape[1], shape[2])
        let factor = high > low ? 255 / (high - low) : 0
        let shades = values.map { value in
            let shade = ((value - low) * factor).rounded()
            return shade > 0 ? UInt8(min(255, shade)) : 0
        }
        let area = height * width
        var picture = Picture(
            height: height, width: width, channels: channels,
            pixels: (0..<area).flatMap { place in (0..<channels).map { shades[$0 * area + place] } })
        let side = max(height, width)
        if side > Self.largestSide {
            picture = picture.resized(
                height: max(1, height * Self.smallSide / side), width: max(1, width * Self.smallSide / side),
                by: .stretch)
        }
        let file = PNGWriter.file(
            height: picture.height, width: picture.width, channels: channels, pixels: picture.pixels)
        return Data(file).base64EncodedString()
    }

    /// Pictures of all samples of some data; nothing where they are no images of one or three channels.
    ///
    /// - Throws: `EspalierError` where a sample cannot be read.
    static func images(of data: Dataset, _ scaler: Scaler) throws -> [String]? {
        let shape = data.sampleShape, size = data.sampleSize
        guard shape.count == 3, shape[0] == 1 || shape[0] == 3 else { return nil }
        let values = try data.inputValues()
        let samples = (0..<data.count).map { Array(values[$0 * size..<($0 + 1) * size]) }
        let pictures = SamplePictures(showing: samples, shape, scaler)
        return samples.map(pictures.image)
    }
}
