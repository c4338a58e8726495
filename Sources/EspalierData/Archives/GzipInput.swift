import EspalierSpec

/// What a file holds that was compressed by gzip, unpacked as it is read: memory is two buffers, however large the file.
final class GzipInput: ByteInput {
    private let file: any ByteInput
    /// Compressed bytes; those before `inputStart` are used up.
    private let input: UnsafeMutableRawBufferPointer
    private var inputStart = 0, inputEnd = 0
    private var isAtEndOfFile = false
    /// What was unpacked: up to `Inflate.window` bytes that may be repeated, then those that were not asked for yet.
    private let output: UnsafeMutableRawBufferPointer
    private var outputStart = 0, outputEnd = 0
    /// The member at hand; nothing between two of them.
    private var inflater: Inflater?
    private var checksum = CRC32()
    private var memberSize = 0

    /// More than the header of a block, or any symbol, takes.
    private static let reserve = 1024

    /// - Parameters:
    ///   - file: Compressed bytes.
    ///   - bufferSize: How many of them are read at once, and about how many are unpacked, at least 64 KiB.
    init(_ file: any ByteInput, bufferSize: Int = 1 << 18) {
        self.file = file
        input = .allocate(byteCount: max(bufferSize, 1 << 16), alignment: 1)
        output = .allocate(byteCount: max(bufferSize, 1 << 16) + Inflate.window, alignment: 1)
    }

    deinit {
        input.deallocate()
        output.deallocate()
    }

    var path: String { file.path }
    /// Not known before it was unpacked.
    var size: Int { 0 }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            if outputStart == outputEnd {
                do {
                    guard try unpack() else { break }
                } catch let error as EspalierError {
                    throw error.located(at: path)
                }
            }
            let count = min(buffer.count - filled, outputEnd - outputStart)
            UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + count])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: output[outputStart..<outputStart + count]))
            outputStart += count
            filled += count
        }
        return filled
    }

    /// Unpacks some more, all of which was asked for before; false at the end of the file.
    private func unpack() throws -> Bool {
        while true {
            if inflater == nil {
                try readMore()
                if inputStart == inputEnd { return false }
                try beginMember()
            }
            makeRoom()
            guard var inflater else { return false }
            let isOver = try inflater.run()
            let unpacked = UnsafeRawBufferPointer(rebasing: output[outputEnd..<inflater.written])
            checksum.update(unpacked)
            memberSize += unpacked.count
            outputEnd = inflater.written
            self.inflater = inflater
            if isOver {
                inputStart = inflater.reader.bytesRead
                self.inflater = nil
                try readMore()
                try endMember()
            } else if unpacked.isEmpty {
                try feed()
            }
            if outputEnd > outputStart { return true }
        }
    }

    private func beginMember() throws {
        inputStart = try Gzip.endOfHeader(UnsafeRawBufferPointer(rebasing: input[..<inputEnd]), from: inputStart)
        guard let base = input.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        var reader = BitReader(base, count: inputEnd)
        reader.move(to: base, taken: inputStart, count: inputEnd)
        inflater = Inflater(reader: reader, output: output)
        inflater?.inputReserve = isAtEndOfFile ? 0 : Self.reserve
        inflater?.outputReserve = Inflate.longestRepetition
        outputStart = 0
        outputEnd = 0
        (checksum, memberSize) = (CRC32(), 0)
    }

    private func endMember() throws {
        guard inputEnd - inputStart >= 8 else { throw Inflate.truncated }
        let stored = input.loadUnaligned(fromByteOffset: inputStart, as: UInt32.self)
        let size = input.loadUnaligned(fromByteOffset: inputStart + 4, as: UInt32.self)
        guard UInt32(littleEndian: stored) == checksum.value,
            UInt32(littleEndian: size) == UInt32(truncatingIfNeeded: memberSize)
        else { throw Gzip.wrongChecksum }
        inputStart += 8
    }

    /// Moves what may be repeated to the front once there is not much room behind it.
    private func makeRoom() {
        guard output.count - outputEnd < Inflate.window, outputEnd > Inflate.window else { return }
        let kept = UnsafeRawBufferPointer(rebasing: output[outputEnd - Inflate.window..<outputEnd])
        output.copyMemory(from: kept)
        outputEnd = kept.count
        outputStart = kept.count
        inflater?.written = kept.count
    }

    /// Gives the member at hand more input, or tells it that there is no more.
    private func feed() throws {
        guard let taken = inflater?.reader.bytesTaken else { return }
        guard !isAtEndOfFile else { throw Inflate.truncated }
        // Bytes that are taken up as bits may be given back.
        let kept = min(taken, 8)
        inputStart = taken - kept
        try readMore()
        guard let base = input.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        inflater?.reader.move(to: base, taken: kept, count: inputEnd)
        inflater?.inputReserve = isAtEndOfFile ? 0 : Self.reserve
    }

    /// Moves the rest of the input to the front and fills up behind it.
    private func readMore() throws {
        let rest = UnsafeRawBufferPointer(rebasing: input[inputStart..<inputEnd])
        input.copyMemory(from: rest)
        inputStart = 0
        inputEnd = rest.count
        guard !isAtEndOfFile else { return }
        let room = UnsafeMutableRawBufferPointer(rebasing: input[inputEnd...])
        let count = try file.read(into: room)
        isAtEndOfFile = count < room.count
        inputEnd += count
    }
}
