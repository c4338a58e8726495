import EspalierGraph

/// Memory for numbers, between guards that show whether a kernel wrote beside it.
final class GuardedMemory {
    static let poison: Float = -12345
    private static let guardCount = 32

    private let storage: Storage
    let count: Int

    /// Memory for `count` numbers that all are `poison`.
    init(_ count: Int) {
        self.count = count
        storage = Storage(count: count + 2 * Self.guardCount)
        storage.floats.update(repeating: Self.poison)
    }

    var pointer: UnsafeMutablePointer<Float> { storage.floats.baseAddress! + Self.guardCount }

    var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    var isIntact: Bool {
        storage.floats.prefix(Self.guardCount).allSatisfy { $0 == Self.poison }
            && storage.floats.suffix(Self.guardCount).allSatisfy { $0 == Self.poison }
    }
}
