import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Foundation

/// A trained model out of `best.safetensors`: weights under PyTorch's names, and in the file's metadata all else that
/// predicting takes: layers, scaling, names.
public struct SavedModel {
    /// Holds the model with its weights, ready to evaluate and to predict.
    public let trainer: Trainer
    /// What the run was made from, with everything decided.
    public let experiment: Experiment
    public let sampleShape: [Int]
    /// One name per number of a sample, or none at all.
    public let featureNames: [String]
    /// Nothing for a regression.
    public let classNames: [String]?
    /// The target values by column; none for classes.
    public let targetNames: [String]
    /// How inputs were scaled for the training.
    public let inputScaler: Scaler
    /// How target values were scaled, if they were.
    public let targetScaler: Scaler?

    /// What the metadata holds, as JSON.
    private struct Description: Codable {
        var configuration: ConfigurationValue
        var sampleShape: [Int]
        var featureNames: [String]
        var classNames: [String]?
        var targetNames: [String]
        var inputScaler: Scaler
        var targetScaler: Scaler?

        /// - Throws: `EspalierError` where one part of it does not fit another.
        func check(at path: String) throws {
            var size: Int? = 1
            for extent in sampleShape {
                let product = size?.multipliedReportingOverflow(by: extent)
                size = extent > 0 && product?.overflow == false ? product?.partialValue : nil
            }
            guard let size else { throw SavedModel.contradiction("samples of the shape \(sampleShape)", at: path) }
            guard featureNames.isEmpty || featureNames.count == size else {
                throw SavedModel.contradiction(
                    "\(featureNames.count) names for the \(size) numbers of a sample", at: path)
            }
            let width = classNames?.count ?? targetNames.count
            guard width > 0 else {
                throw SavedModel.contradiction("it has neither classes nor target values", at: path)
            }
            guard inputScaler.fits(size), targetScaler?.fits(width) ?? true else {
                throw SavedModel.contradiction("its scaling is not of samples of the shape \(sampleShape)", at: path)
            }
        }
    }

    private static let key = "espalier"

    private static func contradiction(_ what: String, at path: String) -> EspalierError {
        EspalierError(
            what, at: path, expected: "metadata under \"\(key)\", as espalier train writes it",
            fix: "restore the file, or train again")
    }

