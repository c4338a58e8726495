import EspalierSpec

/// Where each value of a configuration stood, by its dotted path, for what is only found wrong once data is there.
struct Places: Sendable {
    private var places: [String: String] = [:]

    init() {}

    init(_ node: ConfigurationNode) { collect(node) }

    private mutating func collect(_ node: ConfigurationNode) {
        if let location = node.location { places[node.path] = location.description }
        switch node.content {
        case .list(let items): items.forEach { collect($0) }
        case .map(let entries): entries.forEach { collect($0.value) }
        default: break
        }
    }

    /// Where the value at exactly this path was written.
    func written(_ path: String) -> String? { places[path] }

    /// Where the value at `path` was written, or else what it would have been in; the path itself where neither was.
    subscript(path: String) -> String {
        var prefix = path[...]
        while !prefix.isEmpty {
            if let place = places[String(prefix)] { return place }
            prefix = prefix.lastIndex(of: ".").map { prefix[..<$0] } ?? ""
        }
        return path
    }
}
