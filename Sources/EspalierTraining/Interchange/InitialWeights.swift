import EspalierNN
import EspalierSpec

/// Weights that a training begins with, out of a file: `initialWeights:` in a configuration.
///
///     initialWeights: {file: runs/large-1/best.safetensors, match: "0.*", rename: {backbone.: ""}}
///
/// takes layer 0 alone, from a file in which its arrays are called `backbone.0.…`. Renaming replaces the beginnings of the
/// file's names; of several that fit, the longest. What no pattern covers keeps the values that it was initialised with.
///
/// Use it to go on from another training, and with `groups` to freeze what was taken over or to train it slowly.
public struct InitialWeights: Specification {
    public var file = ""
    public var match: NamePatterns = "*"
    public var rename = Renaming()
    public var strict = true

    public static let name = "initialWeights"
    public static let summary = "Weights that a training begins with, out of a file"
    public static let fields = [
        Field(
            "file", \Self.file, "a .safetensors or .npz file, relative to the configuration's folder", required: true),
        Field("match", \Self.match, "the parameters and statistics of the model that are taken from it"),
        Field("rename", \Self.rename, "beginnings of the file's names, each with what stands there in the model"),
        Field(
            "strict", \Self.strict,
            "whether all that matches must be in the file; else what is missing keeps its first values"),
    ]

    public init() {}

    public init(file: String, match: NamePatterns = "*", rename: Renaming = Renaming(), strict: Bool = true) {
        self.file = file
        self.match = match
        self.rename = rename
        self.strict = strict
    }

    /// The same file, if its path is relative, from `folder`.
    func anchored(in folder: String) -> InitialWeights {
        var copy = self
        if !file.hasPrefix("/") { copy.file = "\(folder)/\(file)" }
        return copy
    }

    func load(into state: ModelState) throws {
        let arrays = try file.lowercased().hasSuffix(".npz") ? SafeTensors(NPZ.read(file)) : SafeTensors.read(file)
        try state.load(arrays, from: file, matching: match, renaming: rename, strict: strict)
    }
}

/// Beginnings of names, and what stands in their place.
public struct Renaming: ConfigurationRepresentable, Hashable, ExpressibleByDictionaryLiteral {
    public static var accepted: String { "a map of beginnings of names" }

    private var pairs: [Pair] = []

    private struct Pair: Hashable {
        var old: String
        var new: String
    }

    /// - Parameter options: Each `old=new`, as a command line has them.
    /// - Throws: `EspalierError` for one without `=`, and where one beginning is replaced twice.
    public init(options: [String]) throws {
        for option in options {
            guard let equals = option.firstIndex(of: "=") else {
                throw EspalierError("there is no = in \"\(option)\"", at: "--rename", expected: "old=new")
            }
            let pair = Pair(old: String(option[..<equals]), new: String(option[option.index(after: equals)...]))
            guard !pairs.contains(where: { $0.old == pair.old }) else {
                throw EspalierError("\"\(pair.old)\" is renamed twice", at: "--rename", expected: "each beginning once")
            }
            pairs.append(pair)
        }
    }

    /// Whether nothing is renamed.
    public var isEmpty: Bool { pairs.isEmpty }

    public init(dictionaryLiteral elements: (String, String)...) { pairs = elements.map { Pair(old: $0, new: $1) } }

    public init(configuration node: ConfigurationNode) throws {
        pairs = try node.entries(expected: Self.accepted).map { entry in
            Pair(old: entry.key, new: try String(configuration: entry.value))
        }
    }

    public var configuration: ConfigurationValue { .map(pairs.map { .init($0.old, .string($0.new)) }) }

    /// The name with the longest beginning that fits replaced.
    public func callAsFunction(_ name: String) -> String {
        let fitting = pairs.filter { name.hasPrefix($0.old) }.max { $0.old.count < $1.old.count }
        return fitting.map { $0.new + name.dropFirst($0.old.count) } ?? name
    }
}
