import EspalierSpec

/// `metrics.csv`: one row an epoch, for spreadsheets and plotting.
///
/// Columns: `epoch, step, train_loss, train_<metric>, validation_loss, validation_<metric>, learning_rate, seconds`.
/// Numbers have as many digits as it takes to read the same number back; what was not measured is left empty.
public final class MetricsTable: Sendable {
    private let file: AppendFile
    private let metrics: [String]

    /// Begins the table of a new run; one that is there already is an error.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - metrics: The names of the metrics, in the order of the columns.
    public init(creating path: String, metrics: [String]) throws {
        self.metrics = metrics
        file = try AppendFile(creating: path)
        try file.append(Array(Self.header(metrics).utf8))
    }

    /// Goes on with the table of a run that is known up to some epoch: writes it anew, whatever is there.
    public init(rewriting path: String, metrics: [String], history: [EpochRecord]) throws {
        self.metrics = metrics
        let lines = [Self.header(metrics)] + history.map { Self.row($0, metrics) }
        try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: path)
        file = try AppendFile(continuing: path)
    }

    /// Appends the row of one epoch.
    public func append(_ record: EpochRecord) throws { try file.append(Array(Self.row(record, metrics).utf8)) }

    private static func row(_ record: EpochRecord, _ metrics: [String]) -> String {
        let scores = [record.train, record.validation].flatMap { scores in
            [scores?.loss] + metrics.map { scores?[$0] }
        }
        let numbers = (scores + [record.learningRate, record.seconds]).map { $0?.description ?? "" }
        return ([String(record.epoch), String(record.step)] + numbers).joined(separator: ",")
    }

    private static func header(_ metrics: [String]) -> String {
        let scores = ["train", "validation"].flatMap { part in
            (["loss"] + metrics).map { "\(part)_\($0)" }
        }
        return (["epoch", "step"] + scores + ["learning_rate", "seconds"]).joined(separator: ",")
    }
}
