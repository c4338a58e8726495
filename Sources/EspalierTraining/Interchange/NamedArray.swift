import EspalierSpec

/// An array of numbers with a name and a shape, as weights are kept in files.
public struct NamedArray: Sendable, Hashable {
    /// The numbers, the last dimension varying fastest.
    public enum Values: Sendable, Hashable {
        case float([Float])
        case int32([Int32])
        case int64([Int64])

        public var count: Int {
            switch self {
            case .float(let values): values.count
            case .int32(let values): values.count
            case .int64(let values): values.count
            }
        }
    }

    public var name: String
    public var shape: [Int]
    public var values: Values

    /// - Precondition: There are as many values as the shape has places.
    public init(_ name: String, shape: [Int], _ values: Values) {
        precondition(
            shape.reduce(1, *) == values.count,
            "\(name): shape \(shape) has \(shape.reduce(1, *)) places, but there are \(values.count) values")
        self.name = name
        self.shape = shape
        self.values = values
    }

    /// An array of floating-point numbers.
    public init(_ name: String, shape: [Int], _ values: [Float]) {
        self.init(name, shape: shape, .float(values))
    }

    /// The values as `Float`; whole numbers are rounded to the nearest.
    public var floats: [Float] {
        switch values {
        case .float(let values): values
        case .int32(let values): values.map(Float.init)
        case .int64(let values): values.map(Float.init)
        }
    }

    /// The values as `Int32`.
    ///
    /// - Throws: `EspalierError` where they are not whole numbers, or one does not fit.
    public func int32s() throws -> [Int32] {
        switch values {
        case .int32(let values): return values
        case .int64(let values):
            return try values.enumerated().map { index, value in
                guard let value = Int32(exactly: value) else {
                    throw EspalierError(
                        "value \(value) at position \(index) of \(name) is too large", expected: "32-bit whole numbers")
                }
                return value
            }
        case .float: throw EspalierError("\(name) holds fractions", expected: "whole numbers (I32 or I64)")
        }
    }
}
