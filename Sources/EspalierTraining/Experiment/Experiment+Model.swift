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
            sampleShape: Shape(dataset.sampleShape), outputs: outputs(for: dataset.targets)
        ) { layer, context in
            if let layer = layer as? BatchNorm { try checkBatches(of: dataset, for: layer, context) }
        }
        try checkOutput(output, of: self.model?.last, for: dataset)
        guard !LayerContents(model).parameters.isEmpty else {
            throw EspalierError(
                "the model has no parameters, so there is nothing to train", at: places["model"],
                expected: "at least one layer with weights", fix: "- linear: {units: auto}")
        }
        return model
    }

    /// How many outputs the loss needs of a model for such targets.
    private func outputs(for targets: Dataset.Targets) -> Int {
        guard let loss, targets.kind == .classes else { return targets.outputs }
        return loss.outputs(classes: targets.outputs)
    }

    /// Builds the layers one after the other, each for the shape that the one before gives.
    ///
    /// - Parameter check: Sees every layer, and where it stands, before its successor is made.
    /// - Returns: The model, and the shape of one sample as it leaves.
    func makeModel(
        sampleShape: Shape, outputs: Int,
        check: @escaping @Sendable (any Layer, LayerContext) throws -> Void = { _, _ in }
    ) throws -> (Sequential, output: Shape) {
        var context = LayerContext(input: sampleShape, outputs: outputs, initializer: initializer)
        context.place = { [places] in places[$0] }
        context.check = check
        let (layers, output) = try context.makeLayers(model ?? [])
        return (Sequential(layers), output)
    }

    private func checkOutput(_ output: Shape, of last: (any LayerSpecification)?, for dataset: Dataset) throws {
        let classes = dataset.targets.outputs, outputs = outputs(for: dataset.targets)
        // Where there is a label for each step, there are so many outputs for each.
        let labels = dataset.labelsPerSample ?? 1
        let steps = labels > 1 ? [labels] : []
        // Two outputs for two classes, each against the other, are right where one would do.
        guard output != Shape(steps + [outputs]), output != Shape(steps + [classes]) else { return }
        let count = "\(classes) \(dataset.targets.words(classes))\(labels > 1 ? " at each of \(labels) steps" : "")"
        throw EspalierError(
            "the model ends with \(output) per sample, and \(dataset.name) has \(count)",
            at: places["model.\((model ?? []).count - 1)"], expected: "an output of \(Shape(steps + [outputs]))",
            fix: labels > 1 && output.rank == 1
                ? "returnSequences: true in recurrent layers, and no layer that joins the steps"
                : last is LinearSpecification
                    ? "units: auto in the last linear" : "- linear: {units: auto} as the last layer")
    }

    /// A batch of one sample has no variance, so batch normalisation cannot be trained on it.
    private func checkBatches(
        of train: Dataset, for layer: BatchNorm, _ context: LayerContext
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
            at: places.written("training.batchSize") ?? places[context.path],
            expected: "at least 2 samples in every batch",
            fix: train.count < 2 || better == nil
                ? "more training rows" : "batchSize: \(better ?? 2)\(size > 1 ? ", or dropLast: true" : "")")
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

    /// How many classes there are; nothing for values.
    var classCount: Int? {
        if case .classes(_, let names) = self { names.count } else { nil }
    }

    func words(_ count: Int) -> String {
        switch self {
        case .classes: count == 1 ? "class" : "classes"
        case .values: count == 1 ? "target value" : "target values"
        }
    }
}
