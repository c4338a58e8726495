import CKernels
import EspalierGraph

extension Unary {
    /// The instruction for operands of `dtype`.
    func opcode(_ dtype: DType) -> espalier_opcode {
        if dtype == .int32 {
            switch operation {
            case .negate: return espalier_integer_negate
            case .absolute: return espalier_integer_absolute
            case .sign: return espalier_integer_sign
            case .square: return espalier_integer_square
            case .relu: return espalier_integer_relu
            default: fatalError("\(operation) of whole numbers")
            }
        }
        switch operation {
        case .negate: return espalier_negate
        case .absolute: return espalier_absolute
        case .sign: return espalier_sign
        case .exponential: return espalier_exponential
        case .exponentialMinusOne: return espalier_exponential_minus_one
        case .logarithm: return espalier_logarithm
        case .logarithmOnePlus: return espalier_logarithm_one_plus
        case .squareRoot: return espalier_square_root
        case .reciprocalSquareRoot: return espalier_reciprocal_square_root
        case .reciprocal: return espalier_reciprocal
        case .square: return espalier_square
        case .sine: return espalier_sine
        case .cosine: return espalier_cosine
        case .tanh: return espalier_hyperbolic_tangent
        case .sigmoid: return espalier_sigmoid
        case .relu: return espalier_relu
        case .errorFunction: return espalier_error_function
        case .floor: return espalier_floor
        case .ceiling: return espalier_ceiling
        case .round: return espalier_round
        case .logicalNot: return espalier_logical_not
        }
    }
}

extension Binary {
    /// The instruction for operands of `dtype`.
    func opcode(_ dtype: DType) -> espalier_opcode {
        if dtype == .int32 {
            switch operation {
            case .add: return espalier_integer_add
            case .subtract: return espalier_integer_subtract
            case .multiply: return espalier_integer_multiply
            case .maximum: return espalier_integer_maximum
            case .minimum: return espalier_integer_minimum
            case .equal: return espalier_integer_equal
            case .notEqual: return espalier_integer_not_equal
            case .less: return espalier_integer_less
            case .lessOrEqual: return espalier_integer_less_or_equal
            case .greater: return espalier_integer_greater
            case .greaterOrEqual: return espalier_integer_greater_or_equal
            default: fatalError("\(operation) of whole numbers")
            }
        }
        switch operation {
        case .add: return espalier_add
        case .subtract: return espalier_subtract
        case .multiply: return espalier_multiply
        case .divide: return espalier_divide
        case .power: return espalier_power
        case .maximum: return espalier_maximum
        case .minimum: return espalier_minimum
        case .equal: return espalier_equal
        case .notEqual: return espalier_not_equal
        case .less: return espalier_less
        case .lessOrEqual: return espalier_less_or_equal
        case .greater: return espalier_greater
        case .greaterOrEqual: return espalier_greater_or_equal
        case .logicalAnd: return espalier_logical_and
        case .logicalOr: return espalier_logical_or
        }
    }
}

extension Reduce.Operation {
    /// The instruction that reduces along rows.
    var rowOpcode: espalier_opcode {
        switch self {
        case .sum: espalier_row_sum
        case .maximum: espalier_row_maximum
        case .minimum: espalier_row_minimum
        }
    }
}
