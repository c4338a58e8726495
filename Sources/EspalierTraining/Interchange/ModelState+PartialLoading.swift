import EspalierGraph
import EspalierNN
import EspalierSpec

// Part of a model out of a file that is of another.
extension ModelState {
    /// Takes the parameters and statistics that `patterns` cover from `file`; all else stays, and nothing changes if it
    /// throws.
    ///
    /// - Parameters:
    ///   - file: Arrays of any model.
    ///   - path: What the file is called in messages.
    ///   - patterns: Which of this model's parameters and statistics are taken.
    ///   - renaming: What the file's arrays are called in this model.
    ///   - isStrict: Whether all of them must be in the file.
    /// - Returns: The paths that were taken.
    /// - Throws: `EspalierError` where the patterns cover nothing, nothing is found, an array has another shape, two are
    ///   renamed to one, or, if `isStrict`, one is missing.
    @discardableResult
    public func load(
        _ file: SafeTensors, from path: String, matching patterns: NamePatterns, renaming: Renaming = Renaming(),
        strict isStrict: Bool = true
    ) throws -> [String] {
        let all = parameters.entries + statistics.entries
        let wanted = all.filter { patterns.cover($0.path) }
        var arrays: [String: NamedArray] = [:]
        for array in file.arrays {
            let name = renaming(array.name)
            guard wanted.contains(where: { $0.path == name }) else { continue }
            if let other = arrays.updateValue(array, forKey: name) {
                throw EspalierError(
                    "\"\(other.name)\" and \"\(array.name)\" are both renamed to \"\(name)\"", at: path,
                    expected: "a name for each array")
            }
        }
        guard !wanted.isEmpty else {
            throw EspalierError(
                "\(patterns) matches nothing in the model", at: path,
                expected: "a pattern of \(all.map(\.path).joined(separator: ", "))",
                fix: nearest(to: patterns.patterns.first ?? "", among: all.map(\.path)).map {
                    "did you mean \"\($0)\"?"
                })
        }
        let missing = wanted.filter { arrays[$0.path] == nil }
        if let first = missing.first, isStrict || missing.count == wanted.count {
            throw EspalierError(
                "no array is called \"\(first.path)\"" + (missing.count > 1 ? ", nor \(missing.count - 1) others" : ""),
                at: path, expected: "an array for each parameter and statistic that \(patterns) matches",
                fix:
                    "rename those of the file, which are called \(file.arrays.map { renaming($0.name) }.sorted().prefix(5).joined(separator: ", "))"
                    + (file.arrays.count > 5 ? ", …" : "") + (isStrict ? "; or strict: false" : ""))
        }
        for entry in wanted {
            guard let shape = arrays[entry.path]?.shape, shape != entry.shape.dimensions else { continue }
            throw EspalierError("\"\(entry.path)\" has the shape \(Shape(shape))", at: path, expected: "\(entry.shape)")
        }
        for entry in wanted {
            guard let array = arrays[entry.path] else { continue }
            let values = parameters.values(entry.path) ?? statistics.values(entry.path)
            _ = values?.update(fromContentsOf: array.floats)
        }
        return wanted.map(\.path).filter { arrays[$0] != nil }
    }
}
