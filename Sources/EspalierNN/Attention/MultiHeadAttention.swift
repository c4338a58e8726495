import EspalierGraph
import EspalierSpec

/// Attention of a sequence to itself, by several heads that each look at a projection of their own.
///
///     Q, K, V = x W^T + b, cut into heads of width D = width / heads
///     y = dropout([softmax(Q K^T / sqrt(D)) V for every head] W_out^T + b_out)
///
/// Shapes: x and y [N, S, width]; W (`in_proj_weight`) [3 width, width], b (`in_proj_bias`) [3 width]; `out_proj` is
/// linear. Names and first values are PyTorch's. Dropout is of the output, not of the softmax, whose values are never in
/// memory.
///
/// Source: Vaswani et al. 2017, "Attention is all you need".
///
/// Use it where every step of a sequence may depend on any other; not for long sequences with only near dependences,
/// since its cost grows with the square of the length. It does not know the order: positions have to be added.
public final class MultiHeadAttention: Layer {
    @Parameter public var inProjWeight: Tensor
    /// Nothing without `bias`.
    public let inProjBias: Parameter?
    public let outProj: Linear
    public let dropout: Dropout
    public let heads: Int
    /// Whether step i sees the steps 0...i alone.
    public let isCausal: Bool

    /// - Parameters:
    ///   - width: Values at a step; a multiple of `heads`.
    ///   - heads: How many heads there are.
    ///   - isCausal: Whether step i sees the steps 0...i alone.
    ///   - dropout: Share of the output that is dropped while training.
    ///   - bias: Whether the projections have biases.
    public init(_ width: Int, heads: Int, isCausal: Bool = false, dropout: Double = 0, bias: Bool = true) {
        precondition(
            heads > 0 && width % heads == 0, "attention: a width of \(width) cannot be cut into \(heads) heads")
        _inProjWeight = Parameter([3 * width, width], XavierUniform())
        inProjBias = bias ? Parameter([3 * width], Zeros(), role: .bias) : nil
        // PyTorch draws from U(-1/sqrt(in), 1/sqrt(in)).
        let bound = 1 / Double(width).squareRoot()
        outProj = Linear(width, width, bias: bias, initializer: Uniform(low: -bound, high: bound))
        self.dropout = Dropout(p: dropout)
        self.heads = heads
        self.isCausal = isCausal
    }

    public func forward(_ x: Tensor) -> Tensor { attended(x, .none) }

    /// The same with keys that are hidden or less seen.
    public func callAsFunction(_ x: Tensor, mask: Tensor.AttentionMask) -> Tensor {
        let y = attended(x, mask)
        LayerCall.note(self, x, y)
        return y
    }

    private func attended(_ x: Tensor, _ mask: Tensor.AttentionMask) -> Tensor {
        let width = inProjWeight.shape[1]
        precondition(x.rank == 3 && x.shape[2] == width, "attention of width \(width), and \(x.shape) arrives")
        return self(rows: x.reshaped(to: [x.shape[0] * x.shape[1], width]), length: x.shape[1], mask: mask)
            .reshaped(to: x.shape)
    }

    /// Of sequences of `length` steps that are written as rows: [N S, width] to [N S, width].
    func callAsFunction(rows x: Tensor, length: Int, mask: Tensor.AttentionMask = .none) -> Tensor {
        let width = x.shape[1]
        var projection = x.matmul(inProjWeight, transposeSecond: true)
        if let inProjBias { projection = projection + inProjBias.wrappedValue }
        let parts = projection.reshaped(to: [x.shape[0] / length, length, 3, heads, width / heads])
        let attended = Tensor.selfAttention(parts, mask: mask, isCausal: isCausal)
        return dropout(outProj(attended.reshaped(to: x.shape)))
    }

    public var children: [(name: String, layer: any Layer)] { [("out_proj", outProj), ("dropout", dropout)] }

    public var description: String {
        "MultiHeadAttention(\(inProjWeight.shape[1]), heads: \(heads)\(isCausal ? ", causal" : "")"
            + "\(dropout.p > 0 ? ", dropout: \(dropout.p)" : "")\(inProjBias == nil ? ", bias: false" : ""))"
    }
}

/// `multiHeadAttention: {heads: 8}` in a configuration.
public struct MultiHeadAttentionSpecification: LayerSpecification {
    public var heads = 1
    public var causal = false
    public var dropout = 0.0
    public var bias = true

    public static let kind = LayerKind.layer
    public static let name = "multiHeadAttention"
    public static let summary = "Attention of a sequence [length, features] to itself"
    public static let fields = [
        Field("heads", \Self.heads, "heads, each of features / heads values", required: true, in: 1...),
        Field("causal", \Self.causal, "whether a step sees only itself and those before it"),
        Field("dropout", \Self.dropout, "share of the output dropped while training", in: 0..<1),
        Field("bias", \Self.bias, "whether the projections have biases"),
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        let width = try context.width(heads: heads, Self.name)
        try context.checkSize(3 * width, width)
        return MultiHeadAttention(width, heads: heads, isCausal: causal, dropout: dropout, bias: bias)
    }
}

extension LayerContext {
    /// The width of the sequences that arrive, which `heads` must divide.
    func width(heads: Int, _ name: String) throws -> Int {
        let width = try sequence(name).width
        guard width % heads == 0 else {
            throw EspalierError(
                "\(name) with \(heads) heads on \(width) features", expected: "heads that divide the features evenly",
                fix: "heads: \((1...heads).last { width % $0 == 0 } ?? 1)")
        }
        return width
    }
}
