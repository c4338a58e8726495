/// Memory for tensor elements on the host, aligned for vector instructions.
///
/// A storage is shared by reference: a leaf that stands for it reads whatever it holds when the graph is executed.
/// It is not synchronised; one thread executes and writes.
public final class Storage: @unchecked Sendable {
    /// Bytes per cache line and per widest vector.
    public static let alignment = 64

    public let pointer: UnsafeMutableRawPointer
    /// The number of elements, of four bytes each.
    public let count: Int

    /// Zeroed memory for `count` elements.
    public init(count: Int) {
        self.count = count
        let bytes = max(Storage.alignment, (count * 4 + Storage.alignment - 1) / Storage.alignment * Storage.alignment)
        pointer = .allocate(byteCount: bytes, alignment: Storage.alignment)
        pointer.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }

    deinit {
        pointer.deallocate()
    }

    public var floats: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: pointer.assumingMemoryBound(to: Float.self), count: count)
    }

    public var integers: UnsafeMutableBufferPointer<Int32> {
        UnsafeMutableBufferPointer(start: pointer.assumingMemoryBound(to: Int32.self), count: count)
    }
}
