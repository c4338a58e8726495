import EspalierSpec

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Bytes that are read once, from front to back.
protocol ByteInput {
    /// What the bytes are called in messages.
    var path: String { get }
    /// How many there are; 0 where that is not known, as for a pipe.
    var size: Int { get }
    /// Reads until `buffer` is full or the bytes end; returns how many were read.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// A file that is read from front to back; closed when nothing holds it any more.
final class InputFile: ByteInput {
    let path: String
    let size: Int
    private let descriptor: CInt

    /// - Throws: `EspalierError` where there is no such file, it is a folder, or it may not be read.
    init(path: String) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.error(errno, path) }
        var status = stat()
        size = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
        self.path = path
    }

    deinit { close(descriptor) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            switch readBytes(descriptor, rest.baseAddress, rest.count) {
            case 0: return filled
            case let count where count > 0: filled += count
            default: if errno != EINTR { throw Self.error(errno, path) }
            }
        }
        return filled
    }

    private static func error(_ code: CInt, _ path: String) -> EspalierError {
        let (what, fix): (String, String?) =
            switch code {
            case ENOENT, ENOTDIR:
                ("there is no such file", "check the spelling; a relative path starts at the configuration's folder")
            case EISDIR: ("this is a folder", "name a file inside it")
            case EACCES, EPERM: ("the file may not be read", "chmod +r \(path)")
            default: ("the file cannot be read: \(String(cString: strerror(code)))", nil)
            }
        return EspalierError(what, at: path, expected: "a file that can be read", fix: fix)
    }
}

/// `read` of the C library, which the method of that name would otherwise hide.
private func readBytes(_ descriptor: CInt, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
