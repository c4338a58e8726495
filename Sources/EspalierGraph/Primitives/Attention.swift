/// Scaled dot-product attention: softmax(scale Q K^T + mask) V for every sample and head.
///
/// Operands are vectors of heads as a projection leaves them, steps before heads: queries [B, S, H, D], keys
/// [B, L, H, D] and values [B, L, H, E], or all three in one operand [B, S, 3, H, D]; then what the masking needs. The
/// result is flat: the output [B, S, H, E], and after it the logarithm of the softmax's sum for each query, [B, H, S],
/// which only the gradient's kernel reads.
///
/// A query that sees no key gets zeros, and none of its cotangent goes anywhere.
///
/// Source: Vaswani et al. 2017, "Attention is all you need". Kernels keep no scores (Dao et al. 2022, "FlashAttention"),
/// so memory grows with the length, not with its square.
public struct ScaledDotProductAttention: Composite {
    /// Which keys a query sees, besides causality.
    public enum Masking: String, Sendable {
        case none
        /// An operand that broadcasts to [B, H, S, L] is added to the scaled scores; minus infinity hides a key.
        case additive
        /// An operand [B] says how many keys of each sample there are, from the first on.
        case lengths
    }

    /// Whether queries, keys and values are one operand.
    public let isPacked: Bool
    /// Whether query i sees the keys 0...i alone.
    public let isCausal: Bool
    public let masking: Masking
    public let scale: Double

    public var description: String {
        "\(isCausal ? "causal " : "")attention\(masking == .none ? "" : " masked by \(masking.rawValue)")"
    }

    /// The mask is data: no derivative goes there.
    public var differentiable: [Int] { isPacked ? [0] : [0, 1, 2] }

    private var operandCount: Int { differentiable.count + (masking == .none ? 0 : 1) }

    /// The extents that attention is about.
    public struct Sizes: Hashable, Sendable {
        public var batches, heads, queries, keys, width, valueWidth: Int

        /// Elements of the output.
        public var output: Int { batches * queries * heads * valueWidth }
        /// Elements of the sums' logarithms.
        public var rows: Int { batches * heads * queries }
        public var scores: Shape { [batches, heads, queries, keys] }
    }

    /// The extents that operands of these shapes have.
    public func sizes(_ shapes: [Shape]) -> Sizes {
        let query = shapes[0], key = isPacked ? query : shapes[1], value = isPacked ? query : shapes[2]
        return Sizes(
            batches: query[0], heads: query[isPacked ? 3 : 2], queries: query[1], keys: key[1],
            width: query[isPacked ? 4 : 3], valueWidth: value[isPacked ? 4 : 3])
    }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        let shapes = inputs.map(\.shape)
        guard inputs.count == operandCount, inputs.allSatisfy({ $0.dtype == .float32 }) else {
            throw ShapeError(description, "needs \(operandCount) float32 operands", inputs)
        }
        if isPacked {
            guard shapes[0].rank == 5, shapes[0][2] == 3 else {
                throw ShapeError(
                    description, "needs queries, keys and values [samples, steps, 3, heads, width]", inputs)
            }
        } else {
            let (query, key, value) = (shapes[0], shapes[1], shapes[2])
            guard query.rank == 4, key.rank == 4, value.rank == 4, query[0] == key[0],
                query.dimensions[2...] == key.dimensions[2...],
                Array(key.dimensions[..<3]) == Array(value.dimensions[..<3])
            else {
                throw ShapeError(
                    description,
                    "needs queries [B, S, H, D], keys [B, L, H, D] and values [B, L, H, E] of the same samples and heads",
                    inputs)
            }
        }
        let sizes = sizes(shapes)
        if masking == .additive, shapes[operandCount - 1].broadcast(with: sizes.scores) != sizes.scores {
            throw ShapeError(description, "needs a mask that broadcasts to \(sizes.scores)", inputs)
        }
        if masking == .lengths, shapes[operandCount - 1] != [sizes.batches] {
            throw ShapeError(description, "needs one length for each of \(sizes.batches) samples", inputs)
        }
        return TensorType([sizes.output + sizes.rows])
    }

    public func visible(_ result: Tensor, of shapes: [Shape]) -> Tensor {
        result.slice(0..<sizes(shapes).output)
    }

    public func expanded(_ inputs: [Tensor]) -> Tensor {
        let sizes = sizes(inputs.map(\.shape))
        func heads(_ index: Int) -> Tensor {
            guard isPacked else { return inputs[index].transposed([0, 2, 1, 3]) }
            let part = inputs[0].slice(index..<index + 1, axis: 2)
            return part.reshaped(to: [sizes.batches, sizes.queries, sizes.heads, sizes.width])
                .transposed([0, 2, 1, 3])
        }
        var scores = heads(0).matmul(heads(1), transposeSecond: true) * scale
        if masking == .additive { scores = scores + inputs[operandCount - 1].broadcast(to: sizes.scores) }
        if let visible = visibleKeys(sizes, inputs.last) { scores = .select(visible, scores, Tensor(-.infinity)) }
        // Not softmax: its sum may be zero here. The shift changes no result, so it has no derivative.
        let largest = Tensor.maximum(
            scores.max(axes: [-1], keepDimensions: true), Tensor(-Double(Float.greatestFiniteMagnitude))
        ).stopGradient()
        let shares = (scores - largest).exp()
        let sum = shares.sum(axes: [-1], keepDimensions: true)
        let output = (shares / Tensor.select(sum .== 0, 1, sum)).matmul(heads(2)).transposed([0, 2, 1, 3])
        return .concatenate([output.flattened(), (largest + sum.log()).stopGradient().flattened()])
    }

    /// Whether each key is seen, where not all are.
    private func visibleKeys(_ sizes: Sizes, _ lengths: Tensor?) -> Tensor? {
        let key = Tensor.iota(sizes.scores, axis: 3)
        var visible = isCausal ? Tensor.iota(sizes.scores, axis: 2) .>= key : nil
        if masking == .lengths, let lengths {
            let isThere = key.cast(to: .float32) .< lengths.reshaped(to: [sizes.batches, 1, 1, 1])
            visible = visible.map { $0 .& isThere } ?? isThere
        }
        return visible
    }
}

