import EspalierGraph
import EspalierSpec

/// Normal numbers of which a share in each column is zero, as PyTorch's `sparse_`.
///
/// A weight [out, in]: of what each input reaches, a share of `sparsity`, rounded up, is zero, at random; the rest is
/// N(0, std^2).
///
/// Source: Martens 2010, "Deep learning via Hessian-free optimization".
///
/// Use it for wide layers whose neurons are to differ from the start; not where the variance of values has to be kept:
/// `std` is for whoever chooses it to see to.
public struct Sparse: Initializer {
    /// The share of each column that is zero.
    public var sparsity = 0.0
    /// The standard deviation of the others.
    public var std = 0.01

    public static let name = "sparse"
    public static let summary = "Normal numbers, a share of each column zero, for weights of two axes"
    public static let fields = [
        Field("sparsity", \Self.sparsity, "share of each column that is zero", required: true, in: 0...1),
        Field("std", \Self.std, "standard deviation of the others", in: .positive),
    ]

    public init() {}
    public init(sparsity: Double, std: Double = 0.01) {
        self.sparsity = sparsity
        self.std = std
    }

    public func check(_ shape: Shape) throws {
        guard shape.rank == 2 else {
            throw EspalierError("sparse draws matrices, and the weight is \(shape)", expected: "a weight of two axes")
        }
    }

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor {
        let rows = shape[0], columns = shape[1]
        let zeros = Int((sparsity * Double(rows)).rounded(.up))
        var random = RandomStream(key: key)
        var values = (0..<shape.count).map { _ in Float(std * random.normal()) }
        for column in 0..<columns {
            for row in (0..<rows).shuffled(using: &random).prefix(zeros) { values[row * columns + column] = 0 }
        }
        return Tensor(values, shape)
    }
}
