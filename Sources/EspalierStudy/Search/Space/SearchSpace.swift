import EspalierGraph
import EspalierSpec
import EspalierTraining

/// A setting that is searched.
public struct SearchParameter: Sendable, Hashable {
    /// The dotted path of the setting, as `--set` takes it.
    public var path: String
    public var range: SearchRange
    /// Where the range was written.
    var location: SourceLocation?

    public init(_ path: String, _ range: SearchRange) {
        self.path = path
        self.range = range
    }

    public static func == (first: Self, second: Self) -> Bool {
        first.path == second.path && first.range == second.range
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(path)
        hasher.combine(range)
    }
}

/// All settings that are searched, in the order in which they were written.
public struct SearchSpace: Sendable, Hashable {
    public var parameters: [SearchParameter]

    public init(_ parameters: [SearchParameter] = []) { self.parameters = parameters }

    /// For each parameter a number in [0, 1) that depends on the seed, the trial's number and the setting's path alone; so a
    /// range more leaves the others' draws as they were.
    func uniform(_ number: Int, seed: UInt64) -> [Double] {
        parameters.map { parameter in
            var random = RandomStream(seed: seed, "search", "trial", number, parameter.path)
            return random.uniform()
        }
    }

    /// Coordinates drawn evenly.
    func random(_ number: Int, seed: UInt64) -> [Double] {
        zip(parameters, uniform(number, seed: seed)).map { parameter, place in
            parameter.range.categories.map { (place * Double($0)).rounded(.down) } ?? place
        }
    }

    /// The values at coordinates.
    public func values(at coordinates: [Double]) -> [ConfigurationValue.Entry] {
        zip(parameters, coordinates).map { .init($0.path, $0.range.value(at: $1)) }
    }

    /// The configuration with a value for each setting.
    ///
    /// - Throws: `EspalierError` at a range whose path leads nowhere.
    func applied(_ values: [ConfigurationValue], to node: ConfigurationNode) throws -> ConfigurationNode {
        try zip(parameters, values).reduce(node) { node, change in
            let (parameter, value) = change
            let place = parameter.location ?? SourceLocation(file: "search.ranges", line: 0, column: 0)
            return try Override(parameter.path, value, location: place).applied(to: node)
        }
    }
}

extension SearchSpace: ConfigurationRepresentable {
    public static var accepted: String { "a map from paths, as `--set` takes them, to ranges" }

    public init(configuration node: ConfigurationNode) throws {
        let fix = "ranges: {optimizer.adam.learningRate: {logUniform: [0.0001, 0.1]}}"
        guard case .map(let entries) = node.content, !entries.isEmpty else {
            throw node.mismatch(expected: Self.accepted, fix: fix)
        }
        parameters = []
        for entry in entries {
            let location = entry.keyLocation ?? entry.value.location
            try Self.check(entry.key, among: parameters.map(\.path), at: location?.description ?? entry.value.place)
            var parameter = SearchParameter(entry.key, try SearchRange(configuration: entry.value))
            parameter.location = location
            parameters.append(parameter)
        }
    }

    private static func check(_ path: String, among known: [String], at place: String) throws {
        let keys = path.split(separator: ".", omittingEmptySubsequences: false)
        guard !keys.contains(""), keys.first != "search", keys.first != "name" else {
            throw EspalierError(
                "\"\(path)\" is no setting of a training", at: place, expected: "a path as `--set` takes it",
                fix: "training.batchSize")
        }
        if let other = known.first(where: { $0 == path || path.hasPrefix($0 + ".") || $0.hasPrefix(path + ".") }) {
            throw EspalierError(
                other == path ? "\(path) has two ranges" : "\(path) and \(other) lie within each other", at: place,
                expected: "each setting once")
        }
    }

    public var configuration: ConfigurationValue {
        .map(parameters.map { .init($0.path, $0.range.configuration) })
    }
}
