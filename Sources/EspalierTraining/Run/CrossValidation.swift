import EspalierEngine
import EspalierSpec
import Foundation

/// The same training on every fold of its data, and what that says of others like it: k-fold cross-validation.
///
/// Each fold is a run of its own in `fold-1`, `fold-2`, … of the folder, from the same first weights; `crossValidation.json`
/// has the scores of all, their mean and standard deviation (with n - 1).
///
/// The rows for the test are the same in every fold and none of them is trained on. Scores on validation are a little too
/// good where the best epoch was chosen by them, which is when epochs are many and rows are few.
public struct CrossValidation: Sendable {
    /// The folder with a folder for each fold.
    public let path: String
    /// How each fold ended, in their order.
    public let folds: [RunSummary]

    /// Trains on each fold in turn.
    ///
    /// - Parameters:
    ///   - experiment: What to carry out; its split decides what is test.
    ///   - count: How many folds.
    ///   - path: The folder, which is there and has no folds yet.
    ///   - train: Carries out one fold's experiment in a folder; an interruption or a divergence ends the validation.
    /// - Throws: `EspalierError` for fewer than two folds, data given for validation, and whatever `train` throws.
    public init(
        _ experiment: Experiment, folds count: Int, in path: String,
        train: (Experiment, RunFolder) throws -> RunSummary
    ) throws {
        guard count >= 2 else {
            throw EspalierError("\(count) folds", expected: "at least 2 folds")
        }
        self.path = path
        var folds: [RunSummary] = []
        for number in 1...count {
            var fold = experiment
            fold.data.split.fold = .init(number, of: count)
            folds.append(try train(fold, try RunFolder.taking("\(path)/fold-\(number)")))
            guard folds.last?.isWhole == true else { break }
        }
        self.folds = folds
        guard folds.count == count, folds.allSatisfy(\.isWhole) else { return }
        try AtomicFile.write(JSON.write(configuration, pretty: true) + "\n", to: path + "/crossValidation.json")
    }

    /// `{"folds": 5, "validation": {"loss": {"mean": …, "standardDeviation": …, "values": […]}, …}, "test": {…}}`.
    public var configuration: ConfigurationValue {
        [
            "folds": .integer(folds.count), "validation": Self.statistics(of: folds.compactMap(\.validation)),
            "test": Self.statistics(of: folds.compactMap(\.test)),
        ]
    }

    /// A line for each part: `validation: loss 0.21 ± 0.03, accuracy 0.95 ± 0.01`.
    public var text: String {
        [("validation", folds.compactMap(\.validation)), ("test", folds.compactMap(\.test))]
            .filter { !$1.isEmpty }
            .map { name, scores in
                let values = Self.values(of: scores).map { metric, values in
                    let (mean, deviation) = Self.moments(values)
                    return "\(metric) \(mean.short) ± \(deviation.short)"
                }
                return "\(name): \(values.joined(separator: ", "))\n"
            }.joined()
    }

    private static func values(of scores: [Scores]) -> [(name: String, values: [Double])] {
        guard let first = scores.first else { return [] }
        return [("loss", scores.map(\.loss))]
            + first.metrics.indices.map { index in (first.metrics[index].name, scores.map { $0.metrics[index].value }) }
    }

    private static func statistics(of scores: [Scores]) -> ConfigurationValue {
        guard !scores.isEmpty else { return .null }
        return .map(
            values(of: scores).map { name, values in
                let (mean, deviation) = moments(values)
                return .init(
                    name,
                    [
                        "mean": .number(mean), "standardDeviation": .number(deviation),
                        "values": .list(values.map { .number($0) }),
                    ])
            })
    }

    private static func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, (squares / Double(values.count - 1)).squareRoot())
    }
}

extension RunSummary {
    /// Whether the training came to an end of its own.
    var isWhole: Bool { result.status == .completed || result.status == .stoppedEarly }
}
