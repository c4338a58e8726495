import EspalierGraph

/// One way of using a primitive, from which its checks follow: derivatives of first and second order, and the
/// engine's result against the reference.
public struct PrimitiveCase: Sendable, CustomStringConvertible {
    /// Where an operand's elements are drawn from.
    public enum Values: Sendable {
        case uniform(ClosedRange<Double>)
        /// Either sign, the magnitude in the range: away from what happens at zero.
        case signed(ClosedRange<Double>)
        /// No two alike; those of another offset are others.
        case distinct(offset: Double)
        /// Further than 0.1 from whole numbers and from halves.
        case betweenHalves
        /// Whole numbers from zero on, as int32.
        case indices(below: Int)
    }

    public enum Shapes: Sendable {
        /// One shape for all operands, of at least so many axes.
        case any(rank: Int)
        /// A shape for each operand.
        case fixed([Shape])
    }

    public var name: String
    public var values: [Values]
    public var shapes: Shapes
    /// Whether central differences mean something.
    public var isDifferentiable: Bool
    public var function: @Sendable ([Tensor]) -> Tensor

    public var description: String { name }

    public init(
        _ name: String, _ values: Values..., rank: Int = 0, shapes: [Shape]? = nil, isDifferentiable: Bool = true,
        function: @escaping @Sendable ([Tensor]) -> Tensor
    ) {
        self.name = name
        self.values = values
        self.shapes = shapes.map { .fixed($0) } ?? .any(rank: rank)
        self.isDifferentiable = isDifferentiable
        self.function = function
    }

    /// The shapes of the operands: these, or `shape` for each; nothing where `shape` has too few axes.
    public func operandShapes(_ shape: Shape) -> [Shape]? {
        switch shapes {
        case .fixed(let shapes): shapes
        case .any(let rank): shape.rank >= rank ? values.map { _ in shape } : nil
        }
    }

    /// Values for the operands, each representable in single precision.
    public func operands(_ shapes: [Shape], _ random: inout RandomStream) -> [ReferenceArray] {
        zip(values, shapes).map { $0.draw($1, &random) }
    }

    /// Applies the function to the operands that are floating point; indices are data.
    public func applied(_ variables: [Tensor], data: [ReferenceArray]) -> Tensor {
        var variables = variables[...]
        return function(
            zip(values, data).map { values, data in
                values.isIndices ? Tensor(data.values.map { Int32($0) }, data.shape) : variables.removeFirst()
            })
    }
}

extension PrimitiveCase.Values {
    public var isIndices: Bool { if case .indices = self { true } else { false } }

    func draw(_ shape: Shape, _ random: inout RandomStream) -> ReferenceArray {
        func values(_ next: (inout RandomStream) -> Double) -> [Double] {
            (0..<shape.count).map { _ in Double(Float(next(&random))) }
        }
        switch self {
        case .uniform(let range):
            return ReferenceArray(
                shape, values { range.lowerBound + (range.upperBound - range.lowerBound) * $0.uniform() })
        case .signed(let range):
            return ReferenceArray(
                shape,
                values {
                    let magnitude = range.lowerBound + (range.upperBound - range.lowerBound) * $0.uniform()
                    return Bool.random(using: &$0) ? magnitude : -magnitude
                })
        case .distinct(let offset):
            let grid = (0..<shape.count).map { Double(Float(Double($0 - shape.count / 2) * 0.125 + offset)) }
            return ReferenceArray(shape, grid.shuffled(using: &random))
        case .betweenHalves:
            return ReferenceArray(
                shape, values { Double(Int.random(in: -6..<6, using: &$0)) / 2 + 0.1 + 0.3 * $0.uniform() })
        case .indices(let bound):
            return ReferenceArray(shape, values { Double(Int.random(in: 0..<bound, using: &$0)) })
        }
    }
}

extension Tensor {
    /// A leaf with the given values in single precision.
    public init(_ array: ReferenceArray) {
        self.init(array.values.map { Float($0) }, array.shape)
    }
}
