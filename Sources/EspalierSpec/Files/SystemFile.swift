import Foundation

/// The few system calls under every reader and writer, with failures a person can act on.
package enum SystemFile {
    /// Every byte of the file at `path`.
    ///
    /// - Parameters:
    ///   - limit: The most bytes that are read.
    ///   - kind: What the file should be, for messages: `a configuration`.
    /// - Throws: `EspalierError` where the file is missing, a folder, unreadable or larger than `limit`.
    package static func read(_ path: String, kind: String, limit: Int = .max) throws -> [UInt8] {
        let file = try InputFile(path, kind: kind)
        // A pipe says that it holds nothing, so the size is where to begin, not where to end.
        var bytes = [UInt8](repeating: 0, count: max(0, min(file.size, limit)) + 1)
        var count = 0
        while true {
            if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: max(4096, bytes.count))) }
            let got = try bytes.withUnsafeMutableBytes { try file.read(into: .init(rebasing: $0[count...])) }
            if got == 0 { break }
            count += got
            guard count <= limit else {
                throw EspalierError("the file is too large for \(kind)", at: path, expected: "at most \(limit) bytes")
            }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// The bytes of a file as text; the first byte that is not UTF-8 is named by its line and column.
    package static func text(_ bytes: [UInt8], file: String) throws -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        let valid = zip(bytes, String(decoding: bytes, as: UTF8.self).utf8).prefix { $0 == $1 }.map(\.0)
        let line = valid.count { $0 == UInt8(ascii: "\n") } + 1
        let column =
            String(decoding: valid.reversed().prefix { $0 != UInt8(ascii: "\n") }.reversed(), as: UTF8.self)
            .unicodeScalars.count + 1
        throw EspalierError(
            "a byte that is not UTF-8", at: SourceLocation(file: file, line: line, column: column).description,
            expected: "text in UTF-8", fix: "save the file in UTF-8, or check that it is the file you meant")
    }

    /// Writes all of `bytes`: an interrupted or short write is continued, never lost.
    ///
    /// - Parameter call: The system call; tests put failing ones in its place.
    package static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String,
        call: (Int32, UnsafeRawPointer, Int) -> Int = { Foundation.write($0, $1, $2) }
    ) throws {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let wrote = call(descriptor, base + done, bytes.count - done)
            if wrote < 0 && errno == EINTR { continue }
            guard wrote > 0 else { throw failure(wrote < 0 ? errno : ENOSPC, "cannot write", path) }
            done += wrote
        }
    }

    /// Makes a folder and those above it that are missing.
    package static func makeFolders(_ path: String) throws {
        if isFolder(path) { return }
        let parent = folder(of: path)
        if parent != path && parent != "." && parent != "/" { try makeFolders(parent) }
        guard mkdir(path, 0o777) == 0 || (errno == EEXIST && isFolder(path)) else {
            throw failure(errno, "cannot make the folder", path)
        }
    }

    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The folder that holds `path`.
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// What to try where there is no file at `path`: the name beside it that was probably meant.
    package static func meant(_ path: String) -> String? {
        let folder = folder(of: path)
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return nil }
        let name = path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
        // In a folder of a million images somebody meant something else.
        guard names.count <= 1000, let other = nearest(to: name, among: names.sorted()) else { return nil }
        return "did you mean \"\(folder == "." && !path.hasPrefix(".") ? other : "\(folder)/\(other)")\"?"
    }

    /// The error for the system's `code`, with the first thing to try where there is one.
    package static func failure(_ code: Int32, _ what: String, _ path: String) -> EspalierError {
        let (reason, fix): (String, String?) =
            switch code {
            case ENOENT:
                ("no such file or folder", meant(path) ?? "check the spelling, and that the folder above is there")
            case EISDIR: ("it is a folder", "name a file")
            case ENOTDIR: ("a part of the path is no folder", nil)
            case EACCES, EPERM: ("permission denied", "check its owner and permissions")
            case EROFS: ("the file system is read-only", "choose another folder with --out")
            case ENOSPC, EDQUOT: ("the disk is full", "free some space, or choose another folder with --out")
            case ENAMETOOLONG: ("the name is too long", nil)
            default: (String(cString: strerror(code)), nil)
            }
        return EspalierError("\(what): \(reason)", at: path, fix: fix)
    }
}
