import EspalierGraph
import EspalierSpec
import Foundation

/// Mixes each sample of a batch with another one, and their targets by the same share.
///
///     x <- lambda x + (1 - lambda) x'        t <- lambda t + (1 - lambda) t'        lambda from Beta(alpha, alpha)
///
/// One lambda a batch, as in the source; alpha 0.2 is its choice for ImageNet. Use it against over-confidence and for
/// labels with mistakes; the training loss then no longer comes near 0, which says nothing against the model.
///
/// Source: Zhang, Cisse, Dauphin and Lopez-Paz 2018, "mixup: beyond empirical risk minimization".
public struct MixUp: MixingAugmentation {
    public var alpha = 0.2

    public static let name = "mixUp"
    public static let summary = "Mixes samples, and their targets by the same share"
    public static let fields = [
        Field("alpha", \Self.alpha, "of the share's distribution, Beta(alpha, alpha)", in: .positive)
    ]

    public init() {}

    public init(alpha: Double) { self.alpha = alpha }

    public func mix(
        _ inputs: UnsafeMutableBufferPointer<Float>, shape: [Int], partners: [Int], using random: inout RandomStream
    ) -> Double {
        let share = random.beta(alpha), size = inputs.count / partners.count
        let before = Array(inputs)
        let own = Float(share), other = Float(1 - share)
        for (sample, partner) in partners.enumerated() {
            for index in 0..<size {
                inputs[sample * size + index] =
                    own * before[sample * size + index] + other * before[partner * size + index]
            }
        }
        return share
    }
}

/// Puts a rectangle of another image into each image of a batch, and mixes their targets by the areas.
///
/// The rectangle has the image's proportions and a share 1 - lambda of its area, lambda from Beta(alpha, alpha); lambda is
/// then that of the rectangle in whole places. alpha 1 as in the source. One rectangle a batch. Use it for images with
/// things that fill them; a rectangle of nothing but background is given a share that it does not deserve.
///
/// Source: Yun, Han, Oh, Chun, Choe and Yoo 2019, "CutMix: regularization strategy to train strong classifiers with
/// localizable features".
public struct CutMix: MixingAugmentation {
    public var alpha = 1.0

    public static let name = "cutMix"
    public static let summary = "Puts a rectangle of one image into another, and mixes targets by the areas"
    public static let fields = [
        Field("alpha", \Self.alpha, "of the share's distribution, Beta(alpha, alpha)", in: .positive)
    ]

    public init() {}

    public init(alpha: Double) { self.alpha = alpha }

    public func check(sampleShape: [Int]) throws { try checkImages(sampleShape) }

    public func mix(
        _ inputs: UnsafeMutableBufferPointer<Float>, shape: [Int], partners: [Int], using random: inout RandomStream
    ) -> Double {
        let image = ImageExtents(shape), size = inputs.count / partners.count
        let side = (1 - random.beta(alpha)).squareRoot()
        let box = Box(
            height: side * Double(image.height), width: side * Double(image.width), within: image, using: &random)
        let before = Array(inputs)
        for (sample, partner) in partners.enumerated() {
            for channel in 0..<image.channels {
                for row in box.rows {
                    for column in box.columns {
                        let index = image.index(channel, row, column)
                        inputs[sample * size + index] = before[partner * size + index]
                    }
                }
            }
        }
        return 1 - Double(box.rows.count * box.columns.count) / Double(image.height * image.width)
    }
}

extension RandomStream {
    /// From Beta(a, a), as the share of one of two numbers from Gamma(a).
    mutating func beta(_ a: Double) -> Double {
        let first = gamma(a), second = gamma(a)
        // Numbers from a Gamma of small shape may both be below the smallest number: then one of them is all.
        guard first + second > 0 else { return uniform() < 0.5 ? 0 : 1 }
        return first / (first + second)
    }

    /// From Gamma(a) of scale 1 (Marsaglia and Tsang 2000, "A simple method for generating gamma variables").
    private mutating func gamma(_ a: Double) -> Double {
        // For a below 1 that of a + 1, times a power of a uniform number.
        guard a >= 1 else { return gamma(a + 1) * pow(1 - uniform(), 1 / a) }
        let d = a - 1.0 / 3, c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal(), v = (1 + c * x) * (1 + c * x) * (1 + c * x)
            guard v > 0 else { continue }
            if log(1 - uniform()) < x * x / 2 + d * (1 - v + log(v)) { return d * v }
        }
    }
}
