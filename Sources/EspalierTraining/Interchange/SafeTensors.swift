import EspalierSpec

/// Named arrays in the safetensors format, which PyTorch, JAX and most others read.
///
/// Layout: the header's length in 8 bytes (little-endian), the header as JSON, the data without gaps. An entry of the
/// header is `"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}`, with offsets from the end of the
/// header; `"__metadata__"` maps texts to texts. See <https://huggingface.co/docs/safetensors>.
public struct SafeTensors: Sendable, Hashable {
    /// The arrays, in the order of the header.
    public var arrays: [NamedArray]
    /// Free texts about the file; PyTorch's tools look for `format: pt`.
    public var metadata: [String: String]

    public init(_ arrays: [NamedArray], metadata: [String: String] = [:]) {
        self.arrays = arrays
        self.metadata = metadata
    }

    /// The array called `name`, where there is one.
    public subscript(name: String) -> NamedArray? { arrays.first { $0.name == name } }

    /// Writes the arrays in their order; equal arrays give equal bytes.
    ///
    /// - Throws: `EspalierError` where a name is taken twice or reserved, or the file cannot be written; the file that
    ///   was there before then stays as it was.
    public func write(to path: String) throws {
        let header = try header(path)
        try AtomicFile.write(to: path) { output in
            try output.write([UInt64(header.count).littleEndian])
            try output.write(header)
            for array in arrays {
                switch array.values {
                case .float(let values): try output.write(values)
                case .int32(let values): try output.write(values)
                case .int64(let values): try output.write(values)
                }
            }
        }
    }

    private func header(_ path: String) throws -> [UInt8] {
        var entries: [ConfigurationValue.Entry] = []
        if !metadata.isEmpty {
            let texts = metadata.sorted { $0.key < $1.key }
            entries.append(.init(Self.metadataKey, .map(texts.map { .init($0.key, .string($0.value)) })))
        }
        var names: Set<String> = [Self.metadataKey]
        var offset = 0
        for array in arrays {
            guard names.insert(array.name).inserted else {
                throw EspalierError("two arrays are called \"\(array.name)\"", at: path, expected: "a name each")
            }
            let type = ElementType(array.values)
            let end = offset + array.values.count * type.size
            entries.append(
                .init(
                    array.name,
                    [
                        "dtype": .string(type.rawValue), "shape": .list(array.shape.map { .integer($0) }),
                        "data_offsets": [.integer(offset), .integer(end)],
                    ]))
            offset = end
        }
        var header = Array(JSON.write(.map(entries)).utf8)
        // The data begins at a multiple of 8, so that it can be used where it lies.
        header += Array(repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
        return header
    }

    static let metadataKey = "__metadata__"

    /// The types of elements that are read here; F32, I32 and I64 are written.
    enum ElementType: String, CaseIterable {
        case float32 = "F32"
        case float64 = "F64"
        case float16 = "F16"
        case brainFloat16 = "BF16"
        case int32 = "I32"
        case int64 = "I64"

        init(_ values: NamedArray.Values) {
            switch values {
            case .float: self = .float32
            case .int32: self = .int32
            case .int64: self = .int64
            }
        }

        /// Bytes an element.
        var size: Int {
            switch self {
            case .float16, .brainFloat16: 2
            case .float32, .int32: 4
            case .float64, .int64: 8
            }
        }
    }
}
