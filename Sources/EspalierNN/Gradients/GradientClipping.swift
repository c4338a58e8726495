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
    private let parameters: [String: Parameter.Slot]

    /// Clips `gradients` as `settings` say.
    ///
    /// - Parameters:
    ///   - gradients: As they lie in the parameters' buffer, one for each of `groups`; gaps are zero.
    ///   - buffer: The parameters.
    ///   - groups: Ranges of the buffer.
    ///   - parameters: What lies in the buffer, by path.
    ///   - settings: Which kinds of clipping, and their bounds.
    public init(
        _ gradients: [Tensor], of buffer: FlatBuffer, groups: [Range<Int>], parameters: [String: Parameter.Slot],
        settings: GradientSettings
    ) {
        self.gradients = gradients
        self.parameters = parameters
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
        // What is not finite stays, so that it is noticed.
        gradients = gradients.map { g in
            let clipped = Tensor.maximum(.minimum(g, Tensor(bound)), Tensor(-bound))
            return Tensor.select(g.abs() .<= Tensor(Double(Float.greatestFiniteMagnitude)), clipped, g)
        }
    }

    private mutating func clip(globalNorm bound: Double) {
        let norm = gradients.map { $0.squared().sum() }.reduce(0, +).sqrt()
        let coefficient = shrinking(bound / (norm + 1e-6))
        gradients = gradients.map { $0 * coefficient }
    }

    private mutating func clip(parameterNorms bound: Double) {
        scaleParameters(seenAs: { ($0.shape, Array(0..<$0.shape.rank)) }) { g, _ in bound / (g + 1e-6) }
    }

    private mutating func clip(adaptively factor: Double) {
        // A gradient of zero is left as it is, whatever the quotient.
        scaleParameters(seenAs: \.neurons) { g, w in Tensor.maximum(w, 1e-3) * factor / Tensor.maximum(g, 1e-6) }
    }

    /// Multiplies each unit's gradient by what `factor` says for its norm and that of the unit, or by 1 if that is less.
    ///
    /// - Parameter units: A shape of a parameter, and the axes over which a unit lies in it.
    private mutating func scaleParameters(
        seenAs units: (Parameter.Slot) -> (shape: Shape, axes: [Int]),
        _ factor: (_ gradientNorm: Tensor, _ norm: Tensor) -> Tensor
    ) {
        for (index, range) in groups.enumerated() {
            let scaled = buffer.entries.filter { range.contains($0.offset) }.map { entry -> Tensor in
                guard let parameter = parameters[entry.path] else { preconditionFailure("no parameter \(entry.path)") }
                let (shape, axes) = units(parameter)
                func norm(_ x: Tensor) -> Tensor { x.squared().sum(axes: axes, keepDimensions: true).sqrt() }
                let start = entry.offset - range.lowerBound
                let g = gradients[index].slice(start..<start + entry.shape.count).reshaped(to: shape)
                let w = buffer.tensor.slice(entry.offset..<entry.offset + entry.shape.count).reshaped(to: shape)
                return (g * shrinking(factor(norm(g), norm(w)))).reshaped(to: entry.shape)
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
