import EspalierSpec
import Foundation

/// An array of a file: its numbers in memory, or left in the file where they are many.
enum ArrayFile {
    case memory(NumericArray)
    case file(FileSamples)

    /// Arrays that would take more bytes than this in memory, as 32-bit numbers, stay in their files: half a gibibyte.
    ///
    /// Up to there a training has its samples without asking the system, and a source, its parts and what was read of a file
    /// may be there side by side.
    static let largestInMemory = 512 << 20

    /// A format of arrays in files.
    struct Format: Sendable {
        /// What a file of it is called in messages.
        let kind: String
        /// Everything, out of the whole file.
        let read: @Sendable (_ path: String) throws -> NumericArray
        /// How the numbers lie and where they begin, out of the first bytes of a file; nothing where they are packed.
        let header: @Sendable (_ bytes: [UInt8], _ path: String) throws -> (layout: NumericArray.Layout, start: Int)?

        static let npy = Format(kind: "npy data", read: NumPyFile.read, header: { try NumPyFile.header(in: $0, $1) })
        static let idx = Format(
            kind: "IDX data", read: IDXFile.read, header: { Gzip.isGzip($0) ? nil : try IDXFile.header($0, $1) })
    }

    /// No header is longer.
    private static let longestHeader = 1 << 20

    /// - Parameter inMemory: Whether the numbers are read now; nothing decides by their number.
    /// - Throws: `EspalierError` where the file cannot be read, is not of the format, or is damaged.
    init(_ path: String, _ format: Format, inMemory: Bool? = nil) throws {
        guard inMemory != true, let samples = try Self.samples(path, format, isForced: inMemory == false) else {
            self = .memory(try format.read(path))
            return
        }
        self = .file(samples)
    }

    /// The array in its file; nothing where it is better read now.
    private static func samples(_ path: String, _ format: Format, isForced: Bool) throws -> FileSamples? {
        let file = try InputFile(path, kind: format.kind)
        // What a pipe gives is gone once it is read.
        guard file.isOrdinary else { return nil }
        var bytes = [UInt8](repeating: 0, count: min(file.size, longestHeader))
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
        bytes.removeLast(bytes.count - count)
        do {
            guard let (layout, start) = try format.header(bytes, path) else { return nil }
            guard isForced || layout.shape.reduce(4.0, { $0 * Double($1) }) > Double(largestInMemory) else {
                return nil
            }
            // Rows of such an array lie in many pieces.
            guard !layout.isColumnMajor || layout.shape.count < 2 else {
                guard isForced else { return nil }
                throw EspalierError(
                    "its numbers are in Fortran's order, so that samples do not lie in one piece", at: path,
                    expected: "C's order, to be read sample by sample",
                    fix: "numpy.save(path, numpy.ascontiguousarray(x))"
                )
            }
            try layout.check(byteCount: file.size - start, place: path)
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw SystemFile.failure(errno, "cannot read \(format.kind)", path) }
            return FileSamples(descriptor, path: path, start: start, layout: layout)
        } catch let error as EspalierError {
            throw error.located(at: path)
        }
    }

    var layout: NumericArray.Layout {
        switch self {
        case .memory(let array): array.layout
        case .file(let samples): samples.layout
        }
    }

    var shape: [Int] { layout.shape }

    /// What the array is called in messages.
    var place: String {
        switch self {
        case .memory(let array): array.place
        case .file(let samples): samples.path
        }
    }
}

extension FileSamples {
    /// Reads all rows once and gives the numbers of one column, exact for whole numbers up to 2^53.
    ///
    /// - Parameter column: Nothing where no column is asked for; then whole numbers need not be read at all.
    /// - Throws: `EspalierError` naming the row and the position of a number that is not finite in 32 bits.
    func scan(column: Int? = nil) throws -> [Double] {
        guard column != nil || !layout.element.isWhole else { return [] }
        let width = width, blockRows = max(1, min(count, (1 << 18) / width))
        var values: [Double] = []
        values.reserveCapacity(column == nil ? 0 : count)
        let block = UnsafeMutableBufferPointer<Double>.allocate(capacity: blockRows * width)
        defer { block.deallocate() }
        for start in stride(from: 0, to: count, by: blockRows) {
            let rows = min(blockRows, count - start)
            let numbers = UnsafeMutableBufferPointer(rebasing: block[..<(rows * width)])
            try readNumbers(from: start * width, into: numbers)
            if let index = numbers.firstIndex(where: { !Float($0).isFinite }) {
                throw ArraySamples.notFinite(
                    Float(numbers[index]), at: path, row: start + index / width, number: index % width)
            }
            if let column {
                for row in 0..<rows { values.append(numbers[row * width + column]) }
            }
        }
        return values
    }
}
