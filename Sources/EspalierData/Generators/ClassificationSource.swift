import EspalierGraph
import EspalierSpec

/// Clusters at corners of a cube in some of the features; the other features repeat, mix or hide them.
///
/// Of n clusters, cluster k belongs to class k mod classes and is centred on a corner of its own of the cube with sides
/// 2 `classSep`, in the `informative` dimensions. Its rows are z A + corner, with z standard normal and A uniform in
/// (-1, 1), drawn for the cluster. Then come `redundant` features, linear in the informative ones with factors uniform in
/// (-1, 1), `repeated` ones, copies of any of these, and standard normal ones. A share `flipY` of the labels is drawn
/// anew. Last, features are shifted, then scaled, and where `shuffle` says so put in random order, as rows are. Their names
/// say what they are: `informative1`, `redundant1`, `repeated1`, `noise1`.
///
/// Shape [features]. Defaults as scikit-learn's `make_classification` (after Guyon 2003, "Design of experiments for the
/// NIPS 2003 variable selection benchmark"). Use it to try what finds the features that matter, or what labels that are
/// wrong do; not where classes should be easy to describe.
public struct ClassificationSource: Generator {
    public var samples = 100
    public var features = 20
    public var informative = 2
    public var redundant = 2
    public var repeated = 0
    public var classes = 2
    public var clustersPerClass = 2
    /// The share of each class, where that of the last one may be left out; nothing for equal shares.
    public var weights: [Double]?
    public var flipY = 0.01
    public var classSep = 1.0
    /// Whether clusters are on the corners; otherwise they are drawn towards the centre by random factors.
    public var hypercube = true
    /// What is added to each feature; nothing for numbers uniform from -classSep to classSep.
    public var shift: Double? = 0
    /// What each feature is multiplied by after that; nothing for numbers uniform from 1 to 101.
    public var scale: Double? = 1
    public var shuffle = true
    public var seed = 1

    public init() {}

    public static let name = "classification"
    public static let summary = "Clusters in some of the features, which others repeat, mix or hide, generated"
    public static let fields: [Field<Self>] = [
        .samples,
        .features(\.features),
        Field("informative", \Self.informative, "features that tell the classes", in: 1...10_000),
        Field("redundant", \Self.redundant, "features that are linear in the informative ones", in: 0...10_000),
        Field("repeated", \Self.repeated, "features that are copies of those", in: 0...10_000),
        Field("classes", \Self.classes, "how many classes", in: 1...10_000),
        Field("clustersPerClass", \Self.clustersPerClass, "how many clusters a class has", in: 1...10_000),
        Field("weights", \Self.weights, "share of each class, the last one's may be left out; null for equal shares"),
        Field("flipY", \Self.flipY, "share of the labels drawn anew", in: 0...1),
        Field("classSep", \Self.classSep, "half the distance of neighbouring corners", in: 0...),
        Field("hypercube", \Self.hypercube, "clusters on the corners of a cube; false for a random polytope"),
        Field("shift", \Self.shift, "added to each feature; null draws it from -classSep to classSep"),
        Field("scale", \Self.scale, "factor of each feature; null draws it from 1 to 101"),
        .shuffle(\.shuffle),
        .seed,
    ]

    private var clusters: Int { classes * clustersPerClass }

    public func validate() throws {
        guard informative + redundant + repeated <= features else {
            throw EspalierError(
                "\(informative) informative, \(redundant) redundant and \(repeated) repeated features are too many",
                expected: "at most \(features), as there are features",
                fix: "features: \(informative + redundant + repeated)")
        }
        guard informative >= 31 || clusters <= 1 << informative else {
            throw EspalierError(
                "\(classes) classes of \(clustersPerClass) clusters are more than \(informative) dimensions have corners",
                expected: "classes x clustersPerClass of at most 2^informative",
                fix: "more informative features, or clustersPerClass: 1")
        }
        guard clusters <= samples else {
            throw EspalierError(
                "\(clusters) clusters for \(samples) samples", expected: "at least one row for each",
                fix: "more samples, or fewer classes or clustersPerClass")
        }
        if let weights {
            let sum: Double = weights.reduce(0, +)
            let isComplete = weights.count == classes && abs(sum - 1) < 1e-9
            guard isComplete || weights.count == classes - 1 && sum <= 1, weights.allSatisfy({ $0 >= 0 }) else {
                throw EspalierError(
                    "the weights \(weights) are no shares of \(classes) classes",
                    expected: "\(classes) numbers of at least 0 with the sum 1, of which the last may be left out")
            }
        }
        try checkSize(features: features)
    }

