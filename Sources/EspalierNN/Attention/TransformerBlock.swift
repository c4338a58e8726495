import EspalierGraph
import EspalierSpec

/// A block of a transformer: attention, then two linear maps at every step, each added to what came in.
///
///     before:  x = x + attention(norm1(x));  y = x + dropout(linear2(gelu(linear1(norm2(x)))))
///     after:   x = norm1(x + attention(x));  y = norm2(x + dropout(linear2(gelu(linear1(x)))))
///
/// Shapes: x and y [N, S, width]. Names are those of PyTorch's `TransformerEncoderLayer` (`self_attn`, `linear1`,
/// `linear2`, `norm1`, `norm2`), whose two further dropouts, of the softmax and after the activation, are not there.
///
/// Sources: Vaswani et al. 2017, "Attention is all you need" (normalisation after); Xiong et al. 2020, "On layer
/// normalization in the transformer architecture" (before).
///
/// Use it for sequences and much data, with `normalizeFirst` where there are many blocks; not for small data, on which
/// convolutions or recurrent layers do more.
public final class TransformerBlock: Layer {
    public let attention: MultiHeadAttention
    public let linear1, linear2: Linear
    public let norm1, norm2: LayerNorm
    public let dropout: Dropout
    /// Whether each part normalises what it reads, rather than the sum that it makes.
    public let normalizesFirst: Bool

    /// - Parameters:
    ///   - width: Values at a step; a multiple of `heads`.
    ///   - heads: Heads of the attention.
    ///   - hidden: Values between the two linear maps; four times the width if not given, as in the paper.
    ///   - isCausal: Whether step i sees the steps 0...i alone.
    ///   - dropout: Share of each part's output that is dropped while training; 0.1 as in the paper.
    ///   - normalizesFirst: Whether each part normalises what it reads, rather than the sum that it makes.
    public init(
        _ width: Int, heads: Int, hidden: Int? = nil, isCausal: Bool = false, dropout: Double = 0.1,
        normalizesFirst: Bool = true
    ) {
        attention = MultiHeadAttention(width, heads: heads, isCausal: isCausal, dropout: dropout)
        linear1 = Linear(width, hidden ?? 4 * width, initializer: XavierUniform())
        linear2 = Linear(hidden ?? 4 * width, width, initializer: XavierUniform())
        norm1 = LayerNorm(width)
        norm2 = LayerNorm(width)
        self.dropout = Dropout(p: dropout)
        self.normalizesFirst = normalizesFirst
    }

    public func forward(_ x: Tensor) -> Tensor {
        let width = linear1.weight.shape[1]
        precondition(x.rank == 3 && x.shape[2] == width, "a block of width \(width), and \(x.shape) arrives")
        // Steps of all samples as rows, so that what is added, normalised and multiplied has one shape throughout.
        let rows = x.reshaped(to: [x.shape[0] * x.shape[1], width]), length = x.shape[1]
        var y: Tensor
        if normalizesFirst {
            y = rows + attention(rows: norm1(rows), length: length)
            y = y + feedForward(norm2(y))
        } else {
            y = norm1(rows + attention(rows: rows, length: length))
            y = norm2(y + feedForward(y))
        }
        return y.reshaped(to: x.shape)
    }

    private func feedForward(_ x: Tensor) -> Tensor { dropout(linear2(linear1(x).gelu())) }

    public var children: [(name: String, layer: any Layer)] {
        [
            ("self_attn", attention), ("linear1", linear1), ("linear2", linear2), ("norm1", norm1), ("norm2", norm2),
            ("dropout", dropout),
        ]
    }

    public var description: String {
        let width = linear1.weight.shape[1], hidden = linear1.weight.shape[0]
        return "TransformerBlock(\(width), heads: \(attention.heads), hidden: \(hidden)"
            + "\(attention.isCausal ? ", causal" : "")\(dropout.p > 0 ? ", dropout: \(dropout.p)" : "")"
            + "\(normalizesFirst ? "" : ", normalizesFirst: false"))"
    }
}

/// `transformerBlock: {heads: 8}` in a configuration.
public struct TransformerBlockSpecification: LayerSpecification {
    public var heads = 1
    public var hidden: Int?
    public var causal = false
    public var dropout = 0.1
    public var normalizesFirst = true

    public static let kind = LayerKind.layer
    public static let name = "transformerBlock"
    public static let summary = "Attention and two linear maps, each added to what came in; on [length, features]"
    public static let fields = [
        Field(
            "heads", \Self.heads, "heads of the attention, each of features / heads values", required: true, in: 1...),
        Field("hidden", \Self.hidden, "values between the linear maps; null takes four times the features", in: 1...),
        Field("causal", \Self.causal, "whether a step sees only itself and those before it"),
        Field("dropout", \Self.dropout, "share of each part's output dropped while training", in: 0..<1),
        Field("normalizesFirst", \Self.normalizesFirst, "whether a part normalises what it reads, or the sum after it"),
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        let width = try context.width(heads: heads, Self.name)
        try context.checkSize(hidden ?? 4 * width, width)
        return TransformerBlock(
            width, heads: heads, hidden: hidden, isCausal: causal, dropout: dropout, normalizesFirst: normalizesFirst)
    }
}