extension Tensor {
    /// Which keys attention may see.
    public enum AttentionMask: Sendable {
        case none
        /// Added to the scaled scores; it broadcasts to [B, H, S, L]. Minus infinity hides a key.
        case additive(Tensor)
        /// How many keys of each sample there are, from the first on; float32, [B].
        case lengths(Tensor)

        fileprivate var masking: ScaledDotProductAttention.Masking {
            switch self {
            case .none: .none
            case .additive: .additive
            case .lengths: .lengths
            }
        }

        fileprivate var operands: [Tensor] {
            switch self {
            case .none: []
            case .additive(let mask): [mask]
            case .lengths(let lengths): [lengths]
            }
        }
    }

    /// softmax(scale Q K^T + mask) V for every sample and head; PyTorch's `scaled_dot_product_attention`.
    ///
    /// A query that sees no key gets zeros (PyTorch: NaN). The mask is data: no derivative goes there.
    ///
    /// - Parameters:
    ///   - queries: [B, H, S, D].
    ///   - keys: [B, H, L, D].
    ///   - values: [B, H, L, E].
    ///   - mask: Keys that are hidden or less seen.
    ///   - isCausal: Whether query i sees the keys 0...i alone.
    ///   - scale: Of the products; 1 / sqrt(D) if not given.
    /// - Returns: [B, H, S, E].
    public static func attention(
        _ queries: Tensor, _ keys: Tensor, _ values: Tensor, mask: AttentionMask = .none, isCausal: Bool = false,
        scale: Double? = nil
    ) -> Tensor {
        let isMatched = [queries, keys, values].allSatisfy { $0.rank == 4 }
        let operands = [queries, keys, values].map { isMatched ? $0.transposed([0, 2, 1, 3]) : $0 }
        let function = ScaledDotProductAttention(
            isPacked: false, isCausal: isCausal, masking: mask.masking,
            scale: scale ?? 1 / Double(queries.shape.dimensions.last ?? 1).squareRoot())
        return function.output(operands + mask.operands).transposed([0, 2, 1, 3])
    }

    /// Attention of a sequence to itself, from one projection to queries, keys and values.
    ///
    /// - Parameters:
    ///   - projection: [B, S, 3, H, D], along the third axis queries, keys, values.
    ///   - mask: Keys that are hidden or less seen.
    ///   - isCausal: Whether query i sees the keys 0...i alone.
    ///   - scale: Of the products; 1 / sqrt(D) if not given.
    /// - Returns: [B, S, H, D].
    public static func selfAttention(
        _ projection: Tensor, mask: AttentionMask = .none, isCausal: Bool = false, scale: Double? = nil
    ) -> Tensor {
        ScaledDotProductAttention(
            isPacked: true, isCausal: isCausal, masking: mask.masking,
            scale: scale ?? 1 / Double(projection.shape.dimensions.last ?? 1).squareRoot()
        ).output([projection] + mask.operands)
    }
}

extension ScaledDotProductAttention {
    /// The output alone, [B, S, H, E].
    fileprivate func output(_ operands: [Tensor]) -> Tensor {
        let result = Tensor.apply(self, operands), shapes = operands.map(\.shape), sizes = sizes(shapes)
        return visible(result, of: shapes)
            .reshaped(to: [sizes.batches, sizes.queries, sizes.heads, sizes.valueWidth])
    }
}
