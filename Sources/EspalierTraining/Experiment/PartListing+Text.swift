import EspalierSpec

extension PartListing {
    /// Parts for people to read, as `espalier list` shows them: a line for each, and one for each of its settings.
    public static func text(of parts: [PartListing]) -> String {
        let width = parts.map(\.name.count).max() ?? 0
        let margin = String(repeating: " ", count: width + 4)
        var text = ""
        for part in parts {
            let space = String(repeating: " ", count: width - part.name.count + 2)
            text += part.name + space + part.summary + "\n"
            for setting in part.settings { text += margin + setting.text + "\n" }
        }
        return text
    }
}

extension PartListing.Setting {
    fileprivate var text: String {
        let value = defaultValue.map { "default \(JSON.write($0))" } ?? "required"
        let notes = [accepted, value].filter { !$0.isEmpty }.joined(separator: "; ")
        return "\(name): \(summary) (\(notes))"
    }
}
