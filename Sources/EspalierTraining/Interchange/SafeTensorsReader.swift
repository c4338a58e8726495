import EspalierSpec

extension SafeTensors {
    /// The longest header that is read, in bytes; the format's own readers keep to the same.
    public static let maximumHeaderBytes = 100_000_000

    /// Reads the file at `path`, making `Float` of F64, F16 and BF16.
    ///
    /// - Throws: `EspalierError` where the file is not whole and consistent: nothing of it is believed before the
    ///   header, the shapes, the offsets and the file's size agree.
    public static func read(_ path: String) throws -> SafeTensors {
        let file = try InputFile(path, kind: "safetensors")
        guard file.isOrdinary else {
            throw EspalierError(
                "cannot read safetensors: it is no ordinary file", at: path, fix: "name a file on a disk")
        }
        guard file.size >= 8 else {
            throw damage("it has \(file.size) bytes", path, expected: "at least 8, the length of the header")
        }
        let length = UInt64(littleEndian: try file.read(1, of: UInt64.self)[0])
        guard length <= min(maximumHeaderBytes, file.size - 8) else {
            throw damage(
                "the header should have \(length) bytes, the file has \(file.size)", path,
                expected: "at most \(maximumHeaderBytes) bytes of header within the file")
        }
        let header = try file.read(Int(length), of: UInt8.self)
        guard header.first == UInt8(ascii: "{") else { throw damage("the header does not begin with {", path) }
        var (entries, metadata) = try parse(header, path)
        try check(entries, size: file.size - 8 - Int(length), path)
        // The data is read in the order in which it lies; the arrays keep the order of the header.
        for position in entries.indices.sorted(by: { entries[$0].offsets < entries[$1].offsets }) {
            entries[position].values = try values(of: entries[position], from: file)
        }
        let arrays = entries.compactMap { entry in
            entry.values.map { NamedArray(entry.name, shape: entry.shape, $0) }
        }
        return SafeTensors(arrays, metadata: metadata)
    }

    /// What the header says of one array.
    private struct Entry {
        var name: String
        var type: ElementType
        var shape: [Int]
        var count: Int
        var offsets: Offsets
        var values: NamedArray.Values?
        var place: String
    }

    private struct Offsets: Comparable {
        var start: Int
        var end: Int
        static func < (first: Offsets, second: Offsets) -> Bool {
            (first.start, first.end) < (second.start, second.end)
        }
    }

    // MARK: Header

    private static func parse(
        _ header: [UInt8], _ path: String
    ) throws -> (entries: [Entry], metadata: [String: String]) {
        guard case .map(let map) = try JSON.parse(header, file: "\(path), header") else {
            throw damage("the header is no map", path)
        }
        var entries: [Entry] = []
        var metadata: [String: String] = [:]
        for item in map {
            if item.key == metadataKey {
                guard case .map(let texts) = item.value else { throw damage("\(metadataKey) is no map", path) }
                for text in texts {
                    guard case .string(let value) = text.value else {
                        throw damage("\(metadataKey) holds something other than a text at \"\(text.key)\"", path)
                    }
                    metadata[text.key] = value
                }
            } else {
                entries.append(try entry(item, path))
            }
        }
        return (entries, metadata)
    }

    private static func entry(_ item: ConfigurationValue.Entry, _ path: String) throws -> Entry {
        let place = "\(path), tensor \"\(item.key)\""
        guard case .string(let typeName)? = item.value["dtype"], let shape = sizes(item.value["shape"]),
            let offsets = sizes(item.value["data_offsets"]), offsets.count == 2, offsets[0] <= offsets[1]
        else {
            throw damage(
                "its header is malformed", place,
                expected: "dtype, shape and data_offsets [start, end], in whole numbers from 0")
        }
        guard let type = ElementType(rawValue: typeName) else {
            throw EspalierError(
                "its type is \(typeName)", at: place,
                expected: "one of \(ElementType.allCases.map(\.rawValue).joined(separator: ", "))",
                fix: "convert it to F32 before saving")
        }
        guard let count = product(shape), let bytes = product([count, type.size]), bytes == offsets[1] - offsets[0]
        else {
            throw damage(
                "shape \(shape) of \(typeName) does not fill the \(offsets[1] - offsets[0]) bytes it is given", place,
                expected: "data_offsets that span shape times type")
        }
        return Entry(
            name: item.key, type: type, shape: shape, count: count,
            offsets: Offsets(start: offsets[0], end: offsets[1]), place: place)
    }

    private static func sizes(_ value: ConfigurationValue?) -> [Int]? {
        guard case .list(let items)? = value else { return nil }
        let sizes = items.compactMap { if case .integer(let size) = $0, size >= 0 { size } else { Int?.none } }
        return sizes.count == items.count ? sizes : nil
    }

    private static func product(_ sizes: [Int]) -> Int? {
        var product = 1
        for size in sizes {
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            guard !overflow else { return nil }
            product = next
        }
        return product
    }

    /// Every byte of the data belongs to exactly one array.
    private static func check(_ entries: [Entry], size: Int, _ path: String) throws {
        var end = 0
        for entry in entries.sorted(by: { $0.offsets < $1.offsets }) {
            guard entry.offsets.start == end else {
                throw damage(
                    "its data begins at \(entry.offsets.start), the array before it ends at \(end)", entry.place,
                    expected: "data without gaps and overlaps")
            }
            end = entry.offsets.end
        }
        guard end == size else {
            throw damage(
                "the header speaks of \(end) bytes of data, the file has \(size)", path,
                expected: "a file without missing and without trailing bytes")
        }
    }

    // MARK: Data

    private static func values(of entry: Entry, from file: InputFile) throws -> NamedArray.Values {
        switch entry.type {
        case .float32: return .float(try file.read(entry.count, of: Float.self))
        case .int32: return .int32(try file.read(entry.count, of: Int32.self))
        case .int64: return .int64(try file.read(entry.count, of: Int64.self))
        case .float16:
            return .float(try file.read(entry.count, of: UInt16.self).map { Float(Float16(bitPattern: $0)) })
        case .brainFloat16:
            return .float(try file.read(entry.count, of: UInt16.self).map { Float(bitPattern: UInt32($0) << 16) })
        case .float64:
            let values = try file.read(entry.count, of: Double.self)
            return .float(
                try values.map { value in
                    guard Float(value).isFinite || !value.isFinite else {
                        throw EspalierError(
                            "it holds \(value)", at: entry.place, expected: "numbers that fit a 32-bit Float")
                    }
                    return Float(value)
                })
        }
    }

    private static func damage(_ what: String, _ place: String, expected: String? = nil) -> EspalierError {
        EspalierError(
            "not a whole safetensors file: \(what)", at: place, expected: expected,
            fix: "write or download the file again")
    }
}
