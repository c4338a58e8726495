import EspalierData
import EspalierSpec

/// How batches are made ahead of the steps that they are for: `data.loader:` in a configuration.
///
/// What a training comes to depends on none of it.
public struct LoaderSettings: Specification {
    /// Threads that make batches while the step before is computed; 0 makes each batch where its step begins.
    ///
    /// Nothing decides by what a sample costs: see `threads(for:isAugmented:)`.
    public var threads: Int?
    /// How many batches are ready or under way at most, each in memory of its own.
    public var prefetch = 4
    /// For how many seconds a batch is waited for while no sample is finished.
    public var timeout = 60.0

    public static let name = "loader"
    public static let summary = "Makes batches ahead, on threads of its own"
    public static let fields = [
        Field(
            "threads", \Self.threads,
            "threads that make batches ahead; 0 makes them in the training's own, null decides by the data", in: 0...64),
        Field("prefetch", \Self.prefetch, "batches that are ready or under way at most", in: 1...1024),
        Field(
            "timeout", \Self.timeout, "seconds without a finished sample after which loading counts as stopped",
            in: .positive),
    ]

    public init() {}

    public init(threads: Int? = nil, prefetch: Int = 4, timeout: Double = 60) {
        self.threads = threads
        self.prefetch = prefetch
        self.timeout = timeout
    }

    /// How many threads make the batches of `data`, where nothing else is said.
    func threads(for data: Dataset, isAugmented: Bool, processors: Int) -> Int {
        if let threads { return threads }
        return data.isStored || isAugmented ? min(2, processors) : 0
    }
}
