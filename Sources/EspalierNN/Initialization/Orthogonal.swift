import EspalierGraph
import EspalierSpec

/// Orthonormal rows or columns, whichever are fewer: every singular value is the gain.
///
/// A weight [out, in, ...] is taken as a matrix of `out` rows. It is the Q of A = Q R, where A is of standard normal
/// numbers and R has a positive diagonal; with that sign Q is uniform among all such matrices (Mezzadri 2007). So no
/// direction grows or shrinks at all, forward or backward, where others keep the mean over directions alone.
///
/// Source: Saxe, McClelland and Ganguli 2014, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
/// networks".
///
/// Use it for deep networks without normalisation, and recurrent weights; not where normalisation follows, which
/// rescales anyway.
public struct Orthogonal: Initializer {
    public var gain = 1.0

    public static let name = "orthogonal"
    public static let summary = "Orthonormal rows or columns times gain: all singular values are the gain"
    public static let fields = [Field("gain", \Self.gain, "factor on every value", in: .positive)]

    public init() {}
    public init(gain: Double) { self.gain = gain }

    public func check(_ shape: Shape) throws {
        guard shape.rank >= 2 else {
            throw EspalierError("orthogonal draws matrices, not \(shape)", expected: "a weight of two or more axes")
        }
    }

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor {
        let rows = shape[0], columns = rows == 0 ? 0 : shape.count / rows
        var random = RandomStream(key: key)
        let vectors = Self.orthonormal(min(rows, columns), length: max(rows, columns), &random)
        let matrix = Tensor(vectors.joined().map { Float(gain * $0) }, [min(rows, columns), max(rows, columns)])
        return (rows <= columns ? matrix : matrix.transposed()).reshaped(to: shape)
    }

    /// So many vectors, orthonormal and uniform among such, by the modified method of Gram and Schmidt.
    ///
    /// Dividing by a norm makes R's diagonal positive. Normal vectors lie apart far enough for the method to lose some five of
    /// sixteen digits, where seven are kept.
    private static func orthonormal(_ count: Int, length: Int, _ random: inout RandomStream) -> [[Double]] {
        typealias Lanes = SIMD8<Double>
        let width = Lanes.scalarCount
        var vectors = (0..<count).map { _ in
            var vector = [Lanes](repeating: .zero, count: (length + width - 1) / width)
            for index in 0..<length { vector[index / width][index % width] = random.normal() }
            return vector
        }
        func product(_ a: [Lanes], _ b: [Lanes]) -> Double {
            var sum = Lanes.zero
            for index in a.indices { sum += a[index] * b[index] }
            return sum.sum()
        }
        for index in vectors.indices {
            let inverse = 1 / product(vectors[index], vectors[index]).squareRoot()
            for place in vectors[index].indices { vectors[index][place] *= inverse }
            let unit = vectors[index]
            for other in vectors.indices.dropFirst(index + 1) {
                let share = product(unit, vectors[other])
                for place in unit.indices { vectors[other][place] -= share * unit[place] }
            }
        }
        return vectors.map { vector in (0..<length).map { vector[$0 / width][$0 % width] } }
    }
}
