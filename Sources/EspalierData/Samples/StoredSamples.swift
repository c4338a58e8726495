import EspalierSpec

/// Some samples of a store, in an order of their own, scaled when they are read.
struct StoredSamples: Sendable, Equatable {
    let store: any SampleStore
    /// What the data is called in messages.
    let name: String
    /// Which samples of the store these are; nothing for all of them in their order.
    private(set) var rows: [Int]?
    /// Applied in this order.
    private var scalers: [Scaler] = []
    private let origin = Origin()

    /// Tells one store from another.
    private final class Origin: Sendable {}

    init(_ store: any SampleStore, name: String) {
        self.store = store
        self.name = name
    }

    var count: Int { rows?.count ?? store.count }

    /// The samples at `positions`, in that order.
    func selecting(_ positions: [Int]) -> StoredSamples {
        let count = count
        precondition(positions.allSatisfy { $0 >= 0 && $0 < count }, "a row is outside 0..<\(count)")
        var copy = self
        copy.rows = rows.map { rows in positions.map { rows[$0] } } ?? positions
        return copy
    }

    mutating func scale(by scaler: Scaler) { scalers.append(scaler) }

    /// Where sample `position` comes from, for messages: its row in the store, and its file if it is one of its own.
    func place(of position: Int) -> String {
        let row = rows?[position] ?? position
        return "\(name), row \(row + 1)" + (store.place(of: row).map { " (\($0))" } ?? "")
    }

    /// Writes the numbers of the samples at `positions`, one after the other.
    func read(_ positions: Range<Int>, into samples: UnsafeMutableBufferPointer<Float>) throws {
        guard !positions.isEmpty else { return }
        let size = samples.count / positions.count
        if let rows {
            for (index, row) in rows[positions].enumerated() {
                try store.read(
                    row, into: UnsafeMutableBufferPointer(rebasing: samples[index * size..<(index + 1) * size]))
            }
        } else {
            try store.read(positions, into: samples)
        }
        guard !scalers.isEmpty else { return }
        for scaler in scalers { scaler.apply(to: samples) }
        if let index = samples.firstIndex(where: { !$0.isFinite }) {
            throw EspalierError(
                "after scaling, number \(index % size + 1) is \(samples[index])",
                at: place(of: positions.lowerBound + index / size), expected: "a finite number",
                fix: "look at that row: it is far outside the range of the training rows")
        }
    }

    static func == (first: Self, second: Self) -> Bool {
        first.origin === second.origin && first.rows == second.rows && first.scalers == second.scalers
    }
}
