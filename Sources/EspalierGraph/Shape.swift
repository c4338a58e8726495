/// The extents of a tensor along its axes, outermost first; a scalar has none.
public struct Shape: Sendable, Hashable, ExpressibleByArrayLiteral, CustomStringConvertible {
    public let dimensions: [Int]

    public init(_ dimensions: [Int]) {
        precondition(dimensions.allSatisfy { $0 >= 0 }, "a shape has no negative extent: \(dimensions)")
        self.dimensions = dimensions
    }

    public init(arrayLiteral elements: Int...) {
        self.init(elements)
    }

    /// The number of axes.
    public var rank: Int { dimensions.count }
    /// The number of elements.
    public var count: Int { dimensions.reduce(1, *) }
    public var isScalar: Bool { dimensions.isEmpty }

    /// The extent along `axis`.
    public subscript(axis: Int) -> Int { dimensions[axis] }

    /// How many elements lie between neighbours along each axis when the last axis is contiguous.
    public var strides: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        for axis in stride(from: rank - 2, through: 0, by: -1) {
            strides[axis] = strides[axis + 1] * dimensions[axis + 1]
        }
        return strides
    }

    public var description: String { "[\(dimensions.map(String.init).joined(separator: ", "))]" }

    /// The axis that `axis` means when negative numbers count from the end, or nothing where there is no such axis.
    public func axis(_ axis: Int) -> Int? {
        let resolved = axis < 0 ? axis + rank : axis
        return (0..<rank).contains(resolved) ? resolved : nil
    }

    /// This shape without the given axes.
    public func removing(_ axes: [Int]) -> Shape {
        Shape(dimensions.enumerated().filter { !axes.contains($0.offset) }.map(\.element))
    }

    /// This shape with the given axes of extent one.
    public func keeping(_ axes: [Int]) -> Shape {
        Shape(dimensions.enumerated().map { axes.contains($0.offset) ? 1 : $0.element })
    }

    /// The shape to which both broadcast: axes align at the end, an extent of one stretches.
    public func broadcast(with other: Shape) -> Shape? {
        var result: [Int] = []
        for offset in 1...max(rank, other.rank, 1) {
            guard offset <= max(rank, other.rank) else { break }
            let first = offset <= rank ? dimensions[rank - offset] : 1
            let second = offset <= other.rank ? other.dimensions[other.rank - offset] : 1
            guard first == second || first == 1 || second == 1 else { return nil }
            result.append(first == 1 ? second : first)
        }
        return Shape(result.reversed())
    }
}

/// The shape and element type of a tensor.
public struct TensorType: Sendable, Hashable, CustomStringConvertible {
    public var shape: Shape
    public var dtype: DType

    public init(_ shape: Shape, _ dtype: DType = .float32) {
        self.shape = shape
        self.dtype = dtype
    }

    public var description: String { "\(dtype)\(shape)" }
}

/// Operands that do not fit an operation.
public struct ShapeError: Error, Sendable, Hashable, CustomStringConvertible {
    public var operation: String
    public var problem: String
    public var operands: [TensorType]

    public init(_ operation: String, _ problem: String, _ operands: [TensorType]) {
        self.operation = operation
        self.problem = problem
        self.operands = operands
    }

    public var description: String {
        "\(operation): \(problem); operands: \(operands.map(\.description).joined(separator: ", "))"
    }
}
