import EspalierSpec
import Yams

/// Reading configurations written in YAML, with the place of every key and value.
///
/// Scalars follow the core schema of YAML 1.2: `yes`, `on` and `off` are text. Anchors, aliases and merge keys (`<<`)
/// work. What a person would not write, and a hostile file would, is refused: more than `maximumDepth` levels, more
/// than `maximumValues` values once all aliases are followed, more than `maximumBytes` bytes.
extension YAML {
    public static let maximumBytes = 1 << 20
    public static let maximumDepth = 64
    public static let maximumValues = 200_000

    /// Reads the configuration file at `path`.
    ///
    /// - Throws: `EspalierError` with `FILE:LINE:COL` where the file cannot be read or is not one YAML document.
    public static func read(_ path: String) throws -> ConfigurationNode {
        let bytes = try SystemFile.read(path, kind: "a configuration", limit: maximumBytes)
        return try parse(SystemFile.text(bytes, file: path), file: path)
    }

    /// Reads the configuration in `text`.
    ///
    /// - Parameters:
    ///   - text: One YAML document.
    ///   - file: What messages call the text.
    ///   - path: The dotted path at which the value will stand.
    public static func parse(_ text: String, file: String, path: String = "") throws -> ConfigurationNode {
        guard text.utf8.count <= maximumBytes else {
            throw EspalierError("the text is too long", at: file, expected: "at most \(maximumBytes) bytes")
        }
        // A byte order mark would count as a column.
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        let source = YAMLSource(text: text, file: file)
        guard let root = try source.compose() else {
            throw EspalierError(
                "there is nothing in it", at: file, expected: "a configuration, at least `data` and `model`")
        }
        var reader = YAMLNodeReader(file: file)
        return try reader.read(root, path: path, depth: 0)
    }
}

/// Turns what the YAML library composed into configuration nodes.
private struct YAMLNodeReader {
    let file: String
    var values = 0

    mutating func read(_ node: Node, path: String, depth: Int) throws -> ConfigurationNode {
        let location = place(node.mark)
        values += 1
        guard values <= YAML.maximumValues else {
            throw EspalierError(
                "too many values once aliases are followed", at: location.description,
                expected: "at most \(YAML.maximumValues)", fix: "give a large table as a data file")
        }
        guard depth < YAML.maximumDepth else {
            throw EspalierError(
                "nested too deeply", at: location.description, expected: "at most \(YAML.maximumDepth) levels")
        }
        let content: ConfigurationNode.Content
        switch node {
        case .scalar(let scalar):
            content = try read(scalar, at: location)
        case .sequence(let sequence):
            try refuseTag(sequence.tag, besides: .seq, at: location)
            var items: [ConfigurationNode] = []
            for (index, item) in sequence.enumerated() {
                items.append(try read(item, path: join(path, String(index)), depth: depth + 1))
            }
            content = .list(items)
        case .mapping(let mapping):
            try refuseTag(mapping.tag, besides: .map, at: location)
            content = .map(try read(mapping, path: path, depth: depth))
        case .alias:
            throw EspalierError("an alias of nothing", at: location.description)
        }
        return ConfigurationNode(content, location: location, path: path)
    }

    private mutating func read(
        _ mapping: Node.Mapping, path: String, depth: Int
    ) throws -> [ConfigurationNode.Entry] {
        var entries: [ConfigurationNode.Entry] = []
        var merged: [ConfigurationNode.Entry] = []
        for (keyNode, value) in mapping {
            let location = place(keyNode.mark)
            guard case .scalar(let key) = keyNode else {
                throw EspalierError(
                    "a list or map as a key", at: location.description, expected: "a name as the key",
                    fix: "quote it if it is meant as text")
            }
            if key.string == "<<" && key.style == .plain {
                merged += try readMerge(value, path: path, depth: depth)
            } else {
                let node = try read(value, path: join(path, key.string), depth: depth + 1)
                entries.append(.init(key: key.string, keyLocation: location, value: node))
            }
        }
        // What is written out wins over what is merged, and the first merged map over those after it.
        var known = Set(entries.map(\.key))
        return entries + merged.filter { known.insert($0.key).inserted }
    }

    /// The entries that `<<: value` brings in.
    private mutating func readMerge(
        _ value: Node, path: String, depth: Int
    ) throws -> [ConfigurationNode.Entry] {
        let maps: [Node]
        if case .sequence(let sequence) = value { maps = Array(sequence) } else { maps = [value] }
        return try maps.flatMap { node in
            let read = try read(node, path: path, depth: depth + 1)
            return try read.entries(expected: "a map, or a list of maps, to merge with <<")
        }
    }

    private func read(_ scalar: Node.Scalar, at location: SourceLocation) throws -> ConfigurationNode.Content {
        if scalar.style != .plain || scalar.tag.rawValue == Tag.Name.str.rawValue { return .string(scalar.string) }
        try refuseTag(scalar.tag, besides: .str, at: location)
        do {
            return try YAMLScalar.resolve(scalar.string)
        } catch let error as EspalierError {
            throw error.located(at: location.description)
        }
    }

    private func refuseTag(_ tag: Tag, besides plain: Tag.Name, at location: SourceLocation) throws {
        guard ["", plain.rawValue].contains(tag.rawValue) else {
            throw EspalierError(
                "the tag \(tag.rawValue) means nothing here", at: location.description, expected: "a plain value",
                fix: "take the tag off")
        }
    }

    private func place(_ mark: Mark?) -> SourceLocation {
        SourceLocation(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    private func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
