import EspalierData
import EspalierSpec

extension SavedModel {
    /// Loss and metrics on every part of the data that the run was made with.
    ///
    /// - Parameter root: Where data that is known by name is; nothing where it was.
    /// - Throws: `EspalierError` where that data is no longer there, or no longer the same.
    public func evaluations(root: DataRoot? = nil) throws -> [(name: String, scores: Scores)] {
        let prepared = try experiment.rooted(at: root).prepare()
        guard prepared.data.train.sampleShape == sampleShape, prepared.featureNames == featureNames,
            prepared.classNames == classNames, prepared.inputScaler == inputScaler,
            prepared.targetScaler == targetScaler
        else {
            throw EspalierError(
                "the data has changed since the training, so its parts are not those of the run",
                at: prepared.data.train.name, expected: "the data as it was",
                fix: "name the data, espalier evaluate RUN DATA, to measure on all of it as it is now")
        }
        let data = prepared.data
        return try [("train", data.train), ("validation", data.validation), ("test", data.test)]
            .compactMap { name, part in try part.map { (name, try trainer.evaluate($0, intervals: name != "train")) } }
    }

    /// Loss and metrics on other data.
    ///
    /// - Parameters:
    ///   - data: The path of the data, or the name of a source.
    ///   - root: Where data that is known by name is.
    ///   - catalog: The parts that names stand for.
    public func evaluation(
        on data: String, root: DataRoot? = nil, catalog: Catalog = .standard
    ) throws -> (name: String, scores: Scores) {
        var dataset = try source(data, root, catalog).load(relativeTo: "")
        try check(dataset)
        if let classNames { dataset = try dataset.relabelled(by: classNames) }
        try dataset.scale(by: inputScaler, targets: targetScaler)
        return (dataset.name, try trainer.evaluate(dataset, intervals: true))
    }

    /// Predictions for every sample of a table, whose target column may be missing, or of a source.
    ///
    /// - Parameters:
    ///   - data: The path of the data, or the name of a source.
    ///   - root: Where data that is known by name is.
    ///   - samples: Over how many draws of the model's random layers to take mean and spread; nothing to leave them off.
    ///   - catalog: The parts that names stand for.
    public func predictionTable(
        for data: String, root: DataRoot? = nil, samples: Int? = nil, catalog: Catalog = .standard
    ) throws -> PredictionTable {
        let source = try source(data, root, catalog)
        let inputs: [Float]
        if let table = source as? CSVSource {
            inputs = try table.loadFeatures(relativeTo: "")
        } else {
            let samples = try source.loadInputs(relativeTo: "")
            guard samples.sampleShape == sampleShape else { throw misshapen(samples.sampleShape, at: data) }
            inputs = samples.values
        }
        guard let samples else {
            return PredictionTable(classNames: classNames, targetNames: targetNames, rows: try predict(inputs))
        }
        let (rows, spreads) = try predict(inputs, samples: samples)
        return PredictionTable(classNames: classNames, targetNames: targetNames, rows: rows, spreads: spreads)
    }

    /// Read as the data that the model was trained on.
    private func source(_ data: String, _ root: DataRoot?, _ catalog: Catalog) throws -> any DataSource {
        // As for a training: a folder is data, unless a source has its name.
        let isFolder = !catalog.sources.names.contains(data) && SystemFile.isFolder(data)
        let named =
            try FileSources.source(at: data, isFolder: isFolder)
            ?? catalog.sources.readSource(ConfigurationNode(.string(data)))
        let source: any DataSource = if let root { named.rooted(at: root) } else { named }
        let alike = source.reading(as: experiment.data.source, features: featureNames, sampleShape: sampleShape)
        guard var table = alike as? CSVSource else { return alike }
        table.task = classNames == nil ? .regression : .classification
        return table
    }

    private func check(_ dataset: Dataset) throws {
        guard dataset.sampleShape == sampleShape else {
            throw misshapen(dataset.sampleShape, at: dataset.name)
        }
        guard dataset.targets.kind == (classNames == nil ? .values : .classes) else {
            throw EspalierError(
                "its targets are \(dataset.targets.kind.rawValue)", at: dataset.name,
                expected: "\(classNames == nil ? "values" : "classes"), as the model predicts")
        }
    }

    private func misshapen(_ shape: [Int], at place: String) -> EspalierError {
        EspalierError(
            "samples of the shape \(shape)", at: place,
            expected: "\(sampleShape), as the model was trained on")
    }
}

/// Predictions as a table: the class and the probability of each, or the values; then, where there are any, their spreads.
public struct PredictionTable: Sendable {
    public let header: [String]
    public let rows: [SavedModel.Prediction]
    /// For each row the standard deviation of each of its numbers; nothing where it was predicted once.
    public let spreads: [[Float]]?

    init(
        classNames: [String]?, targetNames: [String], rows: [SavedModel.Prediction], spreads: [[Float]]? = nil
    ) {
        let numbers = classNames ?? targetNames
        let predicted =
            classNames.map { ["prediction"] + $0.map { "probability_\($0)" } }
            ?? targetNames.map { "prediction_\($0)" }
        header = predicted + (spreads == nil ? [] : numbers.map { "spread_\($0)" })
        self.rows = rows
        self.spreads = spreads
    }

    /// The cells of row `index` after the label, where it has one.
    private func numbers(_ index: Int) -> [Float] {
        let predicted: [Float] =
            switch rows[index] {
            case .label(_, let probabilities): probabilities.map { Float($0) }
            case .values(let values): values
            }
        return predicted + (spreads?[index] ?? [])
    }

    private func label(_ index: Int) -> [String] {
        if case .label(let name, _) = rows[index] { [name] } else { [] }
    }

    /// As CSV, with a header.
    public var csv: String {
        let lines = rows.indices.map { label($0).map(quoted) + numbers($0).map { "\($0)" } }
        return ([header.map(quoted)] + lines).map { $0.joined(separator: ",") + "\n" }.joined()
    }

    /// A list with a map per sample.
    public var configuration: ConfigurationValue {
        .list(
            rows.indices.map { index in
                let cells =
                    label(index).map { ConfigurationValue.string($0) } + numbers(index).map { .number(Double($0)) }
                return .map(zip(header, cells).map { .init($0, $1) })
            })
    }

    private func quoted(_ text: String) -> String {
        // By scalars: a carriage return and a line feed together are one character, which neither of them is.
        guard
            text.unicodeScalars.contains(where: { [",", "\"", "\r", "\n"].contains($0) })
                || text.hasPrefix(" ") || text.hasSuffix(" ")
        else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
