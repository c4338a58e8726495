/// The error for a name that is not known, with the nearest known one where there is one near.
///
/// - Parameters:
///   - kind: What the name should have named: `key`, `layer`, `optimizer`.
///   - name: The name that was written.
///   - known: The names that would have been accepted.
///   - place: Where the name was written.
public func unknown(_ kind: String, _ name: String, among known: [String], at place: String?) -> EspalierError {
    let meant = nearest(to: name, among: known)
    // A long list would hide the one that was meant.
    let isListed = meant == nil || known.count <= 30
    return EspalierError(
        "unknown \(kind) \"\(name)\"", at: place,
        expected: known.isEmpty
            ? "no \(kind) here" : isListed ? "one of \(known.joined(separator: ", "))" : "one of \(known.count) names",
        fix: meant.map { "did you mean \"\($0)\"?" })
}

/// The one known name that begins with `name`, or else that with the fewest edits from it, if these are at most a third of
/// its length.
public func nearest(to name: String, among known: [String]) -> String? {
    let lowered = name.lowercased()
    let longer = known.filter { $0.lowercased().hasPrefix(lowered) }
    if lowered.count >= 3, longer.count == 1 { return longer[0] }
    let ranked = known.map { (name: $0, distance: editDistance(lowered, $0.lowercased())) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }),
        best.distance <= max(1, max(name.count, best.name.count) / 3)
    else { return nil }
    return best.name
}

/// The insertions, deletions, substitutions and swaps of neighbours that turn `first` into `second`: the distance of
/// Damerau 1964, "A technique for computer detection and correction of spelling errors", without overlapping edits.
func editDistance(_ first: String, _ second: String) -> Int {
    let first = Array(first), second = Array(second)
    var rows = [Array(0...second.count)]
    for (row, character) in first.enumerated() {
        var current = [row + 1]
        for (column, other) in second.enumerated() {
            var distance = min(
                rows[row][column] + (character == other ? 0 : 1), rows[row][column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, character == second[column - 1], first[row - 1] == other {
                distance = min(distance, rows[row - 1][column - 1] + 1)
            }
            current.append(distance)
        }
        rows.append(current)
    }
    return rows[first.count][second.count]
}
