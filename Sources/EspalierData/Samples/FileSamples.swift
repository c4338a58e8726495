import EspalierSpec
import Foundation

/// Samples that lie side by side in a file, each read where it is when it is asked for.
///
/// They are read by position (`pread`) rather than mapped: what the system keeps of the file is then no memory of this
/// process, and a file that fails or becomes shorter is an error, where a mapping would end the process.
final class FileSamples: SampleStore {
    /// What the file is called in messages.
    let path: String
    /// Type and order of bytes of the numbers; the first axis counts rows, the last index runs fastest.
    let layout: NumericArray.Layout
    /// Which numbers of a row are a sample's.
    let columns: Range<Int>
    private let descriptor: Int32
    /// Where in the file the first row begins.
    private let start: Int

    /// - Parameter descriptor: Of a file that is open for reading; closed with this.
    init(
        _ descriptor: Int32, path: String, start: Int, layout: NumericArray.Layout, columns: Range<Int>? = nil
    ) {
        self.descriptor = descriptor
        self.path = path
        self.start = start
        self.layout = layout
        self.columns = columns ?? 0..<layout.shape.dropFirst().reduce(1, *)
    }

    /// The rows of `other` without the numbers outside of `columns`.
    init(copying other: FileSamples, columns: Range<Int>) throws {
        descriptor = fcntl(other.descriptor, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { throw SystemFile.failure(errno, "cannot read the samples", other.path) }
        path = other.path
        start = other.start
        layout = other.layout
        self.columns = columns
    }

    deinit { close(descriptor) }

    var count: Int { layout.shape[0] }

    /// How many numbers a row of the file has.
    var width: Int { layout.shape.dropFirst().reduce(1, *) }

    func read(_ row: Int, into sample: UnsafeMutableBufferPointer<Float>) throws {
        precondition((0..<count).contains(row) && sample.count == columns.count, "a sample of the file")
        try readNumbers(from: row * width + columns.lowerBound, into: sample)
    }

    func read(_ rows: Range<Int>, into samples: UnsafeMutableBufferPointer<Float>) throws {
        precondition(samples.count == rows.count * columns.count && rows.upperBound <= count, "samples of the file")
        guard columns.count < width else {
            return try readNumbers(from: rows.lowerBound * width, into: samples)
        }
        try withUnsafeTemporaryAllocation(of: Float.self, capacity: rows.count * width) { whole in
            try readNumbers(from: rows.lowerBound * width, into: whole)
            for row in 0..<rows.count {
                let sample = whole[(row * width + columns.lowerBound)..<(row * width + columns.upperBound)]
                let target = samples[(row * columns.count)..<((row + 1) * columns.count)]
                _ = UnsafeMutableBufferPointer(rebasing: target).update(fromContentsOf: sample)
            }
        }
    }

    /// Writes numbers that lie side by side, from number `first` on.
    func readNumbers<Value: RealNumber & BitwiseCopyable>(
        from first: Int, into values: UnsafeMutableBufferPointer<Value>
    ) throws {
        let offset = start + first * layout.element.size
        if layout.element == .float32, !layout.isBigEndian, Value.self == Float.self {
            return try readBytes(at: offset, into: UnsafeMutableRawBufferPointer(values))
        }
        try withUnsafeTemporaryAllocation(byteCount: values.count * layout.element.size, alignment: 8) { bytes in
            try readBytes(at: offset, into: bytes)
            layout.convert(UnsafeRawBufferPointer(bytes), into: values)
        }
    }

    private func readBytes(at offset: Int, into bytes: UnsafeMutableRawBufferPointer) throws {
        var done = 0
        while done < bytes.count {
            let got = pread(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
            if got < 0 && errno == EINTR { continue }
            if got < 0 { throw SystemFile.failure(errno, "cannot read the samples", path) }
            guard got > 0 else {
                throw EspalierError(
                    "the file has become shorter: it ends at byte \(offset + done)", at: path,
                    expected: "a file that stays as it is while it is trained on", fix: "copy or write it again")
            }
            done += got
        }
    }
}
