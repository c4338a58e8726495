import EspalierSpec

/// `metrics.csv`: one row an epoch, for spreadsheets and plotting.
///
/// Columns: `epoch, step, train_loss, train_<metric>, validation_loss, validation_<metric>, learning_rate, seconds`.
/// Numbers have as many digits as it takes to read the same number back; what was not measured is left empty.
public final class MetricsTable: Sendable {
    /// The loss and the metrics on one part of the data.
    public struct Scores: Sendable, Hashable {
        public var loss: Double
        /// By name; a metric that is missing is left empty.
        public var metrics: [String: Double]

        public init(loss: Double, metrics: [String: Double] = [:]) {
            self.loss = loss
            self.metrics = metrics
        }
    }

    private let file: AppendFile
    private let metrics: [String]

    /// Begins the table of a new run; one that is there already is an error.
    ///
    /// - Parameter metrics: The names of the metrics, in the order of the columns.
    public init(creating path: String, metrics: [String]) throws {
        self.metrics = metrics
        file = try AppendFile(creating: path)
        try file.append(Array(Self.header(metrics).utf8))
    }

    /// Goes on with the table of a run, after taking off a last row that was torn by a crash.
    ///
    /// - Throws: `EspalierError` where the columns there are not the same.
    public init(continuing path: String, metrics: [String]) throws {
        self.metrics = metrics
        file = try AppendFile(continuing: path)
        let header = try SystemFile.text(SystemFile.read(path, kind: "a metrics table"), file: path)
            .prefix { $0 != "\n" }
        guard header == Self.header(metrics) else {
            throw EspalierError(
                "the columns are \(header)", at: "\(path):1", expected: Self.header(metrics),
                fix: "resume with the metrics that the run began with")
        }
    }

    /// Appends the row of one epoch.
    ///
    /// - Parameters:
    ///   - validation: Nothing where the epoch was not validated.
    ///   - seconds: The time that the epoch took.
    public func append(
        epoch: Int, step: Int, train: Scores, validation: Scores?, learningRate: Double, seconds: Double
    ) throws {
        let scores = [train, validation].flatMap { scores in
            [scores?.loss] + metrics.map { scores?.metrics[$0] }
        }
        let numbers = (scores + [learningRate, seconds]).map { $0?.description ?? "" }
        try file.append(Array(([String(epoch), String(step)] + numbers).joined(separator: ",").utf8))
    }

    private static func header(_ metrics: [String]) -> String {
        let scores = ["train", "validation"].flatMap { part in
            (["loss"] + metrics).map { "\(part)_\($0)" }
        }
        return (["epoch", "step"] + scores + ["learning_rate", "seconds"]).joined(separator: ",")
    }
}
