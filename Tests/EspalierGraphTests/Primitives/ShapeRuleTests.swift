import Testing

@testable import EspalierGraph

/// Operands that do not fit, and shapes that broadcast as NumPy's do.
@Suite struct ShapeRuleTests {
    private static func error(_ primitive: any Primitive, _ types: TensorType...) -> String? {
        do throws(ShapeError) {
            _ = try Tensor(applying: primitive, to: types.map { .input("x", $0.shape, $0.dtype) })
            return nil
        } catch {
            return error.description
        }
    }

    private static let vector = TensorType([3]), matrix = TensorType([2, 3])
    private static let integers = TensorType([3], .int32), truths = TensorType([3], .bool)

    @Test func broadcasting() {
        // numpy.broadcast_shapes
        let cases: [(Shape, Shape, Shape?)] = [
            ([], [], []), ([], [3], [3]), ([3], [2, 3], [2, 3]), ([2, 1], [1, 3], [2, 3]), ([2, 3], [3, 2], nil),
            ([1], [0], [0]), ([0], [2], nil), ([5, 1, 4, 1], [3, 1, 2], [5, 3, 4, 2]), ([4], [3], nil),
        ]
        for (first, second, result) in cases {
            #expect(first.broadcast(with: second) == result)
            #expect(second.broadcast(with: first) == result)
        }
    }

    @Test func errorsNameOperationAndOperands() {
        let message = Self.error(Binary(operation: .add), Self.vector, Self.matrix)
        #expect(message == "add: shapes do not broadcast to one another; operands: float32[3], float32[2, 3]")
    }

    @Test func operandsThatDoNotFit() {
        let v = Self.vector, m = Self.matrix, i = Self.integers, b = Self.truths
        #expect(Self.error(Binary(operation: .add), v, i) != nil)
        #expect(Self.error(Binary(operation: .add), b, b) != nil)
        #expect(Self.error(Binary(operation: .divide), i, i) != nil)
        #expect(Self.error(Binary(operation: .logicalAnd), v, v) != nil)
        #expect(Self.error(Unary(operation: .exponential), i) != nil)
        #expect(Self.error(Unary(operation: .logicalNot), v) != nil)
        #expect(Self.error(Unary(operation: .negate), b) != nil)
        #expect(Self.error(Select(), v, v, v) != nil)
        #expect(Self.error(Select(), b, v, i) != nil)
        #expect(Self.error(Select(), b, m, m) != nil)
        #expect(Self.error(Reduce(operation: .sum, axes: [1]), v) != nil)
        #expect(Self.error(Reduce(operation: .sum, axes: [0, 0]), m) != nil)
        #expect(Self.error(Reduce(operation: .sum, axes: [0]), i) != nil)
        #expect(Self.error(Reshape(shape: [4]), v) != nil)
        #expect(Self.error(Transpose(order: [0, 0]), m) != nil)
        #expect(Self.error(Transpose(order: [0]), m) != nil)
        #expect(Self.error(Broadcast(shape: [4]), v) != nil)
        #expect(Self.error(Broadcast(shape: [3]), m) != nil)
        #expect(Self.error(Slice(starts: [1], counts: [3], steps: [1]), v) != nil)
        #expect(Self.error(Slice(starts: [0], counts: [2], steps: [3]), v) != nil)
        #expect(Self.error(Slice(starts: [5], counts: [0], steps: [1]), v) != nil)
        #expect(Self.error(Slice(starts: [0], counts: [1], steps: [0]), v) != nil)
        #expect(Self.error(Slice(starts: [0], counts: [1], steps: [1]), m) != nil)
        #expect(Self.error(Pad(before: [-1], after: [0], between: [0], value: 0), v) != nil)
        #expect(Self.error(Pad(before: [1], after: [0], between: [0], value: 0), m) != nil)
        #expect(Self.error(Concatenate(axis: 0), v, m) != nil)
        #expect(Self.error(Concatenate(axis: 1), v, v) != nil)
        #expect(Self.error(Concatenate(axis: 0), v, i) != nil)
        #expect(Self.error(Concatenate(axis: 0)) != nil)
        #expect(Self.error(Gather(axis: 1), v, i) != nil)
        #expect(Self.error(Gather(axis: 0), v, v) != nil)
        #expect(Self.error(ScatterAdd(axis: 0, extent: 4), m, i) != nil)
        #expect(Self.error(MatrixMultiply(transposeFirst: false, transposeSecond: false), m, m) != nil)
        #expect(Self.error(MatrixMultiply(transposeFirst: false, transposeSecond: true), m, m) == nil)
        #expect(Self.error(MatrixMultiply(transposeFirst: false, transposeSecond: false), v, v) != nil)
        #expect(Self.error(Softmax(isLogarithmic: false), TensorType([])) != nil)
        #expect(Self.error(CrossEntropy(), m, i) != nil)
        #expect(Self.error(CrossEntropy(), m, TensorType([2])) != nil)
        #expect(Self.error(ArgumentMaximum(), TensorType([2, 0])) != nil)
        #expect(Self.error(RandomUniform(shape: [2], stream: 0), i) != nil)
        #expect(Self.error(Iota(shape: [2], axis: 1)) != nil)
        #expect(Self.error(Constant(value: 0.5, dtype: .int32)) != nil)
        #expect(Self.error(Constant(value: 3e9, dtype: .int32)) != nil)
    }

    @Test func recurrencesThatDoNotFit() {
        let projection = TensorType([5, 2, 12]), weight = TensorType([12, 3]), state = TensorType([2, 3])
        let bias = TensorType([3])
        #expect(Self.error(Recurrence(.lstm), projection, weight, state, state) == nil)
        #expect(
            Self.error(Recurrence(.lstm), projection, weight, state)
                == "lstm over time: needs 4 float32 operands, the first [T, B, 4 H] with T >= 1; operands: "
                + "float32[5, 2, 12], float32[12, 3], float32[2, 3]")
        #expect(Self.error(Recurrence(.lstm), projection, weight, state, bias) != nil)
        #expect(Self.error(Recurrence(.lstm), TensorType([0, 2, 12]), weight, state, state) != nil)
        #expect(Self.error(Recurrence(.gru), projection, weight, bias, state) != nil)
        #expect(Self.error(Recurrence(.gru), TensorType([5, 2, 9]), TensorType([9, 3]), bias, state) == nil)
        #expect(Self.error(Recurrence(.tanh), TensorType([5, 2, 3]), TensorType([3, 3]), state) == nil)
        let gradient = RecurrenceGradient(of: Recurrence(.tanh))
        let operands = [TensorType([5, 2, 3]), TensorType([3, 3]), state]
        let cotangents = [TensorType([5, 2, 3]), state]
        #expect((try? gradient.resultType(of: operands + [TensorType([36])] + cotangents)) == TensorType([36]))
        #expect((try? gradient.resultType(of: operands + [TensorType([35])] + cotangents)) == nil)
        #expect((try? gradient.resultType(of: operands + cotangents)) == nil)
    }
}
