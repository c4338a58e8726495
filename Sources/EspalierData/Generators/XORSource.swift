import EspalierSpec

/// The corners of the unit square, class a xor b at (a, b): what no linear model can tell apart.
///
/// Rows take the four corners in turn. Each coordinate gets normal noise of mean 0; its default 0.1 is this project's
/// choice, with which the classes do not meet. Shape [2]. Use it to see that a hidden layer is needed (Minsky and Papert
/// 1969); not with noise 0 to measure generalisation, since all rows are then one of four.
public struct XORSource: Generator {
    public var samples = 100
    public var noise = 0.1
    public var shuffle = true
    public var seed = 1

    public init() {}

    public init(samples: Int, noise: Double = 0.1, shuffle: Bool = true, seed: Int = 1) {
        self.samples = samples
        self.noise = noise
        self.shuffle = shuffle
        self.seed = seed
    }

    public static let name = "xor"
    public static let summary = "The corners of a square, those across of one class, generated (2 features, 2 classes)"
    public static let fields: [Field<Self>] = [
        .samples,
        .noise(\.noise, "standard deviation added to each coordinate"),
        .shuffle(\.shuffle),
        .seed,
    ]

    public func draw() throws -> Dataset {
        var points = PlanarPoints(noise: noise, stream("noise"))
        for index in 0..<samples {
            let a = index % 2, b = index / 2 % 2
            points.append(Double(a), Double(b), label: a ^ b)
        }
        return try points.dataset(Self.name, classes: 2)
    }
}
