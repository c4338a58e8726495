import EspalierGraph
import EspalierNN

/// The layers of a model in the order of the data, with what each is to the values that pass through it.
///
/// Inner sequential blocks are taken apart; residual blocks are parts with parts of their own.
struct ModelSketch {
    var parts: [Part] = []

    struct Part {
        /// The dotted path within the model: `2`, `3.body.0`.
        let path: String
        let layer: any Layer
        /// The shapes of one sample as it arrives and leaves.
        let input: Shape
        let output: Shape
        let kind: Kind
    }

    indirect enum Kind {
        /// A linear map that is learned.
        case weights(Parameter.Slot)
        /// A function of each value by itself.
        case activation(any Activation)
        /// A normalisation by a batch's statistics: linear once they are fixed.
        case batchNormalization
        /// A normalisation of each sample by itself, or of weights.
        case normalization
        /// Drops so many of the values while training.
        case dropout(Double)
        /// Linear, and not learned: flattening, mean pooling.
        case linear
        case residual(body: [Part], shortcut: [Part])
        /// Anything else, such as maximum pooling, a recurrent layer or attention.
        case nonlinear
    }

    /// - Parameters:
    ///   - model: Built for samples of `sampleShape`.
    init(_ model: Sequential, sampleShape: [Int]) {
        var shapes: [ObjectIdentifier: (Shape, Shape)] = [:]
        // Two samples stand for any number of them.
        for call in LayerCall.recording({ model(Tensor.input("x", Shape([2] + sampleShape))) }).calls {
            let (x, y) = (call.input.shape.dimensions, call.output.shape.dimensions)
            shapes[ObjectIdentifier(call.layer)] = (Shape(Array(x.dropFirst())), Shape(Array(y.dropFirst())))
        }
        parts = Self.parts(of: model, at: "", shapes)
    }

    private static func parts(
        of block: Sequential, at path: String, _ shapes: [ObjectIdentifier: (Shape, Shape)]
    ) -> [Part] {
        block.layers.enumerated().flatMap { index, layer -> [Part] in
            let path = path.isEmpty ? "\(index)" : "\(path).\(index)"
            if let inner = layer as? Sequential { return parts(of: inner, at: path, shapes) }
            guard let (input, output) = shapes[ObjectIdentifier(layer)] else { return [] }
            let kind: Kind =
                if let residual = layer as? Residual {
                    .residual(
                        body: parts(of: residual.body, at: "\(path).body", shapes),
                        shortcut: residual.shortcut.map { parts(of: $0, at: "\(path).shortcut", shapes) } ?? [])
                } else {
                    Self.kind(of: layer, input, output)
                }
            return [Part(path: path, layer: layer, input: input, output: output, kind: kind)]
        }
    }

    private static func kind(of layer: any Layer, _ input: Shape, _ output: Shape) -> Kind {
        switch layer {
        case is any RecurrentLayer, is SoftmaxLayer, is LogSoftmaxLayer: return .nonlinear
        case let leaky as LeakyReLU where leaky.negativeSlope == 1: return .linear
        case let activation as any Activation: return input == output ? .activation(activation) : .nonlinear
        case is any Initializable:
            let weight = LayerContents(layer).parameters.first { $0.slot.role == .weight }
            return weight.map { .weights($0.slot) } ?? .nonlinear
        case is BatchNorm: return .batchNormalization
        case is LayerNorm, is RMSNorm, is GroupNorm, is InstanceNorm: return .normalization
        case let layer as Dropout: return .dropout(layer.p)
        case let layer as Dropout2d: return .dropout(layer.p)
        case let layer as AlphaDropout: return .dropout(layer.p)
        case let layer as GaussianDropout: return .dropout(layer.p)
        case is Flatten, is ReshapeLayer, is PositionalEmbedding, is GaussianNoise, is StochasticDepth,
            is AvgPool1d, is AvgPool2d, is AvgPool3d, is AdaptiveAvgPool1d, is AdaptiveAvgPool2d, is AdaptiveAvgPool3d,
            is GlobalAvgPool:
            return .linear
        default: return .nonlinear
        }
    }
}

extension ModelSketch.Part {
    /// The learned weight, where this is a linear map.
    var weight: Parameter.Slot? { if case .weights(let slot) = kind { slot } else { nil } }

    /// How many units a linear map has: features, or channels.
    var units: Int { layer is any ConvolutionLayer ? output.dimensions.first ?? 1 : output.dimensions.last ?? 1 }

    /// This part, or those within it.
    var leaves: [ModelSketch.Part] {
        guard case .residual(let body, let shortcut) = kind else { return [self] }
        return (body + shortcut).flatMap(\.leaves)
    }

    /// Whether it computes anything that no linear map does.
    var isNonlinear: Bool {
        switch kind {
        case .weights, .batchNormalization, .dropout, .linear: false
        case .activation, .normalization, .nonlinear: true
        case .residual(let body, let shortcut): (body + shortcut).contains(where: \.isNonlinear)
        }
    }
}

extension ModelSketch {
    /// Every part, those of residual blocks one by one.
    var leaves: [Part] { parts.flatMap(\.leaves) }

    /// The last linear map of all, if the model ends with one; what stands before it is hidden.
    var outputMap: Int? {
        guard let index = parts.lastIndex(where: { $0.weight != nil }),
            !parts[(index + 1)...].contains(where: {
                if case .residual = $0.kind { true } else { $0.layer is any RecurrentLayer }
            })
        else { return nil }
        return index
    }
}
