import EspalierSpec
import Yams

/// The text of one YAML document, and where in it the YAML library found fault.
struct YAMLSource {
    let text: String
    let file: String

    /// The document's root, or nothing where the text holds none.
    func compose() throws -> Node? {
        try refuseAliasesInKeys()
        do {
            return try Self.compose(text)
        } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
            throw duplicate(keys.first ?? "", first: context.mark)
        } catch let error as YamlError {
            throw failure(error)
        }
    }

    /// The basic resolver leaves every scalar as text, which spares compiling the library's regular expressions.
    private static func compose(_ text: String) throws -> Node? {
        try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
    }

    /// Refuses a text with many aliases and a key that is no plain name.
    ///
    /// The YAML library hashes every key with all that aliases bring into it, which nested aliases make endless.
    private func refuseAliasesInKeys() throws {
        guard text.matches(of: /\*[\w-]/).count > 24 else { return }
        let key = /(?m)(?:^|[\s\[{,])(?:\?|\*[\w-]+\s*:)|[\]}]\s*:|^[ \t]*:/
        guard let match = text.firstMatch(of: key) else { return }
        throw EspalierError(
            "an alias, a list or a map as a key", at: place(at: match.startIndex),
            expected: "a name as the key, in a file with many aliases")
    }

    private func failure(_ error: YamlError) -> EspalierError {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            if problem == "but found another document" {
                return EspalierError(
                    "a second document begins here", at: place(mark), expected: "one document",
                    fix: "take the line --- away, or keep one configuration in a file")
            }
            if problem.hasPrefix("Maximum nesting level") {
                return EspalierError(
                    "nested too deeply", at: place(mark), expected: "at most \(YAML.maximumDepth) levels")
            }
            let began = context.map { " \($0.text), begun at \($0.mark.line):\($0.mark.column)" } ?? ""
            return EspalierError(
                "\(problem)\(began)", at: place(mark), expected: "valid YAML", fix: advice(problem, at: mark))
        case .reader(let problem, let offset, _, _):
            let index = text.index(text.startIndex, offsetBy: offset ?? 0, limitedBy: text.endIndex)
            return EspalierError(
                problem, at: place(at: index ?? text.endIndex), expected: "printable characters",
                fix: "take the character away, or write it as \"\\u0000\" with its code")
        default:
            return EspalierError(error.description, at: file, expected: "valid YAML")
        }
    }

    private func advice(_ problem: String, at mark: Mark) -> String? {
        let lines = text.split(maxSplits: mark.line, omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let line = mark.line <= lines.count ? lines[mark.line - 1] : ""
        if line.prefix(while: \.isWhitespace).contains("\t") { return "indent with spaces, not tabs" }
        return switch problem {
        case "mapping values are not allowed in this context":
            "check the indentation, or quote a text that holds a colon"
        case "could not find expected ':'": "write `key: value`, with a space after the colon"
        case "did not find expected key", "did not find expected '-' indicator":
            "check the indentation here, and quotes and brackets above that were never closed"
        case "did not find expected node content", "did not find expected ',' or ']'",
            "did not find expected ',' or '}'":
            "look for a bracket above that was never closed"
        case "found undefined alias": "define it above with &name"
        case "found character that cannot start any token": "quote the text"
        default: nil
        }
    }

    // MARK: Keys that are given twice

    private func duplicate(_ key: String, first: Mark) -> EspalierError {
        let second = secondPlace(of: key, first: first)
        return EspalierError(
            "the key \"\(key)\" is given twice\(second == nil ? "" : ", first at \(first.line):\(first.column)")",
            at: place(second ?? first), expected: "each key once", fix: "keep one of the two")
    }

    /// The place of the next key that equals the one at `first`; the library tells the first place alone.
    ///
    /// Every key that it complains of is made another one, by a character that no key has, until the text composes; the
    /// second place is then found beside the first.
    private func secondPlace(of key: String, first: Mark) -> Mark? {
        var text = text, mark = first
        var original = [first.description: key]
        for attempt in 0..<4 {
            text = Self.changingKey(at: mark, in: text, attempt: attempt)
            do {
                guard let root = try Self.compose(text) else { return nil }
                var budget = YAML.maximumValues
                guard let map = Self.map(withKeyAt: first, in: root, budget: &budget) else { return nil }
                let others = map.keys.filter { $0.mark?.description != first.description }
                return others.first { key == $0.mark.flatMap { original[$0.description] } ?? $0.scalar?.string }?.mark
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                mark = context.mark
                original[mark.description] = keys.first
            } catch {
                return nil
            }
        }
        return nil
    }

    /// The text with the first character of a key replaced, so that every other place stays where it is.
    private static func changingKey(at mark: Mark, in text: String, attempt: Int) -> String {
        var scalars = Array(text.unicodeScalars)
        var index = text.unicodeScalars.distance(
            from: text.startIndex, to: Self.index(of: mark, in: text.unicodeScalars))
        if index < scalars.count, scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
        if index < scalars.count, let other = Unicode.Scalar(0xE000 + attempt) { scalars[index] = other }
        var changed = String.UnicodeScalarView()
        changed.append(contentsOf: scalars)
        return String(changed)
    }

    private static func map(withKeyAt place: Mark, in node: Node, budget: inout Int) -> Node.Mapping? {
        budget -= 1
        guard budget > 0 else { return nil }
        var children: [Node] = []
        if case .sequence(let sequence) = node { children = Array(sequence) }
        if case .mapping(let mapping) = node {
            if mapping.keys.contains(where: { $0.mark?.description == place.description }) { return mapping }
            children = Array(mapping.values)
        }
        for child in children {
            if let map = map(withKeyAt: place, in: child, budget: &budget) { return map }
        }
        return nil
    }

    // MARK: Places

    private func place(_ mark: Mark) -> String {
        SourceLocation(file: file, line: mark.line, column: mark.column).description
    }

    private func place(at index: String.Index) -> String {
        let before = text.unicodeScalars[..<index]
        let line = before.count { $0 == "\n" } + 1
        let column = before.reversed().prefix { $0 != "\n" }.count + 1
        return SourceLocation(file: file, line: line, column: column).description
    }

    private static func index(of mark: Mark, in scalars: String.UnicodeScalarView) -> String.Index {
        var line = 1, index = scalars.startIndex
        while line < mark.line, index < scalars.endIndex {
            // Every line break that YAML 1.1 knows, as the library counts them; CR LF is one.
            let scalar = scalars[index]
            index = scalars.index(after: index)
            switch scalar {
            case "\n", "\u{85}", "\u{2028}", "\u{2029}": line += 1
            case "\r" where index == scalars.endIndex || scalars[index] != "\n": line += 1
            default: break
            }
        }
        return scalars.index(index, offsetBy: mark.column - 1, limitedBy: scalars.endIndex) ?? scalars.endIndex
    }
}
