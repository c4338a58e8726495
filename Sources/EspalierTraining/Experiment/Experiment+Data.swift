import EspalierData
import EspalierSpec

// Loading an experiment's data: what is divided, and what is given apart from it.
extension Experiment {
    /// Loads the data, and has `resolved` say what was decided by looking at it.
    ///
    /// - Returns: The rows to divide, and the validation and test data that are not part of them.
    func loadData(
        deciding resolved: inout Experiment
    ) throws -> (dataset: Dataset, validation: Dataset?, test: Dataset?) {
        let loaded = try locating("data.source", data.source) { try data.source.loadParts(relativeTo: data.folder) }
        let dataset = try limited(loaded.rest)
        resolved.data.source = try data.source.decided(by: dataset, relativeTo: data.folder)
        func part(_ name: String, _ source: inout (any DataSource)?) throws -> Dataset? {
            guard let given = source else { return nil }
            let decided = given.reading(
                as: resolved.data.source, features: dataset.featureNames, sampleShape: dataset.sampleShape)
            source = decided
            return try locating("data.\(name)", decided) {
                try alike(try decided.load(relativeTo: data.folder), dataset)
            }
        }
        let validation = try part("validation", &resolved.data.validation)
        let test = try part("test", &resolved.data.test) ?? loaded.test
        if validation != nil, data.split.fold != nil {
            throw EspalierError(
                "a fold is validation, and data.validation is another", at: places["data.validation"],
                expected: "one of the two", fix: "leave out data.validation or split.fold")
        }
        // What is written down is what was done: nothing of the dataset goes to what is given apart.
        if validation != nil || test != nil {
            resolved.data.split = data.split.without(test: test != nil, validation: validation != nil)
        }
        return (dataset, validation, test)
    }

    /// The same experiment with the data that is known by name under `root`, and with files that are there and not in the
    /// configuration's folder; nothing leaves it.
    public func rooted(at root: DataRoot?) -> Experiment {
        guard let root else { return self }
        var copy = self
        func found(_ source: any DataSource) -> any DataSource {
            root.finding(source.rooted(at: root), missingIn: data.folder)
        }
        copy.data.source = found(data.source)
        copy.data.validation = data.validation.map(found)
        copy.data.test = data.test.map(found)
        return copy
    }

    private func limited(_ dataset: Dataset) throws -> Dataset {
        guard let limit = data.limit else { return dataset }
        guard limit <= dataset.count else {
            throw EspalierError(
                "limit is \(limit), and \(dataset.name) has \(dataset.count) rows", at: places["data.limit"],
                expected: "at most \(dataset.count)", fix: "leave limit out to use all")
        }
        return dataset[0..<limit]
    }

    /// `part` with the classes of `dataset`, if it has samples and targets like that.
    private func alike(_ part: Dataset, _ dataset: Dataset) throws -> Dataset {
        guard part.sampleShape == dataset.sampleShape else {
            throw EspalierError(
                "samples of the shape \(part.sampleShape)", at: part.name,
                expected: "\(dataset.sampleShape), as \(dataset.name) has")
        }
        guard part.targets.kind == dataset.targets.kind, part.labelsPerSample == dataset.labelsPerSample,
            part.targets.kind == .classes || part.targets.outputs == dataset.targets.outputs
        else {
            throw EspalierError(
                "its targets are not like those of \(dataset.name)", at: part.name,
                expected: dataset.targets.kind == .classes
                    ? "\(dataset.labelsPerSample ?? 1) classes a sample"
                    : "\(dataset.targets.outputs) values a sample")
        }
        guard case .classes(_, let names) = dataset.targets else { return part }
        return try part.relabelled(by: names)
    }

    /// Moves an error about what the source at `setting` reads to where it is to be mended.
    private func locating<Result>(
        _ setting: String, _ source: any DataSource, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch var error as EspalierError {
            // A file that is not there is the configuration's mistake; a wrong row is the file's.
            if let path = error.location, path == file(of: source), places.written(setting) != nil {
                error.what = "\(path): \(error.what)"
                error.location = places["\(setting).\(type(of: source).name).path"]
                if !SystemFile.exists(path) {
                    error.fix =
                        SystemFile.meant(path) ?? "check the spelling, or name the folder that has it by --data-root"
                }
            }
            throw error.located(at: places[setting])
        }
    }

    /// The file that a source reads, as its own messages call it.
    private func file(of source: any DataSource) -> String? {
        if case .string(let path)? = source.anchored(in: data.folder).configuration["path"] { path } else { nil }
    }
}
