import EspalierGraph
import EspalierNN
import EspalierTraining

/// What a model ends with: which numbers can leave it.
struct OutputHead {
    /// What the numbers say by how they are made.
    enum Form {
        /// Any number: the last linear map alone.
        case scores
        /// Positive, and one in sum.
        case distribution
        /// The logarithms of a distribution.
        case logarithms
        /// Each from 0 to 1, by itself.
        case probabilities
        /// Of an activation that is meant for hidden layers.
        case hidden
    }

    let form: Form
    /// Of the last activation, or the last layer where there is none.
    let path: String
    /// What the last activation is called; nothing where there is none.
    let activation: String?
    /// Outputs of one sample, or of one step.
    let units: Int
    /// What can leave; the ends may be infinite.
    let low: Double
    let high: Double

    /// Nothing where the range is not known: behind layers that say nothing of it.
    init?(_ sketch: ModelSketch) {
        guard
            let last = sketch.parts.last(where: {
                switch $0.kind {
                case .linear, .dropout: false
                default: true
                }
            })
        else { return nil }
        path = last.path
        units = sketch.parts.last?.output.dimensions.last ?? 1
        switch last.kind {
        case .weights, .batchNormalization:
            (form, activation, low, high) = (.scores, nil, -.infinity, .infinity)
        case .activation(let function):
            activation = "\(type(of: function))"
            form = function is Sigmoid || function is HardSigmoid ? .probabilities : .hidden
            (low, high) = Self.range(of: function, last.input)
        case .nonlinear where last.layer is SoftmaxLayer:
            (form, activation, low, high) = (.distribution, "Softmax", 0, 1)
        case .nonlinear where last.layer is LogSoftmaxLayer:
            (form, activation, low, high) = (.logarithms, "LogSoftmax", -.infinity, 0)
        case .nonlinear where last.layer is LSTM || last.layer is GRU:
            (form, activation, low, high) = (.hidden, "\(type(of: last.layer))", -1, 1)
        default: return nil
        }
    }

    /// The smallest and largest value that an activation gives, by trying.
    private static func range(of activation: any Activation, _ shape: Shape) -> (Double, Double) {
        let points = [-1e6, -1e3, -100, -30] + stride(from: -10.0, through: 10, by: 0.05) + [30, 100, 1e3, 1e6]
        let values = activation.values(at: points, shape)
        let low = values.min() ?? -.infinity, high = values.max() ?? .infinity
        // What grows with its input to beyond this has no bound.
        let limit = 1e3
        return (low < -limit ? -.infinity : low, high > limit ? .infinity : high)
    }
}

extension Activation {
    /// What it makes of each of these inputs, in samples like those of `shape`.
    func values(at points: [Double], _ shape: Shape) -> [Double] {
        // Channels as they are, for activations with a parameter for each.
        let channels = shape.dimensions.first ?? 1
        let samples = (points.count + channels - 1) / channels
        let extents = Shape([samples, channels] + shape.dimensions.dropFirst().map { _ in 1 })
        let x = Tensor.input("x", extents)
        var leaves = [x: ReferenceArray(extents, (0..<extents.count).map { points[$0 % points.count] })]
        for (_, slot) in LayerContents(self).parameters {
            let first = slot.initializer.values(slot.shape, slot.fans, key: .init(seed: 0))
            leaves[slot.tensor] = Reference.evaluate([first])[0]
        }
        return Array(Reference.evaluate([self(x)], leaves)[0].values.prefix(points.count))
    }
}
