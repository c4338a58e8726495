/// Bits of a DEFLATE stream: the lowest bit of each byte comes first.
struct BitReader {
    private var start: UnsafePointer<UInt8>
    private var end: UnsafePointer<UInt8>
    private var next: UnsafePointer<UInt8>
    /// The bits to come, lowest first; above the lowest `count` there may be more of the stream, or zeros.
    private(set) var bits: UInt64 = 0
    private(set) var count = 0

    /// - Precondition: The bytes stay where they are for as long as they are read.
    init(_ start: UnsafePointer<UInt8>, count: Int) {
        self.start = start
        next = start
        end = start + count
    }

    /// Bytes that no bit was taken up from yet.
    var bytesLeft: Int { end - next }

    /// How many bytes were taken up.
    var bytesTaken: Int { next - start }

    /// Goes on in another place, where the same bytes lie from `taken` on.
    ///
    /// - Precondition: The eight bytes before that, where there are so many, are the same too.
    mutating func move(to start: UnsafePointer<UInt8>, taken: Int, count: Int) {
        self.start = start
        next = start + taken
        end = start + count
    }

    /// Bytes of which at least one bit was taken.
    var bytesRead: Int { next - start - count >> 3 }

    /// Takes up bytes until there are at least 56 bits, or the stream has no more.
    @inline(__always)
    mutating func refill() {
        if end - next >= 8 {
            bits |= UInt64(littleEndian: UnsafeRawPointer(next).loadUnaligned(as: UInt64.self)) << UInt64(count)
            next += (63 - count) >> 3
            count |= 56
        } else {
            while count <= 56, next < end {
                bits |= UInt64(next.pointee) << UInt64(count)
                next += 1
                count += 8
            }
        }
    }

    /// Drops `width` bits that were looked at.
    ///
    /// - Throws: Where the stream ended before them.
    @inline(__always)
    mutating func drop(_ width: Int) throws {
        guard width <= count else { throw Inflate.truncated }
        bits >>= UInt64(width)
        count -= width
    }

    /// Takes a number of `width` bits, at most 16.
    @inline(__always)
    mutating func take(_ width: Int) throws -> Int {
        if count < width { refill() }
        let value = Int(bits & (1 << UInt64(width) - 1))
        try drop(width)
        return value
    }

    /// Takes `count` whole bytes from the next byte on; nothing where there are not so many.
    mutating func bytes(_ count: Int) -> UnsafePointer<UInt8>? {
        next -= self.count >> 3
        bits = 0
        self.count = 0
        guard count <= end - next else { return nil }
        defer { next += count }
        return next
    }
}