    public func draw() throws -> Dataset {
        var points = stream("points"), mixing = stream("mixing"), hiding = stream("hiding"), flips = stream("flips")
        let corners = self.corners
        let combination = mixing.matrix(informative, redundant)
        let copied = (0..<repeated).map { _ in
            Int(Double(informative + redundant - 1) * mixing.uniform() + 0.5)
        }
        let columns = self.columns
        let (shifts, scales) = shiftsAndScales
        var inputs: [Float] = [], labels: [Int32] = []
        inputs.reserveCapacity(samples * features)
        for (cluster, count) in rowsPerCluster.enumerated() {
            let shape = points.matrix(informative, informative)
            for _ in 0..<count {
                let z = (0..<informative).map { _ in points.normal() }
                var row: [Double] = zip(corners[cluster], shape.product(z)).map(+)
                row += combination.product(row)
                row += copied.map { row[$0] }
                row += (row.count..<features).map { _ in hiding.normal() }
                for column in columns { inputs.append(Float((row[column] + shifts[column]) * scales[column])) }
                let isFlipped = flips.uniform() < flipY
                labels.append(Int32(isFlipped ? flips.index(below: classes) : cluster % classes))
            }
        }
        let names = self.names
        return try Dataset(
            name: Self.name, sampleShape: [features], inputs: inputs,
            targets: .classes(labels, names: (0..<classes).map(String.init)), featureNames: columns.map { names[$0] })
    }

    /// Where the clusters are: corners of a cube, no two the same.
    private var corners: [[Double]] {
        var random = stream("corners")
        var taken: Set<[Bool]> = []
        var corners: [[Double]] = []
        while corners.count < clusters {
            let corner = (0..<informative).map { _ in random.next() >> 63 == 1 }
            guard taken.insert(corner).inserted else { continue }
            corners.append(corner.map { $0 ? classSep : -classSep })
        }
        guard !hypercube else { return corners }
        let clusterFactors = corners.map { _ in random.uniform() }
        let dimensionFactors = (0..<informative).map { _ in random.uniform() }
        return zip(corners, clusterFactors).map { corner, factor in
            zip(corner, dimensionFactors).map { $0 * factor * $1 }
        }
    }

    private var rowsPerCluster: [Int] {
        var shares = weights ?? Array(repeating: 1 / Double(classes), count: classes)
        if shares.count < classes { shares.append(1 - shares.reduce(0, +)) }
        var counts = (0..<clusters).map { Int(Double(samples) * shares[$0 % classes] / Double(clustersPerClass)) }
        for index in 0..<max(0, samples - counts.reduce(0, +)) { counts[index % clusters] += 1 }
        return counts
    }

    /// Which feature, in the order of their definition, each column is.
    private var columns: [Int] {
        var random = stream("columns")
        return shuffle ? random.permutation(of: features) : Array(0..<features)
    }

    private var shiftsAndScales: ([Double], [Double]) {
        var random = stream("scale")
        let shifts = (0..<features).map { _ in shift ?? (2 * random.uniform() - 1) * classSep }
        return (shifts, (0..<features).map { _ in scale ?? 1 + 100 * random.uniform() })
    }

    private var names: [String] {
        let known = [("informative", informative), ("redundant", redundant), ("repeated", repeated)]
        let hidden = features - known.reduce(0) { $0 + $1.1 }
        return (known + [("noise", hidden)]).flatMap { kind, count in (0..<count).map { "\(kind)\($0 + 1)" } }
    }
}

/// A matrix that rows are multiplied by.
private struct Mixture {
    /// One list per row of the matrix.
    let rows: [[Double]]
    let width: Int

    func product(_ vector: [Double]) -> [Double] {
        var sums = Array(repeating: 0.0, count: width)
        for (value, row) in zip(vector, rows) {
            for column in 0..<width { sums[column] += value * row[column] }
        }
        return sums
    }
}

extension RandomStream {
    /// A matrix of numbers uniform in [-1, 1).
    fileprivate mutating func matrix(_ height: Int, _ width: Int) -> Mixture {
        Mixture(rows: (0..<height).map { _ in (0..<width).map { _ in 2 * uniform() - 1 } }, width: width)
    }
}
