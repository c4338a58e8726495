/// `profile.json`: what the time of a training's step was spent on, kernel by kernel.
struct PlanRecord: Decodable, Sendable {
    var name: String
    var steps: Int
    var stepSeconds: Double
    var shareOfPeak: Double
    var arenaBytes: Int
    var bytes: Int
    var kernels: [Kernel]
    var peak: Peak

    struct Kernel: Decodable, Sendable {
        var index: Int
        var kind: String
        var name: String
        var operands: [String]
        var results: [String]
        var shape: [Int]
        var operations: Int
        var bytesRead: Int
        var bytesWritten: Int
        var seconds: Double
        var share: Double
        var shareOfPeak: Double
        /// `arithmetic` or `memory`.
        var limit: String
    }

    /// What the machine was measured to reach.
    struct Peak: Decodable, Sendable {
        var threads: Int
        var operationsPerSecond: Double
        var bandwidths: [Bandwidth]
    }

    struct Bandwidth: Decodable, Sendable {
        var bytes: Int
        var bytesPerSecond: Double
    }
}
