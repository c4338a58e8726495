/// HTML and SVG as a tree.
///
/// Text is escaped when it is written, so that no name in a run can become markup.
indirect enum Markup: Sendable {
    case text(String)
    /// Markup that is written as it stands: the report's own style sheet and script, nothing that comes from a run.
    case verbatim(String)
    case group([Markup])
    case element(String, [(name: String, value: String)], [Markup])

    static let empty = Markup.group([])

    /// The tree as well-formed XML that an HTML parser reads the same way.
    var rendered: String {
        var output = ""
        write(into: &output)
        return output
    }

    private func write(into output: inout String) {
        switch self {
        case .text(let text): output += escaped(text)
        case .verbatim(let text): output += text
        case .group(let parts): for part in parts { part.write(into: &output) }
        case .element(let name, let attributes, let content):
            output += "<\(name)"
            for attribute in attributes { output += " \(attribute.name)=\"\(escaped(attribute.value))\"" }
            if content.isEmpty && Self.childless.contains(name) {
                output += "/>"
            } else {
                output += ">"
                for part in content { part.write(into: &output) }
                output += "</\(name)>"
            }
        }
    }

    // An HTML parser takes `<div/>` for an opening tag; only these may close themselves.
    private static let childless: Set<String> = [
        "meta", "link", "input", "br", "img", "path", "rect", "line", "circle",
    ]
}

/// An element; attributes without a value are left out.
func tag(
    _ name: String, _ attributes: KeyValuePairs<String, String?> = [:],
    @MarkupBuilder content: () -> [Markup] = { [] }
) -> Markup {
    .element(name, attributes.compactMap { key, value in value.map { (name: key, value: $0) } }, content())
}

/// `text` with the characters that mean something in markup replaced, and those that XML forbids shown as U+FFFD.
func escaped(_ text: String) -> String {
    var output = ""
    output.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": output += "&amp;"
        case "<": output += "&lt;"
        case ">": output += "&gt;"
        case "\"": output += "&quot;"
        case "'": output += "&#39;"
        case "\t", "\n", "\r": output.unicodeScalars.append(scalar)
        case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{FFFE}", "\u{FFFF}": output += "\u{FFFD}"
        default: output.unicodeScalars.append(scalar)
        }
    }
    return output
}

/// Collects the parts of an element; a string becomes escaped text.
@resultBuilder
enum MarkupBuilder {
    static func buildExpression(_ markup: Markup) -> [Markup] { [markup] }
    static func buildExpression(_ parts: [Markup]) -> [Markup] { parts }
    static func buildExpression(_ text: String) -> [Markup] { [.text(text)] }
    static func buildBlock(_ parts: [Markup]...) -> [Markup] { parts.flatMap { $0 } }
    static func buildOptional(_ parts: [Markup]?) -> [Markup] { parts ?? [] }
    static func buildEither(first parts: [Markup]) -> [Markup] { parts }
    static func buildEither(second parts: [Markup]) -> [Markup] { parts }
    static func buildArray(_ parts: [[Markup]]) -> [Markup] { parts.flatMap { $0 } }
}
