import EspalierSpec

/// Bytes that are read once, from front to back.
protocol ByteInput {
    /// What the bytes are called in messages.
    var path: String { get }
    /// How many there are; 0 where that is not known, as for a pipe.
    var size: Int { get }
    /// Reads until `buffer` is full or the bytes end; returns how many were read.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

extension InputFile: ByteInput {}
