/// Products of matrices: over equal leading (batch) axes, [M, K] times [K, N] is [M, N].
///
/// Either operand may be stored transposed, [K, M] or [N, K].
public struct MatrixMultiply: Primitive {
    public let transposeFirst: Bool
    public let transposeSecond: Bool

    public var description: String {
        "matrix multiply\(transposeFirst ? " (first transposed)" : "")\(transposeSecond ? " (second transposed)" : "")"
    }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        let first = inputs[0].shape.dimensions, second = inputs[1].shape.dimensions
        guard inputs.allSatisfy({ $0.dtype == .float32 }) else {
            throw ShapeError("matrix multiply", "needs float32 operands", inputs)
        }
        guard first.count >= 2, first.count == second.count, first.dropLast(2) == second.dropLast(2) else {
            throw ShapeError("matrix multiply", "needs matrices, or stacks of them with equal leading axes", inputs)
        }
        let (m, k) = Self.rowsAndColumns(first, transposeFirst)
        let (inner, n) = Self.rowsAndColumns(second, transposeSecond)
        guard k == inner else {
            throw ShapeError(description, "\(k) columns of the first meet \(inner) rows of the second", inputs)
        }
        return TensorType(Shape(first.dropLast(2) + [m, n]))
    }

    private static func rowsAndColumns(_ dimensions: [Int], _ transposed: Bool) -> (Int, Int) {
        let rows = dimensions[dimensions.count - 2], columns = dimensions[dimensions.count - 1]
        return transposed ? (columns, rows) : (rows, columns)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        let (m, k) = Self.rowsAndColumns(inputs[0].shape.dimensions, transposeFirst)
        let n = type.shape.dimensions.last!
        let a = inputs[0].values, b = inputs[1].values
        var result = ReferenceArray(type.shape, repeating: 0)
        for batch in 0..<(m * n == 0 ? 0 : type.shape.count / (m * n)) {
            for row in 0..<m {
                for column in 0..<n {
                    var sum = 0.0
                    for inner in 0..<k {
                        let first = transposeFirst ? inner * m + row : row * k + inner
                        let second = transposeSecond ? column * k + inner : inner * n + column
                        sum += a[batch * m * k + first] * b[batch * k * n + second]
                    }
                    result.values[(batch * m + row) * n + column] = sum
                }
            }
        }
        return result
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let a = inputs[0], b = inputs[1], g = cotangent
        let first =
            transposeFirst
            ? Tensor.multiply(b, g, transposeFirst: transposeSecond, transposeSecond: true)
            : Tensor.multiply(g, b, transposeFirst: false, transposeSecond: !transposeSecond)
        let second =
            transposeSecond
            ? Tensor.multiply(g, a, transposeFirst: true, transposeSecond: transposeFirst)
            : Tensor.multiply(a, g, transposeFirst: !transposeFirst, transposeSecond: false)
        return [first, second]
    }
}

extension Tensor {
    static func multiply(_ a: Tensor, _ b: Tensor, transposeFirst: Bool, transposeSecond: Bool) -> Tensor {
        .apply(MatrixMultiply(transposeFirst: transposeFirst, transposeSecond: transposeSecond), [a, b])
    }

    /// The matrix product [..., M, K] x [..., K, N] = [..., M, N].
    ///
    /// Leading axes broadcast. `transposeFirst` and `transposeSecond` take the operand's last two axes exchanged.
    public func matmul(_ other: Tensor, transposeFirst: Bool = false, transposeSecond: Bool = false) -> Tensor {
        var a = self, b = other
        if rank >= 2, other.rank >= 2, rank > 2 || other.rank > 2 {
            let leading = Shape(Array(shape.dimensions.dropLast(2)))
                .broadcast(with: Shape(Array(other.shape.dimensions.dropLast(2))))
            if let leading {
                a = a.broadcast(to: Shape(leading.dimensions + shape.dimensions.suffix(2)))
                b = b.broadcast(to: Shape(leading.dimensions + other.shape.dimensions.suffix(2)))
            }
        }
        return .multiply(a, b, transposeFirst: transposeFirst, transposeSecond: transposeSecond)
    }
}
