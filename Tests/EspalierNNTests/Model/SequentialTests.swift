import EspalierGraph
import Testing

@testable import EspalierNN

@Suite(.serialized) struct SequentialTests {
    enum Kind { case smooth, rectified }

    func model(_ isNormalized: Bool, _ isDropped: Bool, depth: Int, _ kind: Kind) -> [String] {
        let model = Sequential {
            Linear(4, 8)
            if isNormalized { BatchNorm(8) }
            if isDropped {
                Dropout(p: 0.1)
            } else {
                Flatten()
            }
            for width in 0..<depth {
                Linear(8 + width, 9 + width)
                switch kind {
                case .smooth: Tanh()
                case .rectified: ReLU()
                }
            }
            [ReLU(), Tanh()]
        }
        return model.layers.map { String(describing: type(of: $0)) }
    }

    @Test func theBuilderKeepsLayersInsideOfControlFlow() {
        #expect(
            model(true, true, depth: 2, .smooth)
                == ["Linear", "BatchNorm", "Dropout", "Linear", "Tanh", "Linear", "Tanh", "ReLU", "Tanh"])
        #expect(model(false, false, depth: 1, .rectified) == ["Linear", "Flatten", "Linear", "ReLU", "ReLU", "Tanh"])
        #expect(model(true, false, depth: 0, .smooth) == ["Linear", "BatchNorm", "Flatten", "ReLU", "Tanh"])
    }

    @Test func pathsAreThoseOfPyTorch() throws {
        let model = Sequential {
            Linear(4, 8)
            BatchNorm(8)
            Sequential {
                ReLU()
                Linear(8, 2, bias: false)
            }
        }
        let contents = LayerContents(model)
        #expect(contents.parameters.map(\.path) == ["0.weight", "0.bias", "1.weight", "1.bias", "2.1.weight"])
        #expect(contents.statistics.map(\.path) == ["1.running_mean", "1.running_var"])
        #expect(contents.layers.map(\.path) == ["", "0", "1", "2", "2.0", "2.1"])
    }

    func initializers(_ model: Sequential) -> [String] {
        LayerContents(model).parameters.filter { $0.slot.role == .weight }.map { type(of: $0.slot.initializer).name }
    }

    @Test func theDefaultInitializerFollowsTheNextActivation() {
        #expect(
            initializers(
                Sequential {
                    Linear(4, 4)
                    BatchNorm(4)
                    Dropout(p: 0.1)
                    ReLU()
                    Linear(4, 4)
                    Tanh()
                    Linear(4, 4)
                    Linear(4, 4, initializer: LeCunNormal())
                    Sigmoid()
                    Linear(4, 4)
                }) == ["heNormal", "xavierUniform", "xavierUniform", "lecunNormal", "xavierUniform"])
    }

    @Test func anActivationIsFoundAcrossInnerSequences() {
        #expect(
            initializers(
                Sequential {
                    Linear(4, 4)
                    Sequential {
                        ReLU()
                        Linear(4, 4)
                    }
                    Dropout(p: 0.1)
                    ReLU()
                    Sequential { Linear(4, 4) }
                }) == ["heNormal", "heNormal", "xavierUniform"])
    }
}
