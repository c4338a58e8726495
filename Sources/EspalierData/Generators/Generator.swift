import EspalierGraph
import EspalierSpec

/// A data source that draws its rows from a distribution; the same settings give the same rows.
///
/// Rows come in random order, so that the first are as good to train on as any: a split takes them as they come, train
/// first, unless it says `shuffle: true`. The settings and defaults of `circles`, `moons`, `blobs`, `classification` and
/// `regression` are scikit-learn's (Pedregosa et al. 2011, `sklearn.datasets`), spelled as the others of a configuration;
/// the distributions are the same, the numbers drawn are not.
public protocol Generator: DataSource {
    /// How many rows are drawn.
    var samples: Int { get set }
    /// Whether rows are put in random order; without it those of a class may follow each other.
    var shuffle: Bool { get }
    var seed: Int { get set }

    /// Draws the rows in the order of their definition.
    ///
    /// - Precondition: Every setting is in its range, which `load` makes sure of.
    func draw() throws -> Dataset
}

extension Generator {
    public var shuffle: Bool { true }
    public var takesRowsInOrder: Bool { true }

    /// Draws the rows.
    ///
    /// - Throws: `EspalierError` where a setting is out of its range, or settings make numbers too large for 32 bits.
    public func load(relativeTo folder: String) throws -> Dataset {
        // Settings that were made in code have not been checked before.
        _ = try Self(configuration: ConfigurationNode(configuration, path: Self.name))
        let rows = try draw()
        guard shuffle else { return rows }
        var random = stream("order")
        return rows[random.permutation(of: rows.count)]
    }

    /// Random numbers for one purpose, so that a setting changes nothing but what it is about.
    func stream(_ purpose: String) -> RandomStream { RandomStream(seed: UInt64(seed), Self.name, purpose) }

    /// Refuses more numbers than memory is likely to hold.
    func checkSize(features: Int) throws {
        let limit = 1 << 30
        guard samples * features > limit else { return }
        throw EspalierError(
            "\(samples) rows of \(features) features are too many", expected: "at most \(limit) numbers in all",
            fix: "fewer samples or features")
    }
}

extension Field where Owner: Generator {
    static var samples: Self { Field("samples", \Owner.samples, "how many rows are drawn", in: 1...100_000_000) }

    static var seed: Self { Field("seed", \Owner.seed, "seed of all that is drawn", in: 0...) }

    static func shuffle(_ path: WritableKeyPath<Owner, Bool> & Sendable) -> Self {
        Field("shuffle", path, "put rows in random order")
    }

    static func noise(_ path: WritableKeyPath<Owner, Double> & Sendable, _ summary: String) -> Self {
        Field("noise", path, summary, in: 0...)
    }

    static func features(_ path: WritableKeyPath<Owner, Int> & Sendable) -> Self {
        Field("features", path, "numbers per row", in: 1...10_000)
    }
}
