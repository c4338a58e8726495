import EspalierData
import EspalierGraph
import EspalierSpec
import EspalierTraining

/// The data of an assessment: rows to fit on, rows to choose by, and rows that nothing has seen.
///
/// Held out is the test set where there is one, else the validation set. What chooses (the best epoch, penalties, numbers of
/// neighbours) is the validation set beside a test set, else a fifth of the training rows, which nothing is then fitted on.
struct AssessedData: Sendable {
    /// Beyond so many rows held-out samples, and training samples that scores are told of, are drawn.
    static let mostRows = 10_000

    let train: Dataset
    let choice: Dataset
    let heldOut: Dataset
    /// `test` or `validation`.
    let heldOutName: String
    /// `validation`, or `a fifth of the training rows`.
    let choiceName: String
    let inputScaler: Scaler
    let targetScaler: Scaler?
    let heldOutTruth: Truth
    let choiceTruth: Truth

    /// - Throws: `EspalierError` where nothing is held out, for symbols, and for samples with several labels.
    init(_ prepared: PreparedExperiment) throws {
        let name = prepared.data.train.name
        guard !prepared.experiment.data.source.holdsSymbols, prepared.data.train.labelsPerSample ?? 1 == 1 else {
            throw EspalierError(
                "\(name) is text or has a label for each step, which an assessment has no simpler model to compare with",
                at: name, expected: "samples of numbers with one class, or with values, each",
                fix: "espalier train, whose scores have intervals too")
        }
        guard let heldOut = prepared.data.test ?? prepared.data.validation else {
            throw EspalierError(
                "nothing of \(name) is held out, so that nothing can be said of samples that were not trained on",
                at: name,
                expected: "a test or a validation set", fix: "--set data.split.validation=0.2")
        }
        let seed = UInt64(prepared.experiment.training.seed)
        if prepared.data.test != nil, let validation = prepared.data.validation {
            (train, choice, choiceName) = (prepared.data.train, validation, "validation")
        } else {
            let rows = prepared.data.train
            guard rows.count >= 10 else {
                throw EspalierError(
                    "\(rows.count) training rows are too few to set some apart that choose", at: name,
                    expected: "at least 10 training rows, or both a validation and a test set")
            }
            var random = RandomStream(seed: seed, "assessment", "choice")
            let order = random.permutation(of: rows.count), part = rows.count / 5
            (choice, train) = (rows[order.prefix(part).sorted()], rows[order.dropFirst(part).sorted()])
            choiceName = "a fifth of the training rows"
        }
        self.heldOut = heldOut.drawn(Self.mostRows, seed: seed)
        heldOutName = prepared.data.test != nil ? "test" : "validation"
        (inputScaler, targetScaler) = (prepared.inputScaler, prepared.targetScaler)
        heldOutTruth = Truth(self.heldOut, targetScaler)
        choiceTruth = Truth(choice, targetScaler)
    }

    /// `accuracy`, or `r2` for values.
    var metric: String { if case .classes = heldOutTruth { "accuracy" } else { "r2" } }
}

extension Dataset {
    /// So many rows at most, drawn without replacement, in their order.
    func drawn(_ limit: Int, seed: UInt64) -> Dataset {
        guard count > limit else { return self }
        var random = RandomStream(seed: seed, "assessment", "rows")
        return self[random.permutation(of: count).prefix(limit).sorted()]
    }
}
