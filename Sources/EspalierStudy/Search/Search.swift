import EspalierData
import EspalierEngine
import EspalierNN
import EspalierSpec
import EspalierTraining

/// What is searched: a training, the ranges of some of its settings, and by what it is judged.
///
/// ```swift
/// let search = try Search.read("config.yaml")
/// let study = try Study(creating: search, in: Study.folder(for: search))
/// try study.run()
/// print(try study.trials().best(search.objective)?.value ?? .nan)
/// ```
public struct Search: Sendable {
    /// The training with everything decided, before a trial's values are put in.
    public let experiment: Experiment
    public private(set) var settings: SearchSettings
    public let objective: Objective
    private let base: ConfigurationNode
    private let catalog: Catalog

    /// Reads a configuration with a key `search`.
    ///
    /// Both ends of every range, and each value of a choice, are put into the training and it is made ready, so that what is
    /// wrong with one shows before the first trial.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - overrides: The command line's `--set key.path=value`, without the `--set`.
    ///   - root: Where data lies that is known by name.
    ///   - catalog: The parts that it can name.
    /// - Throws: `EspalierError` at `FILE:LINE:COL` of the first thing that cannot be used.
    public static func read(
        _ path: String, overrides: [String] = [], root: DataRoot? = nil, catalog: Catalog = .standard
    ) throws -> Search {
        let experiment = try Experiment.read(path, overrides: overrides, catalog: catalog).rooted(at: root)
        let example = "search: {ranges: {optimizer.adam.learningRate: {logUniform: [0.0001, 0.1]}}}"
        guard let section = Self.section(of: path, overrides) else {
            throw EspalierError(
                "there is nothing to search", at: path, expected: "a configuration with the key search", fix: example)
        }
        return try Search(experiment, SearchSettings(configuration: section), catalog: catalog)
    }

    /// Checks the key `search` of a configuration, if it has one, without making any of its trainings ready: its settings, its
    /// paths, and that their values are ones that a configuration can hold.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - overrides: The command line's `--set key.path=value`, without the `--set`.
    ///   - prepared: The training of the same configuration.
    ///   - catalog: What parts the configuration may name.
    /// - Throws: `EspalierError` at `FILE:LINE:COL` of the first thing that cannot be used.
    public static func check(
        _ path: String, overrides: [String], for prepared: PreparedExperiment, catalog: Catalog = .standard
    ) throws {
        guard let section = section(of: path, overrides) else { return }
        try Search(prepared, SearchSettings(configuration: section), catalog).checkEnds { _ in }
    }

    private static func section(of path: String, _ overrides: [String]) -> ConfigurationNode? {
        guard [".yaml", ".yml"].contains(where: { path.lowercased().hasSuffix($0) }) || SystemFile.exists(path) else {
            return nil
        }
        return (try? YAML.read(path).applying(overrides: overrides))?["search"]
    }

    /// - Parameters:
    ///   - experiment: The training.
    ///   - settings: What is searched, and how.
    ///   - catalog: The parts that a range's values can name.
    /// - Throws: `EspalierError` for a range that leads nowhere, and for a training that cannot be judged.
    public init(_ experiment: Experiment, _ settings: SearchSettings, catalog: Catalog = .standard) throws {
        try self.init(experiment.prepare(), settings, catalog)
        try checkEnds { _ = try $0.prepare() }
    }

    private init(_ prepared: PreparedExperiment, _ settings: SearchSettings, _ catalog: Catalog) throws {
        objective = try Objective(settings.metric, prepared, catalog)
        self.experiment = objective.measured(prepared.experiment)
        self.settings = settings
        self.settings.metric = objective.name
        self.catalog = catalog
        base = ConfigurationNode(self.experiment.configuration)
    }

    /// Reads a study's own `config.yaml`, which was checked when it was written; no data is needed.
    init(recordedAt path: String, catalog: Catalog) throws {
        experiment = try Experiment.read(path, catalog: catalog)
        guard let section = try YAML.read(path)["search"] else {
            throw EspalierError("there is no key search", at: path, expected: "the config.yaml of a study")
        }
        settings = try SearchSettings(configuration: section)
        objective = try Objective(named: settings.metric ?? "", catalog)
        self.catalog = catalog
        base = ConfigurationNode(experiment.configuration)
    }

    /// The training of a trial.
    ///
    /// - Throws: `EspalierError` where the values do not go together.
    public func experiment(at coordinates: [Double]) throws -> Experiment {
        try experiment(with: settings.ranges.values(at: coordinates).map(\.value))
    }

    private func experiment(with values: [ConfigurationValue]) throws -> Experiment {
        try Experiment(configuration: settings.ranges.applied(values, to: base), catalog: catalog)
    }

    /// Puts both ends of every range, and each value of a choice, into the training.
    private func checkEnds(_ check: @escaping @Sendable (Experiment) throws -> Void) throws {
        let parameters = settings.ranges.parameters
        let first = parameters.map { $0.range.ends[0] }
        let ends = parameters.indices.flatMap { index in
            parameters[index].range.ends.map { (index: index, value: $0) }
        }
        let errors = SideBySide.map(ends, workers: settings.workers) { end -> (any Error)? in
            var values = first
            values[end.index] = end.value
            do {
                try check(experiment(with: values))
                return nil
            } catch {
                return error
            }
        }
        for (end, error) in zip(ends, errors) {
            guard let error else { continue }
            guard var error = error as? EspalierError else { throw error }
            let (path, place) = (parameters[end.index].path, parameters[end.index].location)
            let value = YAML.writeLine(end.value)
            if !error.what.contains(path) { error.what = "\(path) cannot be \(value): \(error.what)" }
            error.location = place?.description ?? "search.ranges.\(path)"
            error.fix = otherPart(on: path) ?? error.fix
            throw error
        }
    }

    /// What to try where a path goes into another part than the configuration has.
    private func otherPart(on path: String) -> String? {
        var value = experiment.configuration, reached: [Substring] = []
        for key in path.split(separator: ".") {
            let items = if case .list(let items) = value { items } else { [ConfigurationValue]() }
            if let next = Int(key).flatMap({ items.indices.contains($0) ? items[$0] : nil }) ?? value[String(key)] {
                value = next
                reached.append(key)
                continue
            }
            let name: String
            switch value {
            case .string(let text): name = text
            case .map(let entries) where entries.count == 1: name = entries[0].key
            default: return nil
            }
            let place = reached.joined(separator: ".")
            return "\(place) is \(name) here: search its settings, or which of the two it is: "
                + "\(place): {choice: [\(name), \(key)]}"
        }
        return nil
    }

    /// The whole configuration of the study, for its `config.yaml`.
    var yaml: String {
        guard case .map(let entries) = experiment.configuration else { return "" }
        return YAML.write(.map(entries + [.init("search", settings.configuration)]))
    }

    /// What tells this study from others: everything that a trial's value depends on.
    var identity: ConfigurationValue {
        guard case .map(let entries) = experiment.configuration, case .map(let search) = settings.configuration else {
            return .null
        }
        return .map(
            entries.filter { $0.key != "name" }
                + search.filter { !["trials", "parallel"].contains($0.key) }.map { .init("search.\($0.key)", $0.value) }
        )
    }
}

extension SearchSettings {
    /// How many trials go on side by side.
    var workers: Int { parallel ?? Processors.usable }
}
