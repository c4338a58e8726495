/// A configuration with its keys, its numbers and its comments coloured.
///
/// It only colours: whatever it misjudges is still shown letter by letter.
func highlighted(yaml: String) -> [Markup] {
    let lines = yaml.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return lines.enumerated().flatMap { index, line in (index > 0 ? [.text("\n")] : []) + highlightedLine(line) }
}

private func highlightedLine(_ line: Substring) -> [Markup] {
    var parts: [Markup] = []
    var rest = line
    while let first = rest.first {
        let token: Substring
        var style: String?
        if first == "#", rest.startIndex == line.startIndex || line[..<rest.startIndex].last == " " {
            (token, style) = (rest, "comment")
        } else if first == "\"" || first == "'" {
            let end = rest.dropFirst().firstIndex(of: first).map(rest.index(after:)) ?? rest.endIndex
            token = rest[..<end]
        } else if isWordCharacter(first) {
            token = rest.prefix(while: isWordCharacter)
            style = isLiteral(token) ? "literal" : nil
        } else {
            token = rest.prefix(1)
        }
        rest = rest[token.endIndex...]
        let canBeKey = isWordCharacter(first) || first == "\"" || first == "'"
        if canBeKey, style != "comment", rest.first == ":" { style = "key" }
        parts.append(style.map { style in tag("span", ["class": style]) { String(token) } } ?? .text(String(token)))
    }
    return parts
}

private func isWordCharacter(_ character: Character) -> Bool {
    !character.isWhitespace && !"{}[],:#\"'".contains(character)
}

private func isLiteral(_ token: Substring) -> Bool {
    ["true", "false", "null", "none", "~"].contains(token) || Double(token) != nil
}
