import EspalierGraph
import EspalierSpec

/// Normal clouds around centres, one a class.
///
/// Where centres are not given they are uniform in a box. Classes have equal numbers of rows, the first ones one more
/// where they cannot; each coordinate of a row is normal around its centre's. Shape [features]. Defaults as scikit-learn's
/// `make_blobs`. Use it for classes that a linear model tells apart, the better the smaller `clusterStd`; not where
/// features should depend on each other within a class.
public struct BlobsSource: Generator {
    public var samples = 100
    /// Numbers per row where centres are not given.
    public var features = 2
    public var centers = Centers.count(3)
    /// The standard deviation around each centre, or one for all.
    public var clusterStd = Spread(values: [1])
    /// Lower and upper bound of every coordinate of a centre that is drawn.
    public var centerBox = [-10.0, 10]
    public var shuffle = true
    public var seed = 1

    public init() {}

    public init(
        samples: Int, features: Int = 2, centers: Centers = .count(3), clusterStd: Spread = Spread(values: [1]),
        centerBox: [Double] = [-10, 10], shuffle: Bool = true, seed: Int = 1
    ) {
        self.samples = samples
        self.features = features
        self.centers = centers
        self.clusterStd = clusterStd
        self.centerBox = centerBox
        self.shuffle = shuffle
        self.seed = seed
    }

    public static let name = "blobs"
    public static let summary = "Normal clouds around centres, one a class, generated"
    public static let fields: [Field<Self>] = [
        .samples,
        .features(\.features),
        Field("centers", \Self.centers, "how many classes, or their centres, whose length then is that of a row"),
        Field("clusterStd", \Self.clusterStd, "standard deviation around the centres: one for all, or one for each"),
        Field(
            "centerBox", \Self.centerBox, "bounds of the coordinates of centres that are drawn",
            accepting: "two numbers, the lower one first", where: { $0.count == 2 && $0[0] <= $0[1] }),
        .shuffle(\.shuffle),
        .seed,
    ]

    public func validate() throws {
        guard centers.number <= samples else {
            throw EspalierError(
                "\(centers.number) centers for \(samples) samples", expected: "at least one row for each",
                fix: "more samples, or fewer centers")
        }
        guard clusterStd.values.count == 1 || clusterStd.values.count == centers.number else {
            throw EspalierError(
                "clusterStd has \(clusterStd.values.count) numbers for \(centers.number) centers",
                expected: "one for all, or one for each")
        }
        try checkSize(features: width)
    }

    private var width: Int { if case .points(let points) = centers { points[0].count } else { features } }

    public func draw() throws -> Dataset {
        let centers = points, spread = clusterStd.values
        var random = stream("points")
        var inputs: [Float] = [], labels: [Int32] = []
        inputs.reserveCapacity(samples * width)
        for (label, center) in centers.enumerated() {
            let count = samples / centers.count + (label < samples % centers.count ? 1 : 0)
            let std = spread.count == 1 ? spread[0] : spread[label]
            for _ in 0..<count {
                for coordinate in center { inputs.append(Float(coordinate + std * random.normal())) }
                labels.append(Int32(label))
            }
        }
        return try Dataset(
            name: Self.name, sampleShape: [width], inputs: inputs,
            targets: .classes(labels, names: centers.indices.map(String.init)),
            featureNames: (1...width).map { "x\($0)" })
    }

    /// The centres, those that are drawn among them.
    public var points: [[Double]] {
        switch centers {
        case .points(let points): return points
        case .count(let count):
            var random = stream("centers")
            return (0..<count).map { _ in
                (0..<features).map { _ in centerBox[0] + (centerBox[1] - centerBox[0]) * random.uniform() }
            }
        }
    }
}

extension BlobsSource {
    /// How many centres are drawn, or where they are.
    public enum Centers: Hashable, ConfigurationRepresentable {
        case count(Int)
        case points([[Double]])

        public static let accepted = "a whole number of at least 1, or a list of points of equal length"

        public init(configuration node: ConfigurationNode) throws {
            if case .list = node.content {
                let points = try [[Double]](configuration: node)
                let widths = Set(points.map(\.count))
                guard widths.count == 1, widths != [0] else { throw node.mismatch(expected: Self.accepted) }
                self = .points(points)
            } else {
                guard let count = try? Int(configuration: node), count >= 1 else {
                    throw node.mismatch(expected: Self.accepted)
                }
                self = .count(count)
            }
        }

        public var configuration: ConfigurationValue {
            switch self {
            case .count(let count): count.configuration
            case .points(let points): points.configuration
            }
        }

        var number: Int {
            switch self {
            case .count(let count): count
            case .points(let points): points.count
            }
        }
    }

    /// Standard deviations: one for all centres, or one for each.
    public struct Spread: Hashable, ConfigurationRepresentable {
        public var values: [Double]

        public init(values: [Double]) { self.values = values }

        public static let accepted = "a number of at least 0.0, or a list of them"

        public init(configuration node: ConfigurationNode) throws {
            if case .list = node.content {
                values = try [Double](configuration: node)
            } else {
                values = [try Double(configuration: node)]
            }
            guard !values.isEmpty, values.allSatisfy({ $0 >= 0 }) else {
                throw node.mismatch(expected: Self.accepted)
            }
        }

        public var configuration: ConfigurationValue {
            values.count == 1 ? values[0].configuration : values.configuration
        }
    }
}
