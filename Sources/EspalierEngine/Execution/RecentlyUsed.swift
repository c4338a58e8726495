/// Values by key, of which only so many are kept: the one that was used longest ago goes first.
package struct RecentlyUsed<Key: Hashable, Value> {
    private var entries: [Key: (value: Value, use: Int)] = [:]
    private var uses = 0
    private let limit: Int

    /// - Parameter limit: How many values are kept, at least one.
    package init(limit: Int) {
        precondition(limit >= 1, "a cache keeps at least one value, not \(limit)")
        self.limit = limit
    }

    package var keys: [Key] { Array(entries.keys) }
    package var values: [Value] { entries.values.map(\.value) }

    /// The value of `key`, which is a use of it where it is asked for.
    package subscript(key: Key) -> Value? {
        mutating get {
            uses += 1
            entries[key]?.use = uses
            return entries[key]?.value
        }
        set {
            uses += 1
            entries[key] = newValue.map { ($0, uses) }
            guard entries.count > limit, let oldest = entries.min(by: { $0.value.use < $1.value.use }) else { return }
            entries[oldest.key] = nil
        }
    }
}
