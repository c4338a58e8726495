import Foundation

/// A file that is read from front to back; closed when nothing holds it any more.
package final class InputFile {
    package let path: String
    /// What the file should be, for messages: `a configuration`.
    package let kind: String
    /// Bytes in the file when it was opened; 0 where that is not known, as for a pipe.
    package let size: Int
    /// Whether it is a file on a disk, which has a size, and no pipe or device.
    package let isOrdinary: Bool
    private let descriptor: Int32

    /// - Throws: `EspalierError` where there is no such file, it is a folder, or it may not be read.
    package init(_ path: String, kind: String) throws {
        self.path = path
        self.kind = kind
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFile.failure(errno, "cannot read \(kind)", path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw SystemFile.failure(code, "cannot read \(kind)", path)
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw SystemFile.failure(EISDIR, "cannot read \(kind)", path)
        }
        isOrdinary = status.st_mode & S_IFMT == S_IFREG
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// Reads until `buffer` is full or the file ends; returns how many bytes were read.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < buffer.count, let base = buffer.baseAddress {
            let got = Foundation.read(descriptor, base + filled, buffer.count - filled)
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw SystemFile.failure(errno, "cannot read \(kind)", path) }
            if got == 0 { break }
            filled += got
        }
        return filled
    }

    /// The next `count` values, as their bytes lie in the file.
    ///
    /// The caller has checked `count` against `size`; a file that shrinks meanwhile is an error.
    package func read<Element: BitwiseCopyable>(_ count: Int, of type: Element.Type) throws -> [Element] {
        try [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            let total = count * MemoryLayout<Element>.stride
            guard try read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<total])) == total else {
                throw EspalierError("the file ended early", at: path, fix: "read it when nobody writes it")
            }
            initialized = count
        }
    }
}
