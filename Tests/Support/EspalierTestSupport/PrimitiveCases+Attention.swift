import EspalierGraph

extension PrimitiveCase {
    /// Attention in its uses, and functions of transformers.
    static let attention: [PrimitiveCase] = {
        func attention(
            _ name: String, queries: Int, keys: Int, width: Int = 4, valueWidth: Int = 3, isCausal: Bool = false,
            mask: @escaping @Sendable () -> Tensor.AttentionMask = { .none }
        ) -> PrimitiveCase {
            let shapes: [Shape] = [[2, 2, queries, width], [2, 2, keys, width], [2, 2, keys, valueWidth]]
            return .init(
                "attention \(name)", .uniform(-2...2), .uniform(-2...2), .uniform(-2...2), shapes: shapes
            ) { .attention($0[0], $0[1], $0[2], mask: mask(), isCausal: isCausal) }
        }
        func selfAttention(_ name: String, _ shape: Shape, isCausal: Bool) -> PrimitiveCase {
            .init("self-attention \(name)", .uniform(-2...2), shapes: [shape]) {
                .selfAttention($0[0], isCausal: isCausal, scale: 0.6)
            }
        }
        // The second query sees nothing, the first and the third not all.
        let hidden: [Float] =
            [-.infinity, 0.5, -1, 0.25] + [Float](repeating: -.infinity, count: 4) + [1, 0, -.infinity, 2]
        return [
            attention("plain", queries: 3, keys: 5), attention("causal", queries: 4, keys: 4, isCausal: true),
            attention("causal over fewer keys", queries: 5, keys: 3, isCausal: true),
            attention("causal over more keys", queries: 3, keys: 5, isCausal: true),
            attention("masked", queries: 3, keys: 4) { .additive(Tensor(hidden, [3, 4])) },
            attention("masked by heads", queries: 3, keys: 2, isCausal: true) {
                .additive(Tensor([0.5, -1, 2, 0.25] as [Float], [2, 2, 1, 1]))
            },
            attention("of lengths", queries: 3, keys: 4) { .lengths(Tensor([0, 3] as [Float], [2])) },
            attention("causal, of lengths", queries: 4, keys: 4, isCausal: true) {
                .lengths(Tensor([2, 9] as [Float], [2]))
            },
            .init("attention of one operand", .uniform(-1...1), shapes: [[1, 2, 3, 4]]) {
                .attention($0[0], $0[0], $0[0].squared(), isCausal: true)
            },
            selfAttention("plain", [2, 3, 3, 2, 4], isCausal: false),
            selfAttention("causal", [2, 4, 3, 2, 3], isCausal: true),
            selfAttention("over several blocks", [1, 70, 3, 2, 5], isCausal: true),
            .init("GELU", .uniform(-3...3)) { $0[0].gelu() },
            .init("GELU by tanh", .uniform(-3...3)) { $0[0].gelu(.tanh) },
            .init("SiLU", .uniform(-3...3)) { $0[0].silu() },
            .init("padded and cut out", .uniform(-2...2), rank: 1) { x in
                let ones = x[0].shape.dimensions.map { _ in 1 }
                return x[0].padded(before: ones, after: ones).slice(starts: ones, counts: x[0].shape.dimensions)
                    .squared()
            },
        ]
    }()
}
