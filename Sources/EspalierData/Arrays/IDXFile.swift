import EspalierSpec

/// A file of the IDX format, in which MNIST is published: a header of big-endian numbers, then the data; plain or gzip.
///
/// Header: two zero bytes, a byte for the type, a byte for the number of axes, then four bytes for the size of each axis.
enum IDXFile {
    /// No data has more axes; it bounds what is read before the sizes are known.
    private static let mostAxes = 8

    private static let elements: [UInt8: NumericArray.Element] = [
        0x08: .uint8, 0x09: .int8, 0x0B: .int16, 0x0C: .int32, 0x0D: .float32, 0x0E: .float64,
    ]

    /// - Throws: `EspalierError` at `path` where the file cannot be read, is no IDX file, or is damaged.
    static func read(_ path: String) throws -> NumericArray {
        let bytes = try SystemFile.read(path, kind: "IDX data")
        do {
            return try array(in: bytes, path)
        } catch let error as EspalierError {
            throw error.located(at: path)
        }
    }

    static func array(in bytes: [UInt8], _ path: String) throws -> NumericArray {
        guard Gzip.isGzip(bytes) else {
            let (layout, start) = try header(bytes, path)
            return try NumericArray(layout, bytes: bytes[start...], place: path)
        }
        let (layout, start) = try header(try Gzip.prefix(4 + 4 * mostAxes, of: bytes), path)
        guard let size = layout.byteCount, size <= .max - start else {
            throw notIDX("its header says the shape \(layout.shape)", path)
        }
        return try NumericArray(layout, bytes: try Gzip.unpack(bytes, count: start + size)[start...], place: path)
    }

    static func header(
        _ bytes: [UInt8], _ path: String
    ) throws -> (layout: NumericArray.Layout, start: Int) {
        guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0 else {
            throw notIDX("it begins with \(bytes.prefix(4).map { "\($0)" }.joined(separator: " "))", path)
        }
        guard let element = elements[bytes[2]] else { throw notIDX("its type is \(bytes[2])", path) }
        let axes = Int(bytes[3])
        guard (1...mostAxes).contains(axes), bytes.count >= 4 + 4 * axes else {
            throw notIDX("its header says \(axes) axes, and \(bytes.count) bytes are there", path)
        }
        let shape = (0..<axes).map { axis in
            bytes[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) }
        }
        return (NumericArray.Layout(element: element, shape: shape, isBigEndian: true), 4 + 4 * axes)
    }

    private static func notIDX(_ what: String, _ path: String) -> EspalierError {
        EspalierError(
            "it is no IDX file: \(what)", at: path,
            expected: "0 0, a type (8, 9, 11 to 14), the number of axes (1 to \(mostAxes)), their sizes; plain or gzip")
    }
}
