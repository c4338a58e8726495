import EspalierSpec
import Foundation

/// Follows a file of lines while it grows, and gives each complete line once.
///
/// A last line without its end is about to be complete, or was torn by a crash: it is waited for. A file that has become
/// shorter than what was read, that is another one under the same name, or whose last line read is no longer there, is read
/// anew from its beginning.
struct EventTail: Sendable {
    let path: String
    /// How many bytes were given as lines.
    private(set) var offset = 0
    /// How many bytes the file had when it was last looked at.
    private(set) var size = 0
    /// How many lines were given.
    private(set) var count = 0
    private var inode: UInt64 = 0
    /// What stands before `offset`, to know the file again.
    private var last: [UInt8] = []

    /// Far more than any event has.
    static let longestLine = 64 << 20

    init(path: String) { self.path = path }

    struct Piece: Sendable {
        /// Whether the file is read from its beginning: what was given before no longer holds.
        var isAnew = false
        var lines: [Data] = []
        /// Whether there is more to read at once.
        var hasMore = false
    }

    /// The next complete lines: of at most `limit` bytes, unless a single one is longer.
    ///
    /// - Throws: `EspalierError` where the file cannot be read, or a line is longer than any event.
    mutating func next(atMost limit: Int = 1 << 20) throws -> Piece {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return forget() }
            throw unreadable()
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable() }
        var piece = Piece()
        let isKnown = try status.st_ino == inode && Int(status.st_size) >= offset && stillHas(last, descriptor)
        if !isKnown {
            piece = forget()
            inode = UInt64(status.st_ino)
        }
        size = Int(status.st_size)
        var length = limit
        while true {
            let bytes = try read(descriptor, from: offset, count: min(length, size - offset))
            guard let end = bytes.lastIndex(of: 0x0A) else {
                if bytes.count == size - offset { return piece }
                guard length < Self.longestLine else {
                    throw EspalierError(
                        "line \(count + 1) is longer than \(Self.longestLine >> 20) MB", at: path,
                        expected: "a line of JSON for each event", fix: "restore the file")
                }
                length *= 2
                continue
            }
            piece.lines = bytes[...end].split(separator: 0x0A, omittingEmptySubsequences: false).dropLast().map { $0 }
            piece.hasMore = offset + bytes.count < size
            count += piece.lines.count
            last = Array(bytes[max(0, end - 63)...end])
            offset += end + 1
            return piece
        }
    }

    private mutating func forget() -> Piece {
        let hadLines = count > 0
        (offset, size, count, inode, last) = (0, 0, 0, 0, [])
        return Piece(isAnew: hadLines)
    }

    private func stillHas(_ expected: [UInt8], _ descriptor: Int32) throws -> Bool {
        try read(descriptor, from: offset - expected.count, count: expected.count).elementsEqual(expected)
    }

    private func read(_ descriptor: Int32, from offset: Int, count: Int) throws -> Data {
        var data = Data(count: count)
        var done = 0
        while done < count {
            let read = data.withUnsafeMutableBytes { bytes in
                pread(descriptor, bytes.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
            }
            if read < 0 && errno == EINTR { continue }
            guard read >= 0 else { throw unreadable() }
            // The file was cut off meanwhile.
            if read == 0 { return data.prefix(done) }
            done += read
        }
        return data
    }

    private func unreadable() -> EspalierError {
        EspalierError(
            "the file cannot be read: \(String(cString: strerror(errno)))", at: path,
            expected: "a file that this user may read", fix: "check its permissions")
    }
}
