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
        let (dataset, test) = try loadData()
        // What is written down is what was done: nothing of the rest goes to the test.
        if test != nil { resolved.data.split = data.split.withoutTest }
        let loss = self.loss ?? dataset.targets.kind.defaultLoss
        let metrics = self.metrics ?? [dataset.targets.kind.defaultMetric]
        resolved.data.source = try data.source.decided(by: dataset, relativeTo: data.folder)
        resolved.loss = loss
        resolved.metrics = metrics
        resolved.data.targetScale =
            data.targetScale ?? (model == nil && dataset.targets.kind == .values ? .standard : Scaling.none)
        try check(dataset, against: loss, metrics)
        try checkSymbols(of: dataset)
        try checkAugmentations(of: dataset, loss)
        let (split, inputScaler, targetScaler) = try resolved.divide(dataset, test: test)
        try checkSteps(rows: split.train.count)
        try checkAverage()
        resolved.model = model ?? chosenModel(for: split.train)
        return PreparedExperiment(
            experiment: resolved, data: split, inputScaler: inputScaler, targetScaler: targetScaler,
            model: try resolved.makeModel(for: split.train), loss: loss, metrics: metrics)
    }

    private func loadData() throws -> (rest: Dataset, test: Dataset?) {
        let dataset: Dataset, test: Dataset?
        do {
            (dataset, test) = try data.source.loadParts(relativeTo: data.folder)
        } catch var error as EspalierError {
            // A file that is not there is the configuration's mistake; a wrong row is the file's.
            if let path = error.location, path == self.path, places.written("data.source") != nil {
                error.what = "\(path): \(error.what)"
                error.location = places["data.source.\(type(of: data.source).name).path"]
                if !SystemFile.exists(path) {
                    error.fix = "check the spelling, or name the folder that has it by --data-root"
                }
            }
            throw error.located(at: places["data.source"])
        }
        guard let limit = data.limit else { return (dataset, test) }
        guard limit <= dataset.count else {
            throw EspalierError(
                "limit is \(limit), and \(dataset.name) has \(dataset.count) rows", at: places["data.limit"],
                expected: "at most \(dataset.count)", fix: "leave limit out to use all")
        }
        return (dataset[0..<limit], test)
    }

    /// The same experiment with the data that is known by name under `root`, and with files that are there and not in the
    /// configuration's folder; nothing leaves it.
    public func rooted(at root: DataRoot?) -> Experiment {
        var copy = self
        if let root { copy.data.source = root.finding(data.source.rooted(at: root), missingIn: data.folder) }
        return copy
    }

    /// The file that the data comes from, as the source's own messages call it.
    private var path: String? {
        if case .string(let path)? = data.source.anchored(in: data.folder).configuration["path"] { path } else { nil }
    }

    private func divide(
        _ dataset: Dataset, test: Dataset?
    ) throws -> (DataSplit, inputs: Scaler, targets: Scaler?) {
        var split = try blaming("data.split", for: dataset) { try data.split(dataset) }
        if let test { split = DataSplit(train: split.train, validation: split.validation, test: test) }
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
