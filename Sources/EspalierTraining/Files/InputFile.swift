import EspalierSpec
import Foundation

/// A file of known size that is read piece by piece, straight into the arrays that keep its values.
struct InputFile: ~Copyable {
    let path: String
    let kind: String
    /// Bytes in the file when it was opened.
    let size: Int
    private let descriptor: Int32

    init(_ path: String, kind: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFile.failure(errno, "cannot read \(kind)", path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw status.st_mode & S_IFMT == S_IFDIR
                ? SystemFile.failure(EISDIR, "cannot read \(kind)", path)
                : EspalierError("cannot read \(kind): it is no ordinary file", at: path, fix: "name a file on a disk")
        }
        self.path = path
        self.kind = kind
        self.size = Int(status.st_size)
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// The next `count` values, as their bytes lie in the file.
    ///
    /// The caller has checked `count` against `size`; a file that shrinks meanwhile is an error.
    func read<Element: BitwiseCopyable>(_ count: Int, of type: Element.Type) throws -> [Element] {
        try [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            let total = count * MemoryLayout<Element>.stride
            var done = 0
            while done < total, let base = bytes.baseAddress {
                let got = Foundation.read(descriptor, base + done, total - done)
                if got < 0 && errno == EINTR { continue }
                guard got >= 0 else { throw SystemFile.failure(errno, "cannot read \(kind)", path) }
                guard got > 0 else {
                    throw EspalierError("the file ended early", at: path, fix: "read it when nobody writes it")
                }
                done += got
            }
            initialized = count
        }
    }
}
