import EspalierData
import EspalierNN
import EspalierSpec

extension Experiment {
    /// Loads, limits, divides and scales the data, decides what the data decides, and builds the model.
    ///
    /// Scalers are fitted on the training rows alone. Nothing is trained and nothing is written.
    ///
    /// - Throws: `EspalierError` where the data cannot be read, or where data, loss, metrics, model and batches do not
    ///   fit each other: at the place of the setting that is to be changed.
    public func prepare() throws -> PreparedExperiment {
        var resolved = self
        let (dataset, validation, test) = try loadData(deciding: &resolved)
        resolved.metrics = metrics ?? [dataset.targets.kind.defaultMetric]
        resolved.data.targetScale =
            data.targetScale ?? (model == nil && dataset.targets.kind == .values ? .standard : Scaling.none)
        let given = loss ?? dataset.targets.kind.defaultLoss
        try check(dataset, against: given, resolved.metrics ?? [])
        try checkSymbols(of: dataset)
        try checkAugmentations(of: dataset, given)
        let (split, inputScaler, targetScaler) = try resolved.divide(dataset, validation, test)
        let loss = try decided(given, by: split.train)
        resolved.loss = loss
        try checkSteps(rows: split.train.count)
        try checkAverage()
        resolved.model = model ?? chosenModel(for: split.train)
        return PreparedExperiment(
            experiment: resolved, data: split, inputScaler: inputScaler, targetScaler: targetScaler,
            model: try resolved.makeModel(for: split.train), loss: loss, metrics: resolved.metrics ?? [])
    }

    private func decided(_ loss: any Loss, by train: Dataset) throws -> any Loss {
        do {
            return try loss.decided(by: train.classCounts)
        } catch let error as EspalierError {
            throw error.located(at: places["loss"])
        }
    }

    private func divide(
        _ dataset: Dataset, _ validation: Dataset?, _ test: Dataset?
    ) throws -> (DataSplit, inputs: Scaler, targets: Scaler?) {
        var split = try blaming("data.split", for: dataset) { try data.split(dataset) }
        split = DataSplit(
            train: split.train, validation: validation ?? split.validation, test: test ?? split.test)
        let targetScaling = data.targetScale == Scaling.none ? nil : data.targetScale
        // Fitted on its own first, so that what is wrong with it is told apart from what is wrong with the inputs.
        try blaming("data.targetScale", for: dataset) {
            _ = try targetScaling.map { try Scaler($0, fittingTargetsOf: split.train) }
        }
        let scalers = try blaming("data.scale", for: dataset) { try split.scale(data.scale, targets: targetScaling) }
        return (split, scalers.inputs, scalers.targets)
    }

    /// Moves an error that names no more than the dataset to the setting at `path`, which asks what the data cannot do.
    private func blaming<Result>(_ path: String, for dataset: Dataset, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch var error as EspalierError where error.location == dataset.name {
            error.location = places[path]
            throw error
        }
    }

    private func chosenModel(for train: Dataset) -> [any LayerSpecification] {
        data.source.holdsSymbols
            ? Self.chosenTextModel : Self.chosenModel(rows: train.count, isFlat: train.sampleShape.count == 1)
    }

    private func check(_ dataset: Dataset, against loss: any Loss, _ metrics: [any Metric]) throws {
        let kind = dataset.targets.kind
        func check(_ name: String, _ targets: Set<TargetKind>, _ path: String, instead: String) throws {
            guard !targets.contains(kind), let target = targets.first else { return }
            throw EspalierError(
                "\(name) is for \(target.rawValue), and the targets of \(dataset.name) are \(kind.rawValue)",
                at: places[path], expected: "a \(path.hasPrefix("loss") ? "loss" : "metric") for \(kind.rawValue)",
                fix: "\(instead), or data with \(target.rawValue) to predict (task: \(target.task) of a csv)")
        }
        let lossType = type(of: loss)
        try check(lossType.name, lossType.targets, "loss", instead: type(of: kind.defaultLoss).name)
        try checkTargets(dataset, against: loss)
        for (index, metric) in metrics.enumerated() {
            let metricType = type(of: metric)
            try check(
                metricType.name, [metricType.target], "metrics.\(index)", instead: type(of: kind.defaultMetric).name)
        }
        if case .classes(_, let names) = dataset.targets, names.count < 2 {
            throw EspalierError(
                "\(dataset.name) has \(names.count) class, so there is nothing to tell apart",
                at: places["data.source"], expected: "at least two classes")
        }
    }

    /// Whether the loss means anything on such targets.
    private func checkTargets(_ dataset: Dataset, against loss: any Loss) throws {
        do {
            try loss.check(dataset.targets.kind, count: dataset.targets.outputs)
        } catch let error as EspalierError {
            throw error.located(at: places["loss"])
        }
        guard case .values(let values, _, _) = dataset.targets, let range = type(of: loss).targetRange,
            let outside = values.first(where: { !range.contains($0) })
        else { return }
        throw EspalierError(
            "\(type(of: loss).name) takes targets from \(range.lowerBound) to \(range.upperBound), and "
                + "\(dataset.name) has \(outside)", at: places["loss"], expected: "targets within that range",
            fix: "loss: \(MeanSquaredError.name)")
    }

    private func checkAugmentations(of dataset: Dataset, _ loss: any Loss) throws {
        for (index, augmentation) in augment.enumerated() {
            do {
                try Augmenter.check(
                    augmentation, sampleShape: dataset.sampleShape, loss: loss, dataset.targets.kind,
                    labels: dataset.labelsPerSample ?? 1)
            } catch let error as EspalierError {
                throw error.located(at: places["augment.\(index)"])
            }
        }
    }

    private func checkAverage() throws {
        guard let start = averaging.stochastic?.start, start > training.epochs else { return }
        throw EspalierError(
            "the mean begins in epoch \(start), and the training has \(training.epochs)",
            at: places["averaging.swa.start"], expected: "a start of at most \(training.epochs)",
            fix: "start: null, for the last quarter")
    }

    private func checkSteps(rows: Int) throws {
        guard training.dropLast, training.batchSize > rows else { return }
        throw EspalierError(
            "not one batch of \(training.batchSize) is full with \(rows) training rows, and dropLast leaves out the rest",
            at: places["training.batchSize"], expected: "a batchSize of at most \(rows), or dropLast: false",
            fix: "batchSize: \(rows)")
    }
}

extension TargetKind {
    /// The negative log-likelihood of classes; of values too, where their errors are normal and of one variance.
    var defaultLoss: any Loss { self == .classes ? CrossEntropyLoss() : MeanSquaredError() }

    /// What is read most easily: a share of right answers, or an error in the target's own unit.
    var defaultMetric: any Metric { self == .classes ? Accuracy() : MeanAbsoluteErrorMetric() }

    /// What `task` of a table is called for such targets.
    fileprivate var task: String { self == .classes ? "classification" : "regression" }
}
