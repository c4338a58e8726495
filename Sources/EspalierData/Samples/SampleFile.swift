import EspalierSpec
import Foundation

/// Rows of 32-bit numbers that are put down in a temporary file as they come, and then read as samples.
///
/// For sources of more rows than memory should hold:
///
/// ```swift
/// let writer = try SampleFile.Writer(width: 12)
/// while let row = try next() { try writer.append(row) }
/// let samples = try writer.finish()
/// ```
///
/// The file has no name and goes when it is no longer used, however the process ends.
public enum SampleFile {
    /// Puts down rows; `finish` makes samples of them.
    public final class Writer {
        /// How many numbers a row has.
        public let width: Int
        /// How many rows there are so far.
        public private(set) var count = 0
        private let folder: String
        private var descriptor: Int32
        private var buffer: [Float] = []

        /// How many numbers are gathered before they are written, a mebibyte of them.
        private static let bufferCount = 1 << 18

        /// - Parameters:
        ///   - width: How many numbers a row has, at least 1.
        ///   - folder: Where the file is; nothing for the system's folder for temporary files (`TMPDIR`).
        /// - Throws: `EspalierError` where no file can be made there.
        public init(width: Int, folder: String? = nil) throws {
            precondition(width > 0, "a row has at least one number")
            self.width = width
            self.folder = folder ?? FileManager.default.temporaryDirectory.path
            var name = Array("\(self.folder)/espalier-samples-XXXXXX".utf8CString)
            descriptor = mkstemp(&name)
            guard descriptor >= 0 else { throw Self.failure(errno, "cannot make a temporary file", self.folder) }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            unlink(name)
            buffer.reserveCapacity(Self.bufferCount + width)
        }

        /// Puts rows down in a file that is open.
        init(width: Int, descriptor: Int32) {
            self.width = width
            self.descriptor = descriptor
            folder = "/"
        }

        deinit { if descriptor >= 0 { close(descriptor) } }

        /// Puts down one row of finite numbers.
        ///
        /// - Throws: `EspalierError` where the disk is full or fails.
        public func append(_ row: UnsafeBufferPointer<Float>) throws {
            precondition(row.count == width && descriptor >= 0, "rows of \(width) numbers, before `finish`")
            buffer.append(contentsOf: row)
            count += 1
            if buffer.count >= Self.bufferCount { try flush() }
        }

        /// Puts down one row of finite numbers.
        ///
        /// - Throws: `EspalierError` where the disk is full or fails.
        public func append(_ row: [Float]) throws { try row.withUnsafeBufferPointer(append) }

        /// All rows as samples; nothing can be put down after that.
        ///
        /// - Throws: `EspalierError` where the disk is full or fails.
        public func finish() throws -> any SampleStore {
            precondition(descriptor >= 0, "`finish` is called once")
            try flush()
            defer { descriptor = -1 }
            return FileSamples(
                descriptor, path: "the temporary file in \(folder)", start: 0,
                layout: NumericArray.Layout(element: .float32, shape: [count, width]))
        }

        private func flush() throws {
            do {
                try buffer.withUnsafeBytes { try SystemFile.write($0, to: descriptor, path: folder) }
            } catch var error as EspalierError {
                error.what = "samples that memory has no room for cannot be put down: \(error.what)"
                error.fix = Self.fix
                throw error
            }
            buffer.removeAll(keepingCapacity: true)
        }

        private static let fix = "free some space, or name a folder with more in the environment: TMPDIR=/other/folder"

        private static func failure(_ code: Int32, _ what: String, _ folder: String) -> EspalierError {
            var error = SystemFile.failure(code, what, folder)
            error.fix = fix
            return error
        }
    }
}
