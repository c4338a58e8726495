import EspalierGraph

// What a step ends with: weights are moved to the nearest ones that are allowed.
extension WeightPenalty {
    /// Whether the norm of each neuron's weights is limited, which depends on a parameter's shape.
    public var limitsNorms: Bool { maxNorm != nil || unitNorm }

    /// The values w after the proximal step of `l1` at learning rate `lr`, and without those below zero where they are
    /// not allowed; element by element, so that w may be any number of parameters.
    public func projected(_ w: Tensor, learningRate lr: Tensor) -> Tensor {
        var result = w
        if l1.isProximal, l1.strength > 0 {
            result = result.sign() * (result.abs() - l1.strength * lr).relu()
        }
        return nonNegative ? result.relu() : result
    }

    /// The values w of one parameter with each neuron's incoming weights at an allowed norm; biases as they are.
    public func withLimitedNorms(_ w: Tensor, of parameter: Parameter.Slot) -> Tensor {
        guard limitsNorms, parameter.shape.rank > 1 else { return w }
        let (shape, axes) = parameter.neurons
        let rows = w.reshaped(to: shape)
        let norm = rows.squared().sum(axes: axes, keepDimensions: true).sqrt()
        let isWrong = maxNorm.map { norm .> Tensor($0) } ?? (norm .> 0)
        return (rows * Tensor.select(isWrong, (maxNorm ?? 1) / norm, 1)).reshaped(to: w.shape)
    }
}

extension Parameter.Slot {
    /// A shape of this weight, and the axes over which the weights that enter one neuron (or output channel) lie in it.
    ///
    /// A vector is one unit.
    var neurons: (shape: Shape, axes: [Int]) {
        if shape.rank < 2 { return ([shape.count], [0]) }
        guard let groups = transposedGroups else { return ([shape[0], shape.count / shape[0]], [1]) }
        let inputs = shape[0] / groups, outputs = shape[1]
        return ([groups, inputs, outputs, shape.count / (shape[0] * outputs)], [1, 3])
    }
}
