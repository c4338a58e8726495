import EspalierGraph
import EspalierSpec
import Foundation

/// Targets that are linear in some of the features: y = X w + bias, plus normal noise.
///
/// X is standard normal, or of low rank: then X = U S V^T with orthonormal U and V, and singular values
/// s_i = (1 - t) exp(-(i / r)^2) + t exp(-i / (10 r)) for the effective rank r and the tail's strength t. The factors w of
/// the `informative` features are uniform from 0 to 100, those of the others 0. Features are called `informative1` and
/// `noise1`, and are put in random order where `shuffle` says so, as rows are. Shape [features], `targets` values.
///
/// Defaults as scikit-learn's `make_regression`. Use it where the best model is known, to see whether it is found: its
/// factors are `coefficients`, its error is noise^2; not for anything that is not linear.
public struct RegressionSource: Generator {
    public var samples = 100
    public var features = 100
    /// How many features the targets depend on, at most all.
    public var informative = 10
    public var targets = 1
    public var bias = 0.0
    public var effectiveRank: Int?
    public var tailStrength = 0.5
    public var noise = 0.0
    public var shuffle = true
    public var seed = 1

    public init() {}

    public static let name = "regression"
    public static let summary = "Targets that are linear in some of the features, generated"
    public static let fields: [Field<Self>] = [
        .samples,
        .features(\.features),
        Field("informative", \Self.informative, "features that the targets depend on, at most all", in: 0...10_000),
        Field("targets", \Self.targets, "values to predict", in: 1...1_000),
        Field("bias", \Self.bias, "constant in every target"),
        Field(
            "effectiveRank", \Self.effectiveRank,
            "directions that explain most of the features; null for independent features", in: 1...10_000),
        Field("tailStrength", \Self.tailStrength, "weight of the other directions", in: 0...1),
        .noise(\.noise, "standard deviation added to each target"),
        .shuffle(\.shuffle),
        .seed,
    ]

    public func validate() throws {
        try checkSize(features: max(features, targets))
        guard effectiveRank == nil || samples * features * min(samples, features) <= 1 << 34 else {
            throw EspalierError(
                "\(samples) rows of \(features) features are too many for features of low rank",
                expected: "samples x features x the smaller of both of at most 2^34", fix: "fewer samples or features")
        }
    }

    public func draw() throws -> Dataset {
        var points = stream("points"), errors = stream("noise")
        let lowRank = effectiveRank.map { LowRankMatrix(samples, features, rank: $0, tailStrength, using: &points) }
        let columns = self.columns, factors = factors
        var inputs: [Float] = [], values: [Float] = []
        inputs.reserveCapacity(samples * features)
        for index in 0..<samples {
            let row = lowRank?.row(index) ?? (0..<features).map { _ in points.normal() }
            for column in columns { inputs.append(Float(row[column])) }
            for target in 0..<targets {
                let sum = factors.indices.reduce(bias) { $0 + row[$1] * factors[$1][target] }
                values.append(Float(sum + noise * errors.normal()))
            }
        }
        return try Dataset(
            name: Self.name, sampleShape: [features], inputs: inputs,
            targets: .values(values, width: targets, names: targets == 1 ? ["y"] : (1...targets).map { "y\($0)" }),
            featureNames: columns.map { $0 < factors.count ? "informative\($0 + 1)" : "noise\($0 - factors.count + 1)" }
        )
    }

    /// The factor of each feature in each target: a list per feature, in the order in which `load` gives them.
    public var coefficients: [[Double]] {
        let factors = factors
        return columns.map { $0 < factors.count ? factors[$0] : Array(repeating: 0, count: targets) }
    }

    private var factors: [[Double]] {
        var random = stream("coefficients")
        return (0..<min(informative, features)).map { _ in (0..<targets).map { _ in 100 * random.uniform() } }
    }

    /// Which feature, in the order of their definition, each column is.
    private var columns: [Int] {
        var random = stream("columns")
        return shuffle ? random.permutation(of: features) : Array(0..<features)
    }
}

/// A random matrix whose singular values fall like a bell with a long tail.
private struct LowRankMatrix {
    private let left: [[Double]]
    private let right: [[Double]]
    private let singularValues: [Double]

    init(_ height: Int, _ width: Int, rank: Int, _ tail: Double, using random: inout RandomStream) {
        let count = min(height, width)
        left = random.orthonormal(count, length: height)
        right = random.orthonormal(count, length: width)
        singularValues = (0..<count).map { index in
            let position = Double(index) / Double(rank)
            return (1 - tail) * exp(-position * position) + tail * exp(-0.1 * position)
        }
    }

    func row(_ index: Int) -> [Double] {
        var row = Array(repeating: 0.0, count: right.first?.count ?? 0)
        for ((u, v), value) in zip(zip(left, right), singularValues) {
            let factor = u[index] * value
            for column in row.indices { row[column] += factor * v[column] }
        }
        return row
    }
}

extension RandomStream {
    /// `count` vectors of length 1 at right angles to each other, in directions that are equally likely.
    fileprivate mutating func orthonormal(_ count: Int, length: Int) -> [[Double]] {
        var vectors: [[Double]] = []
        while vectors.count < count {
            var vector = (0..<length).map { _ in normal() }
            // Once leaves rounding errors along the others, which the second time are taken away.
            for _ in 0..<2 {
                for other in vectors {
                    let share = dot(vector, other)
                    for index in vector.indices { vector[index] -= share * other[index] }
                }
            }
            let norm = dot(vector, vector).squareRoot()
            // What is left of a vector between the others may be nothing but rounding errors.
            if norm > 1e-9 { vectors.append(vector.map { $0 / norm }) }
        }
        return vectors
    }
}

private func dot(_ first: [Double], _ second: [Double]) -> Double {
    zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
}