    static func write(_ state: ModelState, _ prepared: PreparedExperiment, to path: String) throws {
        let buffers =
            state.parameters.arrays(named: state.contents.parameters.map(\.path))
            + state.statistics.arrays(named: state.contents.statistics.map(\.path))
        let description = Description(
            configuration: prepared.configuration, sampleShape: prepared.data.train.sampleShape,
            featureNames: prepared.featureNames, classNames: prepared.classNames,
            targetNames: prepared.targetNames ?? [], inputScaler: prepared.inputScaler,
            targetScaler: prepared.targetScaler)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(description), as: UTF8.self)
        try SafeTensors(buffers, metadata: ["format": "pt", key: text]).write(to: path)
    }

    /// The model of a run.
    ///
    /// - Throws: `EspalierError` where the run has no weights, or they do not fit its model.
    public init(_ folder: RunFolder, catalog: Catalog = .standard, engine: Engine = .current) throws {
        guard SystemFile.exists(folder.bestWeights) else { throw Self.withoutWeights(folder) }
        let file = try SafeTensors.read(folder.bestWeights)
        guard let text = file.metadata[Self.key],
            let description = try? JSONDecoder().decode(Description.self, from: Data(text.utf8))
        else {
            throw EspalierError(
                "the weights do not say which model they are of", at: folder.bestWeights,
                expected: "metadata under \"\(Self.key)\", as espalier train writes it")
        }
        try description.check(at: folder.bestWeights)
        let experiment = try Experiment(configuration: ConfigurationNode(description.configuration), catalog: catalog)
        let width = description.classNames?.count ?? description.targetNames.count
        guard let loss = experiment.loss, let metrics = experiment.metrics else {
            throw EspalierError("the weights' model has no loss", at: folder.bestWeights)
        }
        let kind: TargetKind = description.classNames == nil ? .values : .classes
        let (model, output) = try experiment.makeModel(
            sampleShape: Shape(description.sampleShape),
            outputs: kind == .classes ? loss.outputs(classes: width) : width)
        guard [width, kind == .classes ? loss.outputs(classes: width) : width].contains(output.dimensions.last) else {
            throw Self.contradiction("the model has an output of \(output) for \(width)", at: folder.bestWeights)
        }
        // Before memory is taken for what is not there.
        let contents = LayerContents(model)
        let shapes = contents.parameters.map(\.slot.shape) + contents.statistics.map(\.slot.shape)
        let held = file.arrays.reduce(0) { $0 + $1.values.count }
        guard shapes.allSatisfy({ $0.count <= held }) else {
            throw Self.contradiction("the model is larger than the file", at: folder.bestWeights)
        }
        // Outputs of [steps, classes] are for a class at each step.
        let targetShape: Shape = kind == .values ? [width] : Shape(Array(output.dimensions.dropLast()))
        trainer = try Trainer(
            model, loss: loss, metrics: metrics, optimizer: experiment.optimizer, settings: experiment.training,
            sampleShape: Shape(description.sampleShape), targetShape: targetShape, targetKind: kind,
            targetScaler: description.targetScaler, engine: engine)
        self.experiment = experiment
        sampleShape = description.sampleShape
        featureNames = description.featureNames
        classNames = description.classNames
        targetNames = description.targetNames
        inputScaler = description.inputScaler
        targetScaler = description.targetScaler
        try trainer.state.load(file, from: folder.bestWeights)
    }

    static func withoutWeights(_ folder: RunFolder) -> EspalierError {
        EspalierError(
            "the run has no weights", at: folder.bestWeights,
            expected: "the file that a training writes at its end",
            fix: "wait for the end, or go on with what was killed: espalier train --resume \(folder.path.shellWord)")
    }

    /// The prediction for each of some unscaled samples.
    public func predict(_ inputs: [Float]) throws -> [Prediction] {
        predictions(try trainer.predictions(for: scaled(inputs)))
    }

    /// The mean prediction for each of some unscaled samples over `samples` draws of the model's random layers, and the
    /// spread of each of its numbers: see `Trainer.predictions(for:samples:)`.
    ///
    /// - Throws: `EspalierError` for fewer than two draws, and for a model without random layers.
    public func predict(_ inputs: [Float], samples: Int) throws -> (predictions: [Prediction], spreads: [[Float]]) {
        guard samples >= 2 else {
            throw EspalierError(
                "a spread over \(samples) draws is none", expected: "at least 2",
                fix: "some 30 are enough for most ends")
        }
        guard !trainer.state.contents.randomness.isEmpty else {
            throw EspalierError(
                "the model draws nothing, so that every prediction would be the same", at: experiment.name,
                expected: "a model with dropout", fix: "predict without samples")
        }
        var (means, spreads) = try trainer.predictions(for: scaled(inputs), samples: samples)
        targetScaler?.invertDifferences(&spreads)
        let width = self.width
        let rows = stride(from: 0, to: spreads.count, by: width).map { Array(spreads[$0..<$0 + width]) }
        return (predictions(means), rows)
    }

    private var width: Int { classNames?.count ?? targetNames.count }

    private func scaled(_ inputs: [Float]) -> [Float] {
        var scaled = inputs
        inputScaler.apply(to: &scaled)
        return scaled
    }

    /// Probabilities or scaled values as predictions.
    private func predictions(_ values: [Float]) -> [Prediction] {
        var values = values
        if classNames == nil { targetScaler?.invert(&values) }
        return stride(from: 0, to: values.count, by: width).map { start in
            let row = values[start..<start + width]
            guard let classNames else { return .values(Array(row)) }
            return .label(classNames[largestIndex(row)], probabilities: row.map(Double.init))
        }
    }

    /// What a model says of one sample.
    public enum Prediction: Sendable, Hashable {
        /// The likeliest class, and the probability of each.
        case label(String, probabilities: [Double])
        case values([Float])
    }
}

extension FlatBuffer {
    /// Copies of the tensors at the given paths.
    fileprivate func arrays(named paths: [String]) -> [NamedArray] {
        paths.map { path in
            let shape = entries.first { $0.path == path }?.shape ?? []
            return NamedArray(path, shape: shape.dimensions, Array(values(path)!))
        }
    }
}
