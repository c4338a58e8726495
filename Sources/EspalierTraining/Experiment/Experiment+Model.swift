import EspalierData
import EspalierGraph
import EspalierNN
import EspalierSpec

// From the layers of a configuration to a model that fits the data.
extension Experiment {
    /// The model for a training on `dataset`.
    ///
    /// - Throws: `EspalierError` at the layer that does not fit, or that ends the model with the wrong shape.
    func makeModel(for dataset: Dataset) throws -> Sequential {
        let (model, output) = try makeModel(
            sampleShape: Shape(dataset.sampleShape), outputs: dataset.targets.outputs
        ) { layer, context, path in
            if let layer = layer as? BatchNorm { try checkBatches(of: dataset, for: layer, context, path) }
        }
        try checkOutput(output, of: self.model?.last, for: dataset)
        guard !LayerContents(model).parameters.isEmpty else {
            throw EspalierError(
                "the model has no parameters, so there is nothing to train", at: places["model"],
                expected: "at least one layer with weights", fix: "- linear: {units: auto}")
        }
        return model
    }

    /// Builds the layers one after the other, each for the shape that the one before gives.
    ///
    /// - Parameter check: Sees every layer, where it stands, and its path, before its successor is made.
    /// - Returns: The model, and the shape of one sample as it leaves.
    func makeModel(
        sampleShape: Shape, outputs: Int, check: (any Layer, LayerContext, String) throws -> Void = { _, _, _ in }
    ) throws -> (Sequential, output: Shape) {
        var context = LayerContext(input: sampleShape, outputs: outputs, initializer: initializer)
        var layers: [any Layer] = []
        for (index, specification) in (model ?? []).enumerated() {
            let path = "model.\(index)"
            let layer = try placingErrors(at: path) { try specification.makeLayer(context) }
            try check(layer, context, path)
            try placingErrors(at: path) { try context.pass(layer, called: type(of: specification).name) }
            layers.append(layer)
        }
        return (Sequential(layers), context.input)
    }

    private func checkOutput(_ output: Shape, of last: (any LayerSpecification)?, for dataset: Dataset) throws {
        let outputs = dataset.targets.outputs
        guard output != [outputs] else { return }
        let count = "\(outputs) \(dataset.targets.words(outputs))"
        throw EspalierError(
            "the model ends with \(output) per sample, and \(dataset.name) has \(count)",
            at: places["model.\((model ?? []).count - 1)"], expected: "an output of [\(outputs)]",
            fix: last is LinearSpecification
                ? "units: auto in the last linear" : "- linear: {units: auto} as the last layer")
    }

    /// A batch of one sample has no variance, so batch normalisation cannot be trained on it.
    private func checkBatches(
        of train: Dataset, for layer: BatchNorm, _ context: LayerContext, _ path: String
    ) throws {
        let size = training.batchSize
        let last = train.count % size
        let isSingle = size == 1 || (last == 1 && !training.dropLast)
        guard isSingle, context.input.count == layer.channels else { return }
        let better = (1..<max(2, train.count)).lazy
            .flatMap { [size + $0, size - $0] }
            .first { (2...max(2, train.count)).contains($0) && train.count % $0 != 1 }
        throw EspalierError(
            size == 1
                ? "batchNorm cannot be trained on batches of 1 sample"
                : "the last batch of the \(train.count) training rows has 1 sample, on which batchNorm cannot be trained",
            at: places.written("training.batchSize") ?? places[path], expected: "at least 2 samples in every batch",
            fix: train.count < 2 || better == nil
                ? "more training rows" : "batchSize: \(better ?? 2)\(size > 1 ? ", or dropLast: true" : "")")
    }

    /// Gives errors without a place that of the setting at `path`.
    func placingErrors<Result>(at path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as EspalierError {
            throw error.located(at: places[path])
        } catch {
            throw EspalierError("\(error)", at: places[path])
        }
    }
}

extension Dataset.Targets {
    /// How many outputs a model of them has.
    var outputs: Int {
        switch self {
        case .classes(_, let names): names.count
        case .values(_, let width, _): width
        }
    }

    var kind: TargetKind {
        switch self {
        case .classes: .classes
        case .values: .values
        }
    }

    func words(_ count: Int) -> String {
        switch self {
        case .classes: count == 1 ? "class" : "classes"
        case .values: count == 1 ? "target value" : "target values"
        }
    }
}
