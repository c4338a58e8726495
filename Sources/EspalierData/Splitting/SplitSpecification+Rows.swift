import EspalierGraph
import EspalierSpec

extension SplitSpecification {
    /// Divides `dataset`.
    ///
    /// - Throws: `EspalierError` where the sizes do not fit the number of rows, or leave a part empty.
    public func callAsFunction(_ dataset: Dataset) throws -> DataSplit {
        let parts: [[Int]]
        do {
            parts = try rows(of: dataset)
        } catch let error as EspalierError {
            throw error.located(at: dataset.name)
        }
        return DataSplit(
            train: dataset[parts[0]],
            validation: parts[1].isEmpty ? nil : dataset[parts[1]],
            test: parts[2].isEmpty ? nil : dataset[parts[2]])
    }

    /// The rows of train, validation and test, each in file order.
    public func rows(of dataset: Dataset) throws -> [[Int]] {
        let parts = try dividedOnce(dataset)
        guard let fold else { return parts }
        let rows = (parts[0] + parts[1]).sorted()
        var random = RandomStream(seed: UInt64(seed), "folds")
        let order = shuffle ? DataOrder.permutation(count: rows.count, using: &random).map { rows[$0] } : rows
        let (train, validation) = try fold.divide(shuffle ? byClass(order, of: dataset) : [order], inBlocks: !shuffle)
        return [train, validation, parts[2]]
    }

    /// The rows class by class where the split is stratified, else all in one.
    private func byClass(_ rows: [Int], of dataset: Dataset) -> [[Int]] {
        guard stratify, dataset.labelsPerSample == 1, case .classes(let labels, let names) = dataset.targets else {
            return [rows]
        }
        var members = Array(repeating: [Int](), count: names.count)
        for row in rows { members[Int(labels[row])].append(row) }
        return members
    }

    /// Train, validation and test by their sizes.
    private func dividedOnce(_ dataset: Dataset) throws -> [[Int]] {
        let counts = try partCounts(of: dataset.count)
        guard shuffle else {
            let ends = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
            return zip(ends, ends.dropFirst()).map { Array($0..<$1) }
        }
        var random = RandomStream(seed: UInt64(seed), "split")
        let order = DataOrder.permutation(count: dataset.count, using: &random)
        let members = byClass(order, of: dataset)
        guard members.count > 1 else { return take(counts, from: order).map { $0.sorted() } }
        let table = stratifiedCounts(classes: members.map(\.count), parts: counts)
        var parts = Array(repeating: [Int](), count: counts.count)
        for (rows, counts) in zip(members, table) {
            for (part, rows) in take(counts, from: rows).enumerated() { parts[part] += rows }
        }
        return parts.map { $0.sorted() }
    }

    private func take(_ counts: [Int], from rows: [Int]) -> [ArraySlice<Int>] {
        var rest = rows[...]
        return counts.map { count in
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
    }
}

/// How many members of each class go to each part, so that every part has exactly its size and every entry is less than
/// one from the class's share of the part, `classes[c] * parts[p] / rows`.
///
/// Such a table always exists, since the shares' row and column sums are whole (Bacharach 1966). Each share is rounded
/// down, and what is missing is handed out one at a time, to the largest remainder first; where a part is full, another
/// class gives way (an augmenting path, as in bipartite matching).
func stratifiedCounts(classes: [Int], parts: [Int]) -> [[Int]] {
    let rows = classes.reduce(0, +)
    // Rows that no part claims are a part too, which makes the sums whole.
    let parts = parts + [rows - parts.reduce(0, +)]
    var rounding = TableRounding(
        table: classes.map { size in parts.map { size * $0 / rows } },
        remainders: classes.map { size in parts.map { size * $0 % rows } },
        room: parts)
    for part in parts.indices {
        rounding.room[part] -= rounding.table.reduce(0) { $0 + $1[part] }
    }
    for (row, size) in classes.enumerated() {
        let missing = size - rounding.table[row].reduce(0, +)
        for _ in 0..<missing {
            var visited: Set<Int> = []
            let isPlaced = rounding.placeOne(of: row, &visited)
            precondition(isPlaced, "a table with whole sums can be rounded")
        }
    }
    return rounding.table.map { Array($0.dropLast()) }
}

private struct TableRounding {
    /// Members of each class (row) in each part (column).
    var table: [[Int]]
    /// What rounding down took from each entry, in units of 1 / rows; nothing where the entry was whole.
    let remainders: [[Int]]
    /// How many members each part still lacks.
    var room: [Int]
    private var isRoundedUp: [[Bool]]

    init(table: [[Int]], remainders: [[Int]], room: [Int]) {
        self.table = table
        self.remainders = remainders
        self.room = room
        isRoundedUp = remainders.map { $0.map { _ in false } }
    }

    /// Rounds up one entry of `row`, if need be by moving another row's rounding from that part to a third one.
    mutating func placeOne(of row: Int, _ visited: inout Set<Int>) -> Bool {
        let candidates = room.indices
            .filter { remainders[row][$0] > 0 && !isRoundedUp[row][$0] }
            .sorted { remainders[row][$0] > remainders[row][$1] }
        if let open = candidates.first(where: { room[$0] > 0 }) {
            room[open] -= 1
            round(row, open, up: true)
            return true
        }
        for part in candidates where visited.insert(part).inserted {
            for other in table.indices where isRoundedUp[other][part] {
                round(other, part, up: false)
                if placeOne(of: other, &visited) {
                    round(row, part, up: true)
                    return true
                }
                round(other, part, up: true)
            }
        }
        return false
    }

    private mutating func round(_ row: Int, _ part: Int, up: Bool) {
        isRoundedUp[row][part] = up
        table[row][part] += up ? 1 : -1
    }
}
