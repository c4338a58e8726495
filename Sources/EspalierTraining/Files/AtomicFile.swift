import EspalierSpec
import Foundation

/// A file that is either the whole old one or the whole new one, whatever happens in between.
///
/// The bytes go to a temporary file in the same folder, which is synchronised to the disk and then renamed over the
/// old file; the folder is synchronised last, so that the new name survives a power failure too. A link stays a link, and a
/// device or a pipe gets the bytes as they are.
public enum AtomicFile {
    /// Where the new bytes go while the file is written.
    public struct Output {
        let descriptor: Int32
        let path: String
        let call: (Int32, UnsafeRawPointer, Int) -> Int

        /// Adds `bytes` to the end.
        public func write(_ bytes: UnsafeRawBufferPointer) throws {
            try SystemFile.write(bytes, to: descriptor, path: path, call: call)
        }

        /// Adds the values as they lie in memory to the end.
        public func write<Element: BitwiseCopyable>(_ values: [Element]) throws {
            try values.withUnsafeBytes { try write($0) }
        }
    }

    /// Writes `text` in UTF-8 to `path`.
    public static func write(_ text: String, to path: String) throws {
        try write(Array(text.utf8), to: path)
    }

    /// Writes `bytes` to `path`.
    public static func write(_ bytes: [UInt8], to path: String) throws {
        try write(to: path) { try $0.write(bytes) }
    }

    /// Writes to `path` what `body` puts out.
    ///
    /// - Throws: What `body` throws, or `EspalierError` where the folder is missing or not writable or the disk is
    ///   full. The file that was there before is then untouched, and nothing else is left behind.
    public static func write(to path: String, _ body: (Output) throws -> Void) throws {
        try write(to: path, call: { Foundation.write($0, $1, $2) }, body)
    }

    static func write(
        to path: String, call: @escaping (Int32, UnsafeRawPointer, Int) -> Int, _ body: (Output) throws -> Void
    ) throws {
        var status = stat()
        if stat(path, &status) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFDIR: throw SystemFile.failure(EISDIR, "cannot write", path)
            case S_IFREG: break
            default: return try writeThrough(to: path, call, body)
            }
        }
        let path = Self.target(of: path)
        let (descriptor, temporary) = try openTemporary(beside: path)
        do {
            defer { close(descriptor) }
            try body(Output(descriptor: descriptor, path: path, call: call))
            guard fsync(descriptor) == 0 else { throw SystemFile.failure(errno, "cannot write", path) }
            guard rename(temporary, path) == 0 else { throw SystemFile.failure(errno, "cannot write", path) }
        } catch {
            unlink(temporary)
            throw error
        }
        try synchronizeFolder(of: path)
    }

    /// Writes to a device or a pipe, which a file in its place would destroy.
    private static func writeThrough(
        to path: String, _ call: @escaping (Int32, UnsafeRawPointer, Int) -> Int, _ body: (Output) throws -> Void
    ) throws {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFile.failure(errno, "cannot write", path) }
        defer { close(descriptor) }
        try body(Output(descriptor: descriptor, path: path, call: call))
    }

    /// The file that a link leads to, so that the link stays one; any other path as it is.
    private static func target(of path: String) -> String {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, let resolved = realpath(path, nil) else {
            return path
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// A new file with a name of its own in the folder of `path`.
    private static func openTemporary(beside path: String) throws -> (descriptor: Int32, path: String) {
        while true {
            // The name is ours alone and short, so that a long name of the target still fits.
            let temporary = "\(SystemFile.folder(of: path))/.\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if descriptor >= 0 { return (descriptor, temporary) }
            guard errno == EEXIST || errno == EINTR else { throw SystemFile.failure(errno, "cannot write", path) }
        }
    }

    private static func synchronizeFolder(of path: String) throws {
        let descriptor = open(SystemFile.folder(of: path), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Some file systems cannot synchronise a folder and say EINVAL; there is nothing more to do there.
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else {
            throw SystemFile.failure(errno, "cannot write", path)
        }
    }
}
