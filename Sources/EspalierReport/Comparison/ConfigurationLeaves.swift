/// The settings of a configuration's text, each with its path: `optimizer.adam.learningRate`, `model.0.linear.units`.
///
/// It reads what a run folder's `config.yaml` is written in. What it cannot take apart stays one text, so that it can still
/// be compared.
func configurationLeaves(_ yaml: String) -> [(path: String, value: String)] {
    var leaves: [(path: String, value: String)] = []
    var parents: [(indent: Int, path: String, count: Int)] = [(-1, "", 0)]
    for line in yaml.split(whereSeparator: \.isNewline) {
        var rest = line.drop { $0 == " " }
        var indent = line.count - rest.count
        if rest.isEmpty || rest.hasPrefix("#") { continue }
        while parents.count > 1, parents[parents.count - 1].indent >= indent { parents.removeLast() }
        // A dash begins an element, whose own settings stand two columns further in.
        while rest == "-" || rest.hasPrefix("- ") {
            let parent = parents.count - 1
            let path = joined(parents[parent].path, String(parents[parent].count))
            parents[parent].count += 1
            parents.append((indent, path, 0))
            rest = rest.dropFirst(2)
            indent += 2
        }
        let path = parents[parents.count - 1].path
        guard let (key, value) = setting(rest) else {
            if !rest.isEmpty { leaves += flowLeaves(String(rest), at: path) }
            continue
        }
        if value.isEmpty {
            parents.append((indent, joined(path, key), 0))
        } else {
            leaves += flowLeaves(value, at: joined(path, key))
        }
    }
    return leaves
}

private func joined(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

/// `key` and `value` of `key: value`.
private func setting(_ text: Substring) -> (key: String, value: String)? {
    var quote: Character?
    for index in text.indices {
        let character = text[index]
        if quote != nil {
            if character == quote { quote = nil }
        } else if character == "\"" || character == "'" {
            quote = character
        } else if "{[".contains(character) {
            return nil
        } else if character == ":" {
            let after = text.index(after: index)
            guard after == text.endIndex || text[after] == " " else { continue }
            return (String(text[..<index]), String(text[after...].drop { $0 == " " }))
        }
    }
    return nil
}

/// The settings of a map or list that stands in one line; a list of plain values stays one.
private func flowLeaves(_ text: String, at path: String, depth: Int = 0) -> [(path: String, value: String)] {
    let whole = [(path: path, value: text)]
    guard depth < 40, text.count > 2, let open = text.first, let close = text.last,
        (open == "{" && close == "}") || (open == "[" && close == "]"),
        let items = flowItems(text.dropFirst().dropLast())
    else { return whole }
    if open == "[" && items.allSatisfy({ $0.first != "{" && $0.first != "[" }) { return whole }
    return items.enumerated().flatMap { index, item -> [(path: String, value: String)] in
        guard open == "{" else { return flowLeaves(item, at: joined(path, String(index)), depth: depth + 1) }
        guard let (key, value) = setting(item[...]) else { return [(path, item)] }
        return flowLeaves(value, at: joined(path, key), depth: depth + 1)
    }
}

/// The parts between commas that stand in no bracket and no quotes; nothing where brackets do not close.
private func flowItems(_ text: Substring) -> [String]? {
    var items = [""]
    var depth = 0
    var quote: Character?
    for character in text {
        if quote != nil {
            if character == quote { quote = nil }
        } else if character == "\"" || character == "'" {
            quote = character
        } else if "{[".contains(character) {
            depth += 1
        } else if "}]".contains(character) {
            depth -= 1
        } else if character == "," && depth == 0 {
            items.append("")
            continue
        }
        guard depth >= 0 else { return nil }
        items[items.count - 1].append(character)
    }
    guard depth == 0, quote == nil else { return nil }
    return items.map { item in
        var item = item[...].drop { $0 == " " }
        while item.last == " " { item = item.dropLast() }
        return String(item)
    }
}
