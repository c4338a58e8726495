import Foundation

/// An element-wise function of two operands of one shape.
public struct Binary: Primitive {
    public enum Operation: String, Sendable, CaseIterable {
        case add, subtract, multiply, divide, power, maximum, minimum
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
        case logicalAnd, logicalOr

        /// Whether the result is a truth value.
        public var isPredicate: Bool {
            switch self {
            case .add, .subtract, .multiply, .divide, .power, .maximum, .minimum: false
            default: true
            }
        }

        func takes(_ dtype: DType) -> Bool {
            switch self {
            case .logicalAnd, .logicalOr: dtype == .bool
            case .divide, .power: dtype == .float32
            case .equal, .notEqual: true
            default: dtype != .bool
            }
        }
    }

    public let operation: Operation

    public var description: String { operation.rawValue }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        guard inputs[0].shape == inputs[1].shape else {
            throw ShapeError(description, "shapes do not broadcast to one another", inputs)
        }
        guard inputs[0].dtype == inputs[1].dtype else {
            throw ShapeError(description, "both operands must have one element type; cast one of them", inputs)
        }
        guard operation.takes(inputs[0].dtype) else {
            throw ShapeError(description, "is not defined for \(inputs[0].dtype); cast the operands first", inputs)
        }
        return operation.isPredicate ? TensorType(inputs[0].shape, .bool) : inputs[0]
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        ReferenceArray(type.shape, zip(inputs[0].values, inputs[1].values).map { value(at: $0, $1) })
    }

    /// The function itself.
    func value(at a: Double, _ b: Double) -> Double {
        func truth(_ condition: Bool) -> Double { condition ? 1 : 0 }
        switch operation {
        case .add: return a + b
        case .subtract: return a - b
        case .multiply: return a * b
        case .divide: return a / b
        case .power: return pow(a, b)
        case .maximum: return a.isNaN || b.isNaN ? .nan : max(a, b)
        case .minimum: return a.isNaN || b.isNaN ? .nan : min(a, b)
        case .equal: return truth(a == b)
        case .notEqual: return truth(a != b)
        case .less: return truth(a < b)
        case .lessOrEqual: return truth(a <= b)
        case .greater: return truth(a > b)
        case .greaterOrEqual: return truth(a >= b)
        case .logicalAnd: return truth(a != 0 && b != 0)
        case .logicalOr: return truth(a != 0 || b != 0)
        }
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output y: Tensor) -> [Tensor?] {
        let a = inputs[0], b = inputs[1], g = cotangent
        switch operation {
        case .add: return [g, g]
        case .subtract: return [g, -g]
        case .multiply: return [g * b, g * a]
        case .divide: return [g / b, -g * y / b]
        case .power:
            // Where a is zero the derivative by b is zero too, not 0 log 0; where b is zero that by a, not 0 / a. Where
            // a is negative there is none by b, as the power exists for whole b alone: NaN, as in PyTorch.
            let logarithm = Tensor.select((a .== 0) .& (b .>= 0), 1, a).log()
            return [.select(b .== 0, 0, g * b * a.power(b - 1)), g * y * logarithm]
        case .maximum: return Binary.shared(g, between: a, b, first: a .> b)
        case .minimum: return Binary.shared(g, between: a, b, first: a .< b)
        default: return [nil, nil]
        }
    }

    /// The cotangent goes to the chosen operand; equal operands get half each.
    private static func shared(_ g: Tensor, between a: Tensor, _ b: Tensor, first: Tensor) -> [Tensor?] {
        let half = g * 0.5
        return [
            Tensor.select(a .== b, half, Tensor.select(first, g, 0)),
            Tensor.select(a .== b, half, Tensor.select(first, 0, g)),
        ]
    }
}

extension Tensor {
    private static func binary(_ operation: Binary.Operation, _ a: Tensor, _ b: Tensor) -> Tensor {
        let (a, b) = unified(a, b)
        guard let shape = a.shape.broadcast(with: b.shape) else { return .apply(Binary(operation: operation), [a, b]) }
        return .apply(Binary(operation: operation), [a.broadcast(to: shape), b.broadcast(to: shape)])
    }

    /// A literal beside whole numbers is meant as a whole number.
    static func unified(_ a: Tensor, _ b: Tensor) -> (Tensor, Tensor) {
        func retyped(_ x: Tensor, _ dtype: DType) -> Tensor {
            guard x.dtype == .float32, dtype == .int32, x.rank == 0, let value = x.constantValue,
                value == value.rounded()
            else { return x }
            return Tensor(value, .int32)
        }
        return (retyped(a, b.dtype), retyped(b, a.dtype))
    }

    public static func + (a: Tensor, b: Tensor) -> Tensor { binary(.add, a, b) }
    public static func - (a: Tensor, b: Tensor) -> Tensor { binary(.subtract, a, b) }
    public static func * (a: Tensor, b: Tensor) -> Tensor { binary(.multiply, a, b) }
    public static func / (a: Tensor, b: Tensor) -> Tensor { binary(.divide, a, b) }
    public static func + (a: Tensor, b: Double) -> Tensor { a + Tensor(b) }
    public static func - (a: Tensor, b: Double) -> Tensor { a - Tensor(b) }
    public static func * (a: Tensor, b: Double) -> Tensor { a * Tensor(b) }
    public static func / (a: Tensor, b: Double) -> Tensor { a / Tensor(b) }
    public static func + (a: Double, b: Tensor) -> Tensor { Tensor(a) + b }
    public static func - (a: Double, b: Tensor) -> Tensor { Tensor(a) - b }
    public static func * (a: Double, b: Tensor) -> Tensor { Tensor(a) * b }
    public static func / (a: Double, b: Tensor) -> Tensor { Tensor(a) / b }

    public static func .== (a: Tensor, b: Tensor) -> Tensor { binary(.equal, a, b) }
    public static func .!= (a: Tensor, b: Tensor) -> Tensor { binary(.notEqual, a, b) }
    public static func .< (a: Tensor, b: Tensor) -> Tensor { binary(.less, a, b) }
    public static func .<= (a: Tensor, b: Tensor) -> Tensor { binary(.lessOrEqual, a, b) }
    public static func .> (a: Tensor, b: Tensor) -> Tensor { binary(.greater, a, b) }
    public static func .>= (a: Tensor, b: Tensor) -> Tensor { binary(.greaterOrEqual, a, b) }
    public static func .& (a: Tensor, b: Tensor) -> Tensor { binary(.logicalAnd, a, b) }
    public static func .| (a: Tensor, b: Tensor) -> Tensor { binary(.logicalOr, a, b) }

    /// a^b.
    public func power(_ exponent: Tensor) -> Tensor { .binary(.power, self, exponent) }
    /// The larger of both, element by element; NaN where either is.
    public static func maximum(_ a: Tensor, _ b: Tensor) -> Tensor { binary(.maximum, a, b) }
    /// The smaller of both, element by element; NaN where either is.
    public static func minimum(_ a: Tensor, _ b: Tensor) -> Tensor { binary(.minimum, a, b) }
}

infix operator .== : ComparisonPrecedence
infix operator .!= : ComparisonPrecedence
infix operator .< : ComparisonPrecedence
infix operator .<= : ComparisonPrecedence
infix operator .> : ComparisonPrecedence
infix operator .>= : ComparisonPrecedence
infix operator .& : LogicalConjunctionPrecedence
infix operator .| : LogicalDisjunctionPrecedence
