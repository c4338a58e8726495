import Espalier

/// The networks that `docs/benchmarks.md` lists, written as any user would.
enum Network: String, CaseIterable {
    case tiny, mlp, mlpbn, cnn, resnet20, lstm, gpt

    var model: Sequential {
        switch self {
        case .tiny:
            Self.dense(inputs: 784, widths: [Int](repeating: 100, count: 5))
        case .mlp:
            Self.dense(inputs: 784, widths: [512, 512], dropout: 0.2)
        case .mlpbn:
            Self.dense(inputs: 784, widths: [512, 512], normalizes: true)
        case .cnn:
            Sequential {
                for (inputs, outputs) in [(3, 32), (32, 64)] {
                    Self.convolution(inputs, outputs)
                    Self.convolution(outputs, outputs)
                    MaxPool2d(kernelSize: 2)
                }
                Flatten()
                Linear(64 * 8 * 8, 256)
                ReLU()
                Dropout(p: 0.5)
                Linear(256, 10)
            }
        case .resnet20:
            Sequential {
                Conv2d(3, 16, kernelSize: 3, padding: 1, bias: false)
                BatchNorm(16)
                ReLU()
                for (inputs, outputs) in [(16, 16), (16, 32), (32, 64)] {
                    Self.residualBlock(inputs, outputs)
                    Self.residualBlock(outputs, outputs)
                    Self.residualBlock(outputs, outputs)
                }
                GlobalAvgPool()
                Linear(64, 10)
            }
        case .lstm:
            Sequential {
                LSTM(128, 256, returnsSequences: false)
                Linear(256, 10)
            }
        case .gpt:
            Self.languageModel(dropout: 0.1)
        }
    }

    /// Hidden layers of the given widths, then ten outputs.
    static func dense(inputs: Int, widths: [Int], normalizes: Bool = false, dropout: Double = 0) -> Sequential {
        Sequential {
            for (arriving, width) in zip([inputs] + widths, widths) {
                Linear(arriving, width)
                if normalizes { BatchNorm(width) }
                ReLU()
                if dropout > 0 { Dropout(p: dropout) }
            }
            Linear(widths.last ?? inputs, 10)
        }
    }

    /// A causal transformer over 256 symbols that predicts the next one at every step.
    static func languageModel(dropout: Double) -> Sequential {
        Sequential {
            Embedding(256, 256)
            PositionalEmbedding(128, 256)
            for _ in 0..<4 { TransformerBlock(256, heads: 8, isCausal: true, dropout: dropout) }
            LayerNorm(256)
            Linear(256, 256)
        }
    }

    private static func convolution(_ inputs: Int, _ outputs: Int) -> [any Layer] {
        [Conv2d(inputs, outputs, kernelSize: 3, padding: 1), BatchNorm(outputs), ReLU()]
    }

    /// Two convolutions with the identity beside them, or a projection and half the extents where channels change.
    private static func residualBlock(_ inputs: Int, _ outputs: Int) -> [any Layer] {
        let stride: PerAxis = inputs == outputs ? 1 : 2
        let block = Residual {
            Conv2d(inputs, outputs, kernelSize: 3, stride: stride, padding: 1, bias: false)
            BatchNorm(outputs)
            ReLU()
            Conv2d(outputs, outputs, kernelSize: 3, padding: 1, bias: false)
            BatchNorm(outputs)
        } shortcut: {
            if inputs != outputs {
                Conv2d(inputs, outputs, kernelSize: 1, stride: stride, bias: false)
                BatchNorm(outputs)
            }
        }
        return [block, ReLU()]
    }

    var optimizer: any Optimizer {
        switch self {
        case .tiny: SGD(learningRate: 0.01)
        case .mlp, .mlpbn, .lstm: Adam(learningRate: 0.001)
        case .cnn: SGD(learningRate: 0.01, momentum: 0.9)
        case .resnet20: SGD(learningRate: 0.1, momentum: 0.9)
        case .gpt: AdamW(learningRate: 0.001, on: .all)
        }
    }

    /// What the peers call weight decay of their stochastic gradient descent.
    var penalty: WeightPenalty {
        switch self {
        case .cnn: WeightPenalty(l2: 5e-4, on: .all)
        case .resnet20: WeightPenalty(l2: 1e-4, on: .all)
        default: WeightPenalty()
        }
    }

    var batchSize: Int {
        switch self {
        case .tiny: 100
        case .lstm: 64
        case .gpt: 16
        default: 128
        }
    }

    var sampleShape: [Int] {
        switch self {
        case .tiny, .mlp, .mlpbn: [784]
        case .cnn, .resnet20: [3, 32, 32]
        case .lstm: [64, 128]
        case .gpt: [128]
        }
    }

    /// One class for a sample, or one for each symbol of a text.
    var targetShape: Shape { self == .gpt ? [128] : [] }

    /// Random samples with random labels.
    func samples(_ count: Int) throws -> Dataset {
        var random = RandomStream(seed: 1, rawValue)
        let classes = self == .gpt ? 256 : 10
        let inputs = (0..<count * sampleShape.reduce(1, *)).map { _ in
            self == .gpt ? Float(random.next() % 256) : Float(random.normal())
        }
        let labels = (0..<count * targetShape.count).map { _ in Int32(random.next() % UInt64(classes)) }
        return try Dataset(
            name: rawValue, sampleShape: sampleShape, inputs: inputs,
            targets: .classes(labels, names: (0..<classes).map(String.init)))
    }
}
