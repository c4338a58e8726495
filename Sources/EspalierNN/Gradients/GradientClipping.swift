import EspalierGraph

/// The gradients of a step while they are clipped: a flat tensor for each group of parameters, and whether anything was
/// clipped so far.
public struct GradientClipping {
    /// The gradients, one flat tensor a group.
    public private(set) var gradients: [Tensor]
    /// 1 where this step was clipped, else 0; a scalar.
    public private(set) var wasClipped: Tensor = 0
    private let buffer: FlatBuffer
    private let groups: [Range<Int>]

    /// Clips `gradients` as `settings` say.
    ///
    /// - Parameters:
    ///   - gradients: As they lie in the parameters' buffer, one for each of `groups`; gaps are zero.
    ///   - buffer: The parameters.
    ///   - groups: Ranges of the buffer.
    public init(_ gradients: [Tensor], of buffer: FlatBuffer, groups: [Range<Int>], settings: GradientSettings) {
        self.gradients = gradients
        self.buffer = buffer
        self.groups = groups
        if let bound = settings.clipValue { clip(values: bound) }
        if let bound = settings.clipParameterNorm { clip(parameterNorms: bound) }
        if let factor = settings.adaptiveClip { clip(adaptively: factor) }
        if let bound = settings.clipNorm { clip(globalNorm: bound) }
    }

    private mutating func clip(values bound: Double) {
        let largest = gradients.map { $0.abs().max() }.reduce(0) { Tensor.maximum($0, $1) }
        note(largest .> Tensor(bound))
        // Comparisons, as a minimum would hide what is not a number.
        gradients = gradients.map { g in
            Tensor.select(g .> Tensor(bound), Tensor(bound), Tensor.select(g .< Tensor(-bound), Tensor(-bound), g))
        }
    }

    private mutating func clip(globalNorm bound: Double) {
        let norm = gradients.map { $0.squared().sum() }.reduce(0, +).sqrt()
        let coefficient = shrinking(bound / (norm + 1e-6))
        gradients = gradients.map { $0 * coefficient }
    }

    private mutating func clip(parameterNorms bound: Double) {
        scaleParameters { g, _ in bound / (g.squared().sum().sqrt() + 1e-6) }
    }

    private mutating func clip(adaptively factor: Double) {
        scaleParameters { g, w in
            func norm(_ x: Tensor) -> Tensor {
                x.squared().sum(axes: Array((x.rank < 2 ? 0 : 1)..<x.rank), keepDimensions: true).sqrt()
            }
            // A gradient of zero is left as it is, whatever the quotient.
            return Tensor.maximum(norm(w), 1e-3) * factor / Tensor.maximum(norm(g), 1e-6)
        }
    }

    /// Multiplies each parameter's gradient by what `factor` says for it and the parameter, or by 1 if that is less.
    private mutating func scaleParameters(_ factor: (_ gradient: Tensor, _ parameter: Tensor) -> Tensor) {
        for (index, range) in groups.enumerated() {
            let scaled = buffer.entries.filter { range.contains($0.offset) }.map { entry -> Tensor in
                let start = entry.offset - range.lowerBound
                let g = gradients[index].slice(start..<start + entry.shape.count).reshaped(to: entry.shape)
                let w = buffer.tensor.slice(entry.offset..<entry.offset + entry.shape.count).reshaped(to: entry.shape)
                return g * shrinking(factor(g, w))
            }
            gradients[index] = buffer.assemble(scaled, in: range)
        }
    }

    /// The factor where it is below 1, which is noted, and 1 elsewhere.
    private mutating func shrinking(_ factor: Tensor) -> Tensor {
        let isClipped = factor .< 1
        note(isClipped)
        return .select(isClipped, factor, 1)
    }

    private mutating func note(_ condition: Tensor) {
        let clipped = Tensor.select(condition, 1, 0).max()
        wasClipped = .maximum(wasClipped, clipped)
    }
}
