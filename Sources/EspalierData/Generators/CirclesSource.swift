import EspalierSpec
import Foundation

/// Two circles around the origin: class 0 on the one of radius 1, class 1 on the one of radius `factor`.
///
/// Half of the rows (rounded down) are on the outer circle; on each they are evenly spaced. Each coordinate gets normal
/// noise of mean 0. Shape [2]. Defaults as scikit-learn's `make_circles`, but for noise 0 instead of none. Use it to see a
/// boundary that no linear model has; not to measure anything but that.
public struct CirclesSource: Generator {
    public var samples = 100
    public var noise = 0.0
    /// The inner circle's radius.
    public var factor = 0.8
    public var shuffle = true
    public var seed = 1

    public init() {}

    public init(samples: Int, noise: Double = 0, factor: Double = 0.8, shuffle: Bool = true, seed: Int = 1) {
        self.samples = samples
        self.noise = noise
        self.factor = factor
        self.shuffle = shuffle
        self.seed = seed
    }

    public static let name = "circles"
    public static let summary = "Two circles, one within the other, generated (2 features, 2 classes)"
    public static let fields: [Field<Self>] = [
        .samples,
        .noise(\.noise, "standard deviation added to each coordinate"),
        Field("factor", \Self.factor, "radius of the inner circle, beside 1 of the outer one", in: 0..<1),
        .shuffle(\.shuffle),
        .seed,
    ]

    public func draw() throws -> Dataset {
        var points = PlanarPoints(noise: noise, stream("noise"))
        let outer = samples / 2
        for (label, count, radius) in [(0, outer, 1.0), (1, samples - outer, factor)] {
            for index in 0..<count {
                let angle = 2 * .pi * Double(index) / Double(count)
                points.append(radius * cos(angle), radius * sin(angle), label: label)
            }
        }
        return try points.dataset(Self.name, classes: 2)
    }
}
