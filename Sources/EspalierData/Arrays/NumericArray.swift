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

        /// - Throws: `EspalierError` where there are not as many bytes as the numbers take, or no numbers.
        func check(byteCount: Int, place: String) throws {
            guard shape.allSatisfy({ $0 >= 0 }), self.byteCount == byteCount else {
                throw EspalierError(
                    "its header says \(element) of shape \(shape), and \(byteCount) bytes follow",
                    at: place, expected: self.byteCount.map { "\($0) bytes" } ?? "a shape that fits in a file",
                    fix: "copy or fetch the file again")
            }
            guard !shape.isEmpty, byteCount > 0 else {
                throw EspalierError(
                    "it has no samples: its shape is \(shape)", at: place,
                    expected: "a shape that begins with the number of samples, each size at least 1")
            }
        }

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

    /// - Throws: `EspalierError` where `bytes` are not what the layout takes.
    init(_ layout: Layout, bytes: ArraySlice<UInt8>, place: String) throws {
        try layout.check(byteCount: bytes.count, place: place)
        self.layout = layout
        self.bytes = bytes
        self.place = place
    }

    /// Every number, rounded to the nearest `Value`, the last index running fastest.
    func values<Value: RealNumber & BitwiseCopyable>(as type: Value.Type) -> [Value] {
        let count = bytes.count / layout.element.size
        let values = [Value](unsafeUninitializedCapacity: count) { values, initialized in
            bytes.withUnsafeBytes { layout.convert($0, into: UnsafeMutableBufferPointer(rebasing: values[..<count])) }
            initialized = count
        }
        return layout.isColumnMajor ? rowMajor(values) : values
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

extension NumericArray.Layout {
    /// Writes every number of `bytes`, rounded to the nearest `Value`, in the order in which they lie there.
    ///
    /// - Parameter values: Room for just as many.
    func convert<Value: RealNumber & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, into values: UnsafeMutableBufferPointer<Value>
    ) {
        switch element {
        case .bool: map(bytes, UInt8.self, values) { Value($0 == 0 ? UInt8(0) : 1) }
        case .uint8: map(bytes, UInt8.self, values) { Value($0) }
        case .int8: map(bytes, Int8.self, values) { Value($0) }
        case .int16: map(bytes, Int16.self, values) { Value($0) }
        case .uint16: map(bytes, UInt16.self, values) { Value($0) }
        case .int32: map(bytes, Int32.self, values) { Value($0) }
        case .uint32: map(bytes, UInt32.self, values) { Value($0) }
        case .int64: map(bytes, Int64.self, values) { Value($0) }
        case .uint64: map(bytes, UInt64.self, values) { Value($0) }
        case .float32: map(bytes, UInt32.self, values) { Value(Float(bitPattern: $0)) }
        case .float64: map(bytes, UInt64.self, values) { Value(Double(bitPattern: $0)) }
        }
    }

    @inline(__always)
    private func map<Bits: FixedWidthInteger & BitwiseCopyable, Value: BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ type: Bits.Type, _ values: UnsafeMutableBufferPointer<Value>,
        _ convert: (Bits) -> Value
    ) {
        precondition(bytes.count == values.count * MemoryLayout<Bits>.size, "as many numbers as there is room for")
        for index in values.indices {
            let bits = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
            values.initializeElement(
                at: index, to: convert(isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits)))
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
