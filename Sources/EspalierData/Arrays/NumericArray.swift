import EspalierSpec

/// Numbers of one type in a rectangular array, as they lie in a file.
struct NumericArray {
    enum Element: String, CaseIterable {
        case bool, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64

        /// In bytes.
        var size: Int {
            switch self {
            case .bool, .int8, .uint8: 1
            case .int16, .uint16: 2
            case .int32, .uint32, .float32: 4
            case .int64, .uint64, .float64: 8
            }
        }

        var isWhole: Bool { self != .float32 && self != .float64 }
    }

    /// How the numbers lie in a file.
    struct Layout: Equatable {
        var element: Element
        var shape: [Int]
        var isBigEndian = false
        /// Whether the first index runs fastest, as in Fortran.
        var isColumnMajor = false

        /// How many bytes the numbers take; nothing where that is more than any file has.
        var byteCount: Int? {
            var count = element.size
            for size in shape {
                let (product, overflow) = count.multipliedReportingOverflow(by: size)
                if overflow { return nil }
                count = product
            }
            return count
        }
    }

    let layout: Layout
    /// What the array is called in messages.
    let place: String
    private let bytes: ArraySlice<UInt8>

    var shape: [Int] { layout.shape }

    /// - Parameter holdsSamples: Whether the first axis counts samples, of which there has to be one.
    /// - Throws: `EspalierError` where `bytes` are not what the layout takes.
    init(_ layout: Layout, bytes: ArraySlice<UInt8>, place: String, holdsSamples: Bool = true) throws {
        guard layout.shape.allSatisfy({ $0 >= 0 }), layout.byteCount == bytes.count else {
            throw EspalierError(
                "its header says \(layout.element) of shape \(layout.shape), and \(bytes.count) bytes follow",
                at: place, expected: layout.byteCount.map { "\($0) bytes" } ?? "a shape that fits in a file",
                fix: "copy or fetch the file again")
        }
        guard !holdsSamples || (!layout.shape.isEmpty && !bytes.isEmpty) else {
            throw EspalierError(
                "it has no samples: its shape is \(layout.shape)", at: place,
                expected: "a shape that begins with the number of samples, each size at least 1")
        }
        self.layout = layout
        self.bytes = bytes
        self.place = place
    }

    /// Every number, rounded to the nearest `Value`, the last index running fastest.
    func values<Value: RealNumber>(as type: Value.Type) -> [Value] {
        let values: [Value] =
            switch layout.element {
            case .bool: map(UInt8.self) { Value($0 == 0 ? UInt8(0) : 1) }
            case .uint8: map(UInt8.self) { Value($0) }
            case .int8: map(Int8.self) { Value($0) }
            case .int16: map(Int16.self) { Value($0) }
            case .uint16: map(UInt16.self) { Value($0) }
            case .int32: map(Int32.self) { Value($0) }
            case .uint32: map(UInt32.self) { Value($0) }
            case .int64: map(Int64.self) { Value($0) }
            case .uint64: map(UInt64.self) { Value($0) }
            case .float32: map(UInt32.self) { Value(Float(bitPattern: $0)) }
            case .float64: map(UInt64.self) { Value(Double(bitPattern: $0)) }
            }
        return layout.isColumnMajor ? rowMajor(values) : values
    }

    @inline(__always)
    private func map<Bits: FixedWidthInteger & BitwiseCopyable, Value>(
        _ type: Bits.Type, _ convert: (Bits) -> Value
    ) -> [Value] {
        let count = bytes.count / MemoryLayout<Bits>.size
        return [Value](unsafeUninitializedCapacity: count) { values, initialized in
            bytes.withUnsafeBytes { bytes in
                for index in 0..<count {
                    let bits = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
                    let number = convert(layout.isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits))
                    values.initializeElement(at: index, to: number)
                }
            }
            initialized = count
        }
    }

    /// `values`, whose first index runs fastest, in the order in which the last one does.
    private func rowMajor<Value>(_ values: [Value]) -> [Value] {
        var strides: [Int] = []
        var stride = 1
        for size in shape {
            strides.append(stride)
            stride *= size
        }
        var indices = [Int](repeating: 0, count: shape.count)
        var position = 0
        return values.indices.map { _ in
            defer {
                var axis = shape.count - 1
                while axis >= 0 {
                    indices[axis] += 1
                    position += strides[axis]
                    if indices[axis] < shape[axis] { break }
                    position -= strides[axis] * shape[axis]
                    indices[axis] = 0
                    axis -= 1
                }
            }
            return values[position]
        }
    }
}

/// What any number of an array becomes.
protocol RealNumber {
    init(_ value: UInt8)
    init(_ value: Int8)
    init(_ value: UInt16)
    init(_ value: Int16)
    init(_ value: UInt32)
    init(_ value: Int32)
    init(_ value: UInt64)
    init(_ value: Int64)
    init(_ value: Float)
    init(_ value: Double)
}

extension Float: RealNumber {}
extension Double: RealNumber {}
