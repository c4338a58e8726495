import EspalierSpec
import Foundation

/// Two half circles of radius 1 that reach into each other.
///
/// For angles t spaced evenly from 0 to pi, class 0 is at (cos t, sin t), class 1 at (1 - cos t, 1/2 - sin t); class 0
/// has half of the rows, rounded down. Each coordinate gets normal noise of mean 0. Shape [2]. Defaults as scikit-learn's
/// `make_moons`, but for noise 0 instead of none. Use it to see a curved boundary between connected classes; not to
/// measure anything but that.
public struct MoonsSource: Generator {
    public var samples = 100
    public var noise = 0.0
    public var shuffle = true
    public var seed = 1

    public init() {}

    public init(samples: Int, noise: Double = 0, shuffle: Bool = true, seed: Int = 1) {
        self.samples = samples
        self.noise = noise
        self.shuffle = shuffle
        self.seed = seed
    }

    public static let name = "moons"
    public static let summary = "Two half circles that reach into each other, generated (2 features, 2 classes)"
    public static let fields: [Field<Self>] = [
        .samples,
        .noise(\.noise, "standard deviation added to each coordinate"),
        .shuffle(\.shuffle),
        .seed,
    ]

    public func draw() throws -> Dataset {
        var points = PlanarPoints(noise: noise, stream("noise"))
        let upper = samples / 2
        for (label, count) in [upper, samples - upper].enumerated() {
            for index in 0..<count {
                let angle = .pi * Double(index) / Double(max(1, count - 1))
                if label == 0 {
                    points.append(cos(angle), sin(angle), label: 0)
                } else {
                    points.append(1 - cos(angle), 0.5 - sin(angle), label: 1)
                }
            }
        }
        return try points.dataset(Self.name, classes: 2)
    }
}
