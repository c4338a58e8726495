import EspalierSpec
import Foundation

/// Arms that wind around the origin, one a class.
///
/// For t spaced evenly in (0, 1], arm k of K is at radius t and angle 2 pi (turns t + k / K), an Archimedean spiral.
/// Arms have equal numbers of rows, the first ones one more where they cannot. Each coordinate gets normal noise of mean 0.
/// Shape [2]. Two arms of 3 turns are the classic task (Lang and Witbrock 1988); the default of 1 turn is this project's,
/// for small networks. Use it where a boundary should be hard to learn; not for networks without a hidden layer.
public struct SpiralsSource: Generator {
    public var samples = 100
    public var classes = 2
    public var turns = 1.0
    public var noise = 0.0
    public var shuffle = true
    public var seed = 1

    public init() {}

    public init(
        samples: Int, classes: Int = 2, turns: Double = 1, noise: Double = 0, shuffle: Bool = true, seed: Int = 1
    ) {
        self.samples = samples
        self.classes = classes
        self.turns = turns
        self.noise = noise
        self.shuffle = shuffle
        self.seed = seed
    }

    public static let name = "spirals"
    public static let summary = "Arms that wind around each other, one a class, generated (2 features)"
    public static let fields: [Field<Self>] = [
        .samples,
        Field("classes", \Self.classes, "how many arms", in: 2...10_000),
        Field("turns", \Self.turns, "how often an arm winds around the origin", in: .positive),
        .noise(\.noise, "standard deviation added to each coordinate"),
        .shuffle(\.shuffle),
        .seed,
    ]

    public func draw() throws -> Dataset {
        var points = PlanarPoints(noise: noise, stream("noise"))
        for label in 0..<classes {
            let count = samples / classes + (label < samples % classes ? 1 : 0)
            for index in 0..<count {
                let radius = Double(index + 1) / Double(count)
                let angle = 2 * .pi * (turns * radius + Double(label) / Double(classes))
                points.append(radius * cos(angle), radius * sin(angle), label: label)
            }
        }
        return try points.dataset(Self.name, classes: classes)
    }
}
