/// Configurations as text.
public enum YAML {
    /// The value as YAML for people: a key a line, short lists and maps of settings within one line.
    ///
    /// `parse` reads the same value back, with every number the same to the last bit and whole numbers whole;
    /// only a byte order mark at the beginning of a text is lost there.
    public static func write(_ value: ConfigurationValue) -> String {
        var writer = YAMLWriter()
        writer.writeRoot(value)
        return writer.text
    }

    /// The value as YAML within one line, as `--set` takes it.
    public static func writeLine(_ value: ConfigurationValue) -> String { YAMLWriter().flow(value) }
}

private struct YAMLWriter {
    static let width = 100

    var text = ""

    mutating func writeRoot(_ value: ConfigurationValue) {
        switch value {
        case .map(let entries) where !entries.isEmpty: writeMap(entries, indent: 0, begun: false)
        case .list(let items) where !items.isEmpty: writeList(items, indent: 0, begun: false)
        default: text += flow(value) + "\n"
        }
    }

    /// - Parameter begun: Whether the first line stands already behind the dash of a list.
    private mutating func writeMap(_ entries: [ConfigurationValue.Entry], indent: Int, begun: Bool) {
        for (index, entry) in entries.enumerated() {
            let margin = String(repeating: " ", count: indent)
            if index > 0 || !begun { text += margin }
            let key = YAMLScalar.writeKey(entry.key)
            // A long key needs the explicit form: YAML looks no further than 1,024 characters for the colon.
            let head = key.utf8.count > 800 ? "? \(key)\n\(margin):" : "\(key):"
            text += head
            if isInline(entry.value, behind: indent + head.count + 1) {
                text += " \(flow(entry.value))\n"
            } else {
                text += "\n"
                writeBlock(entry.value, indent: indent + 2, begun: false)
            }
        }
    }

    private mutating func writeList(_ items: [ConfigurationValue], indent: Int, begun: Bool) {
        for (index, item) in items.enumerated() {
            if index > 0 || !begun { text += String(repeating: " ", count: indent) }
            text += "- "
            // A map in a list is one part of a model or the like, and has a line or more to itself.
            if case .map(let entries) = item, !entries.isEmpty {
                writeMap(entries, indent: indent + 2, begun: true)
            } else if isInline(item, behind: indent + 2) {
                text += flow(item) + "\n"
            } else {
                writeBlock(item, indent: indent + 2, begun: true)
            }
        }
    }

    private mutating func writeBlock(_ value: ConfigurationValue, indent: Int, begun: Bool) {
        switch value {
        case .map(let entries): writeMap(entries, indent: indent, begun: begun)
        case .list(let items): writeList(items, indent: indent, begun: begun)
        default: break
        }
    }

    /// Whether the value goes on the line that is begun: scalars do, and what is shallow and short.
    private func isInline(_ value: ConfigurationValue, behind column: Int) -> Bool {
        let levels = levels(of: value, limit: 3)
        return levels == 0 || (levels < 3 && column + flow(value).count <= Self.width)
    }

    /// How deep lists and maps are nested in the value, counted up to `limit`; an empty one counts nothing.
    private func levels(of value: ConfigurationValue, limit: Int) -> Int {
        guard limit > 0 else { return 0 }
        return switch value {
        case .map(let entries): entries.map { 1 + levels(of: $0.value, limit: limit - 1) }.max() ?? 0
        case .list(let items): items.map { 1 + levels(of: $0, limit: limit - 1) }.max() ?? 0
        default: 0
        }
    }

    func flow(_ value: ConfigurationValue) -> String {
        switch value {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): YAMLScalar.write(value)
        case .string(let value): YAMLScalar.write(value)
        case .list(let items): "[\(items.map(flow).joined(separator: ", "))]"
        case .map(let entries):
            "{\(entries.map { "\(YAMLScalar.writeKey($0.key)): \(flow($0.value))" }.joined(separator: ", "))}"
        }
    }
}
