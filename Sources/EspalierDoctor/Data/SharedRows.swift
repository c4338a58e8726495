import EspalierData
import EspalierGraph

/// Which rows of a held-out part are training rows too.
struct SharedRows {
    /// `validation` or `test`.
    let part: String
    /// How many rows were looked at.
    let rows: Int
    /// How many of them are equal to a training row.
    let shared: Int
    /// The share of training rows that are equal to another training row: what an honest division of rows that repeat
    /// themselves leads to.
    let twins: Double
    /// How many of them have a training row that is equal in half of the columns, but not in all: the middle one of several
    /// halves.
    ///
    /// Where rows are equal by chance, since their columns have few values, many more are equal in part.
    let similar: Int

    /// How many random halves of the columns are tried.
    private static let halves = 5

    /// - Parameters:
    ///   - columns: Those that are not the same in all rows.
    /// - Throws: `EspalierError` where a row cannot be read.
    init(
        _ part: String, _ held: Dataset, rows heldRows: [Int], in train: Dataset, rows trainRows: [Int],
        columns: [Int], using random: inout RandomStream
    ) throws {
        self.part = part
        rows = heldRows.count
        let known = try train.fingerprints(of: trainRows, columns), asked = try held.fingerprints(of: heldRows, columns)
        let counts = known.reduce(into: [UInt64: Int]()) { $0[$1, default: 0] += 1 }
        shared = asked.count { counts[$0] != nil }
        twins = Double(known.count { counts[$0, default: 0] > 1 }) / Double(known.count)
        var similar: [Int] = []
        for _ in 0..<(shared > 0 ? Self.halves : 0) {
            let half = Array(random.permutation(of: columns.count).prefix(columns.count / 2)).map { columns[$0] }
            var wholes: [UInt64: UInt64] = [:], severalWholes: Set<UInt64> = []
            for (part, whole) in zip(try train.fingerprints(of: trainRows, half), known) {
                if let other = wholes[part], other != whole { severalWholes.insert(part) }
                wholes[part] = whole
            }
            similar.append(
                zip(try held.fingerprints(of: heldRows, half), asked).count { part, whole in
                    severalWholes.contains(part) || wholes[part].map { $0 != whole } ?? false
                })
        }
        self.similar = similar.isEmpty ? 0 : similar.sorted()[similar.count / 2]
    }
}

extension Dataset {
    /// A number for each of `rows` that is equal where these columns are.
    fileprivate func fingerprints(of rows: [Int], _ columns: [Int]) throws -> [UInt64] {
        var fingerprints: [UInt64] = []
        fingerprints.reserveCapacity(rows.count)
        let size = sampleSize
        try forEachBlock(of: rows) { block in
            for start in stride(from: 0, to: block.count, by: size) {
                var fingerprint: UInt64 = 0
                for column in columns { fingerprint = fingerprint.mixed(with: block[start + column]) }
                fingerprints.append(fingerprint)
            }
        }
        return fingerprints
    }
}
