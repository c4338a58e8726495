import Foundation

/// An element-wise function of one operand.
public struct Unary: Primitive {
    public enum Operation: String, Sendable, CaseIterable {
        case negate, absolute, sign
        case exponential, exponentialMinusOne, logarithm, logarithmOnePlus
        case squareRoot, reciprocalSquareRoot, reciprocal, square
        case sine, cosine, tanh, sigmoid, relu, errorFunction
        case floor, ceiling, round
        case logicalNot

        /// Whether whole numbers have this function.
        var takesIntegers: Bool {
            switch self {
            case .negate, .absolute, .sign, .square, .relu: true
            default: false
            }
        }
    }

    public let operation: Operation

    public var description: String { operation.rawValue }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        let fits =
            switch inputs[0].dtype {
            case .float32: operation != .logicalNot
            case .int32: operation.takesIntegers
            case .bool: operation == .logicalNot
            }
        guard fits else {
            throw ShapeError(description, "is not defined for \(inputs[0].dtype); cast the operand first", inputs)
        }
        return inputs[0]
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        ReferenceArray(type.shape, inputs[0].values.map(value(at:)))
    }

    /// The function itself.
    func value(at x: Double) -> Double {
        switch operation {
        case .negate: -x
        case .absolute: abs(x)
        case .sign: x > 0 ? 1 : x < 0 ? -1 : x
        case .exponential: exp(x)
        case .exponentialMinusOne: expm1(x)
        case .logarithm: log(x)
        case .logarithmOnePlus: log1p(x)
        case .squareRoot: x.squareRoot()
        case .reciprocalSquareRoot: 1 / x.squareRoot()
        case .reciprocal: 1 / x
        case .square: x * x
        case .sine: sin(x)
        case .cosine: cos(x)
        case .tanh: Foundation.tanh(x)
        case .sigmoid: x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x))
        case .relu: x.isNaN ? x : max(x, 0)
        case .errorFunction: erf(x)
        case .floor: x.rounded(.down)
        case .ceiling: x.rounded(.up)
        case .round: x.rounded(.toNearestOrEven)
        case .logicalNot: x == 0 ? 1 : 0
        }
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output y: Tensor) -> [Tensor?] {
        let x = inputs[0], g = cotangent
        switch operation {
        case .negate: return [-g]
        case .absolute: return [g * x.sign()]
        case .exponential: return [g * y]
        case .exponentialMinusOne: return [g * (y + 1)]
        case .logarithm: return [g / x]
        case .logarithmOnePlus: return [g / (x + 1)]
        case .squareRoot: return [g * 0.5 / y]
        case .reciprocalSquareRoot: return [g * -0.5 * y / x]
        case .reciprocal: return [-g * y.squared()]
        case .square: return [g * 2 * x]
        case .sine: return [g * x.cos()]
        case .cosine: return [-g * x.sin()]
        case .tanh: return [g * (1 - y.squared())]
        case .sigmoid: return [g * y * (1 - y)]
        case .relu: return [Tensor.select(y .> 0, g, 0)]
        case .errorFunction: return [g * (2 / Double.pi.squareRoot()) * (-x.squared()).exp()]
        case .sign, .floor, .ceiling, .round, .logicalNot: return [nil]
        }
    }
}

extension Tensor {
    private func unary(_ operation: Unary.Operation) -> Tensor { .apply(Unary(operation: operation), [self]) }

    public static prefix func - (x: Tensor) -> Tensor { x.unary(.negate) }
    /// Negation of a truth value.
    public static prefix func .! (x: Tensor) -> Tensor { x.unary(.logicalNot) }

    /// The magnitude |x|; the derivative at zero is zero.
    public func abs() -> Tensor { unary(.absolute) }
    /// -1, 0 or 1.
    public func sign() -> Tensor { unary(.sign) }
    /// e^x.
    public func exp() -> Tensor { unary(.exponential) }
    /// exp(x) - 1, accurate near zero.
    public func expm1() -> Tensor { unary(.exponentialMinusOne) }
    /// The natural logarithm.
    public func log() -> Tensor { unary(.logarithm) }
    /// log(1 + x), accurate near zero.
    public func log1p() -> Tensor { unary(.logarithmOnePlus) }
    /// The square root.
    public func sqrt() -> Tensor { unary(.squareRoot) }
    /// 1 / sqrt(x).
    public func rsqrt() -> Tensor { unary(.reciprocalSquareRoot) }
    /// 1 / x.
    public func reciprocal() -> Tensor { unary(.reciprocal) }
    /// x^2.
    public func squared() -> Tensor { unary(.square) }
    /// The sine of x in radians.
    public func sin() -> Tensor { unary(.sine) }
    /// The cosine of x in radians.
    public func cos() -> Tensor { unary(.cosine) }
    /// The hyperbolic tangent.
    public func tanh() -> Tensor { unary(.tanh) }
    /// 1 / (1 + exp(-x)).
    public func sigmoid() -> Tensor { unary(.sigmoid) }
    /// max(x, 0); the derivative at zero is zero.
    public func relu() -> Tensor { unary(.relu) }
    /// The error function 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.
    public func erf() -> Tensor { unary(.errorFunction) }
    /// To the next whole number below.
    public func floor() -> Tensor { unary(.floor) }
    /// To the next whole number above.
    public func ceil() -> Tensor { unary(.ceiling) }
    /// To the nearest whole number, halves to the even one.
    public func round() -> Tensor { unary(.round) }
}

prefix operator .!
