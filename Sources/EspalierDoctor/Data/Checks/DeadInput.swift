import EspalierData
import EspalierTraining

/// Columns of a table that are the same in every training row, and columns that repeat others.
///
/// A constant column tells nothing, and where its values differ later, weights that never learned meet them. In a table of
/// different measurements it is a fault (a sensor that is off, a column that was filled). On a grid of like numbers, such
/// as pixels, and among categories it is not: some places are never drawn on, and some words never used.
enum DeadInput: Check {
    /// From this share of columns on with one lower bound and similar upper ones a table is a grid of like numbers.
    static let alike = 0.6
    /// How many columns are named.
    private static let named = 3

    static func findings(in picture: DataPicture) -> [Finding] {
        guard picture.isTable, let columns = picture.columns, columns.rows > 1 else { return [] }
        let constant = columns.constant.filter { !isCategory($0, in: picture) }
        return finding(constant: constant, columns, picture) + finding(repeated: columns, picture)
    }

    private static func finding(
        constant: [Int], _ columns: ColumnPictures, _ picture: DataPicture
    ) -> [Finding] {
        guard !constant.isEmpty, !isGrid(columns, picture) else { return [] }
        let names = constant.map(picture.name)
        return [
            Finding(
                .deadInput, at: list(names), .warning,
                evidence: [.init("columns", Double(constant.count)), .init("rows", Double(columns.rows))],
                explanation:
                    "\(list(names)) \(names.count == 1 ? "is" : "are") the same in all \(columns.rows) training rows that were "
                    + "looked at. Nothing can be learned from that; a column of measurements that never changes has mostly "
                    + "gone wrong before it came here.",
                remedies: [.init(DropFeature(columns: names))])
        ]
    }

    private static func finding(repeated columns: ColumnPictures, _ picture: DataPicture) -> [Finding] {
        let constant = Set(columns.constant)
        let groups = Dictionary(
            grouping: columns.fingerprint.indices.filter { !constant.contains($0) }, by: { columns.fingerprint[$0] })
        let repeats = groups.values.filter { $0.count > 1 }.flatMap { $0.sorted().dropFirst() }.sorted()
        guard !repeats.isEmpty, !isGrid(columns, picture) else { return [] }
        let names = repeats.map(picture.name)
        return [
            Finding(
                .deadInput, at: list(names), .info, evidence: [.init("columns", Double(repeats.count))],
                explanation:
                    "\(list(names)) \(names.count == 1 ? "repeats" : "repeat") another column in every row, and "
                    + "\(names.count == 1 ? "adds" : "add") nothing to it.",
                remedies: [.init(DropFeature(columns: names))])
        ]
    }

    /// Whether the column stands for one category of a column of words.
    private static func isCategory(_ column: Int, in picture: DataPicture) -> Bool {
        guard let source = picture.prepared.experiment.data.source as? CSVSource else { return false }
        let name = picture.name(of: column)
        return source.columns.named.contains { entry in
            if case .oneHot = entry.value { name.hasPrefix(entry.column + "=") } else { false }
        }
    }

    /// Whether most columns are numbers of one kind, such as pixels: in their own units, before scaling.
    private static func isGrid(_ columns: ColumnPictures, _ picture: DataPicture) -> Bool {
        let scaler = picture.prepared.inputScaler
        var ranges: [(low: String, high: Double)] = []
        for column in columns.mean.indices where columns.minimum[column] < columns.maximum[column] {
            let index = column / scaler.columnSize % scaler.offset.count
            let factor = scaler.factor[index], offset = scaler.offset[index]
            guard factor > 0 else { continue }
            let low = Double(columns.minimum[column]) / factor + offset
            let high = Double(columns.maximum[column]) / factor + offset
            // Numbers that are 0 or 1 say yes or no, in any table.
            if abs(low) < 1e-4, abs(high - 1) < 1e-4 { continue }
            ranges.append((abs(low) < 1e-4 * (high - low) ? "0" : low.short, high))
        }
        guard !ranges.isEmpty else { return true }
        let lows = Dictionary(grouping: ranges, by: \.low).values.max { $0.count < $1.count } ?? []
        let typical = lows.map(\.high).sorted()[lows.count / 2]
        let like = lows.filter { $0.high >= typical / 2 && $0.high <= typical * 2 }
        return ranges.count > 1 && Double(like.count) >= alike * Double(ranges.count)
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(named).joined(separator: ", ")
            + (names.count > named ? " and \(names.count - named) more columns" : "")
    }
}
