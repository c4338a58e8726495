import EspalierGraph
import EspalierSpec

/// Changes an image's brightness, contrast and saturation by factors drawn from 1 - b to 1 + b each.
///
///     brightness: x <- f x        contrast: x <- m + f (x - m)        saturation: x <- g + f (x - g)
///
/// m is the image's mean, g the mean over the channels at each place. It acts on scaled inputs: with `scale: unit` or
/// `none` 0 is black, as is usual. 0.2 each is this project's choice. Use it for photographs; not where the colour is
/// what tells classes apart.
///
/// Source: Krizhevsky, Sutskever and Hinton 2012, "ImageNet classification with deep convolutional neural networks".
public struct ColorJitter: SampleAugmentation {
    public var brightness = 0.2
    public var contrast = 0.2
    public var saturation = 0.2

    public static let name = "colorJitter"
    public static let summary = "Changes an image's brightness, contrast and saturation"
    public static let fields = [
        Field("brightness", \Self.brightness, "largest change of the factor", in: 0...1),
        Field("contrast", \Self.contrast, "largest change of the factor", in: 0...1),
        Field("saturation", \Self.saturation, "largest change of the factor", in: 0...1),
    ]

    public init() {}

    public init(brightness: Double = 0.2, contrast: Double = 0.2, saturation: Double = 0.2) {
        self.brightness = brightness
        self.contrast = contrast
        self.saturation = saturation
    }

    public func check(sampleShape: [Int]) throws { try checkImages(sampleShape) }

    public func apply(to sample: UnsafeMutableBufferPointer<Float>, shape: [Int], using random: inout RandomStream) {
        let image = ImageExtents(shape), places = image.height * image.width
        let factors = [brightness, contrast, saturation].map { Float(random.uniform(in: 1 - $0...1 + $0)) }
        for index in sample.indices { sample[index] *= factors[0] }
        let mean = Float(sample.reduce(0) { $0 + Double($1) } / Double(sample.count))
        for index in sample.indices { sample[index] = mean + factors[1] * (sample[index] - mean) }
        guard image.channels > 1 else { return }
        for place in 0..<places {
            var grey: Float = 0
            for channel in 0..<image.channels { grey += sample[channel * places + place] }
            grey /= Float(image.channels)
            for channel in 0..<image.channels {
                let index = channel * places + place
                sample[index] = grey + factors[2] * (sample[index] - grey)
            }
        }
    }
}
