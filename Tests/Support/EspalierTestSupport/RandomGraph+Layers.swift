import EspalierGraph

/// What layers are made of, with numbers drawn at random.
extension RandomGraph {
    /// Statistics of rows, and what is made with them.
    mutating func normalized(_ x: Tensor) -> Tensor {
        guard x.rank > 0 else { return x }
        let scale = leaf(Shape(x.shape.dimensions.suffix(1)), "scale")
        let centred = x - x.mean(axes: [-1], keepDimensions: true)
        let rows = centred * (centred.squared().mean(axes: [-1], keepDimensions: true) + 0.25).rsqrt()
        return chance(0.5) ? rows * scale + partner(of: rows) : rows
    }

    /// `x` with three axes.
    private func stacked(_ x: Tensor) -> Tensor {
        let dimensions = [Int](repeating: 1, count: max(0, 3 - x.rank)) + x.shape.dimensions
        return x.reshaped(to: [dimensions[0], dimensions[1], dimensions[2...].reduce(1, *)])
    }

    /// A convolution or pooling over the last axis of [N, C, L].
    mutating func convolved(_ x: Tensor) -> Tensor {
        let signal = stacked(x), kernel = 1 + below(min(3, signal.shape[2])), stride = 1 + below(2)
        let padding = below(kernel / 2 + 1)
        let windows = PoolingWindows.sliding([kernel], stride: [stride], padding: [padding])
        switch below(4) {
        case 0: return signal.averagePooled(windows)
        case 1: return signal.maximumPooled(windows)
        default:
            let weight = leaf([element(of: extents), signal.shape[1], kernel], "kernel")
            let geometry = ConvolutionGeometry(rank: 1, stride: [stride], before: [padding], after: [padding])
            return (signal.convolved(with: weight, geometry) * 0.5).tanh()
        }
    }

    /// A recurrent layer over [T, B, F].
    mutating func recurrent(_ x: Tensor) -> Tensor {
        let sequence = stacked(x), batch = sequence.shape[1], units = 1 + below(3)
        // The reference unrolls all steps.
        guard sequence.shape[0] <= 6 else { return x }
        let cell = element(of: RecurrentCell.allCases), gates = cell.gates * units
        let projection = sequence.matmul(leaf([sequence.shape[2], gates], "input weight") * 0.3)
        let results = Tensor.recurrence(
            cell, projection: projection, weight: leaf([gates, units], "recurrent weight") * 0.3,
            candidateBias: cell == .gru && chance(0.5) ? leaf([units], "bias") : nil,
            hidden: chance(0.5) ? leaf([batch, units], "hidden") : nil,
            state: cell == .lstm && chance(0.5) ? leaf([batch, units], "cell") : nil, isReversed: chance(0.5))
        return element(of: [results.sequence, results.hidden, results.state ?? results.sequence * 2])
    }

    /// Attention over [B, S, F].
    mutating func attended(_ x: Tensor) -> Tensor {
        let sequence = stacked(x), batch = sequence.shape[0], steps = sequence.shape[1]
        let heads = 1 + below(2), width = 1 + below(3)
        let masks: [Tensor.AttentionMask] = [
            .none, .additive(leaf([steps], "mask")),
            .lengths(Tensor((0..<batch).map { _ in Float(below(steps + 1)) }, [batch])),
        ]
        let mask = element(of: masks), isCausal = chance(0.5)
        let projection = sequence.matmul(leaf([sequence.shape[2], 3 * heads * width], "projection") * 0.5)
            .reshaped(to: [batch, steps, 3, heads, width])
        if chance(0.5) { return .selfAttention(projection, mask: mask, isCausal: isCausal) }
        let parts = (0..<3).map { part in
            projection.slice(part..<part + 1, axis: 2).reshaped(to: [batch, steps, heads, width])
                .transposed([0, 2, 1, 3])
        }
        return .attention(parts[0], parts[1], parts[2], mask: mask, isCausal: isCausal)
    }
}
