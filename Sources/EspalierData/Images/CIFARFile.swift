import EspalierSpec

/// Files of CIFAR's binary version: records of one or two labels and 3 x 32 x 32 bytes, all red, then green, then blue.
struct CIFARFile {
    /// How many labels a record has, of which the last is the finest.
    let labelsPerRecord: Int
    let classNames: [String]

    static let sampleShape = [3, 32, 32]
    static let pixelBytes = 3 * 32 * 32

    private var recordBytes: Int { labelsPerRecord + Self.pixelBytes }

    /// The images of some files, one after the other, and their labels.
    ///
    /// - Throws: `EspalierError` naming the file that is missing, has no whole records, or names no class.
    func samples(_ paths: [String]) throws -> (pixels: ByteSamples, labels: [Int32]) {
        var pixels: [UInt8] = [], labels: [Int32] = []
        for path in paths {
            try append(try SystemFile.read(path, kind: "CIFAR data"), path, &pixels, &labels)
        }
        return (ByteSamples(pixels, width: Self.pixelBytes), labels)
    }

    func append(_ bytes: [UInt8], _ path: String, _ pixels: inout [UInt8], _ labels: inout [Int32]) throws {
        guard !bytes.isEmpty, bytes.count % recordBytes == 0 else {
            throw EspalierError(
                "it has \(bytes.count) bytes", at: path,
                expected: "records of \(recordBytes) bytes: labels (\(labelsPerRecord)), then 3 x 32 x 32 numbers",
                fix: "copy or fetch the file again, in its binary version")
        }
        pixels.reserveCapacity(pixels.count + bytes.count)
        for start in stride(from: 0, to: bytes.count, by: recordBytes) {
            let label = bytes[start + labelsPerRecord - 1]
            guard Int(label) < classNames.count else {
                throw EspalierError(
                    "the class is \(label)", at: "\(path), record \(start / recordBytes + 1)",
                    expected: "a number from 0 to \(classNames.count - 1)")
            }
            labels.append(Int32(label))
            pixels += bytes[(start + labelsPerRecord)..<(start + recordBytes)]
        }
    }
}
