import EspalierGraph
import EspalierNN
import Testing

/// Activations against PyTorch, with their derivatives; element by element where they work so.
@Suite(.serialized) struct ActivationParityTests {
    static let elementwise: [(name: String, layer: @Sendable () -> any Layer)] = [
        ("leakyReLU", { LeakyReLU() }), ("leakyReLUSlope", { LeakyReLU(negativeSlope: 0.3) }), ("rReLU", { RReLU() }),
        ("relu6", { ReLU6() }), ("elu", { ELU() }), ("eluAlpha", { ELU(alpha: 0.7) }), ("selu", { SELU() }),
        ("celu", { CELU() }), ("celuAlpha", { CELU(alpha: 1.5) }), ("mish", { Mish() }), ("softplus", { Softplus() }),
        ("softplusBeta", { Softplus(beta: 2, threshold: 3) }), ("softsign", { Softsign() }),
        ("hardTanh", { HardTanh() }),
        ("hardTanhBounds", { HardTanh(minimum: -2, maximum: 0.5) }), ("hardSigmoid", { HardSigmoid() }),
        ("hardSwish", { HardSwish() }), ("exponential", { Exponential() }), ("thresholded", { Thresholded() }),
        ("thresholdedValue", { Thresholded(threshold: -0.5, value: -3) }),
    ]
    static let others: [(name: String, layer: @Sendable () -> any Layer)] = [
        ("pReLU", { PReLU() }), ("pReLUChannels", { PReLU(channels: 3) }), ("glu", { GLU() }),
        ("gluAxis", { GLU(axis: 1) }), ("softmaxAxis", { SoftmaxLayer(axis: 1) }),
        ("logSoftmaxAxis", { LogSoftmaxLayer(axis: -3) }),
    ]

    private let parity = LayerParityTests()

    @Test(arguments: elementwise.indices) func elementByElement(index: Int) throws {
        let (name, make) = Self.elementwise[index]
        let layer = make()
        // PyTorch divides by six in float32 here, also where all else is float64.
        let tolerance = name == "hardSigmoid" ? 1e-7 : LayerParityTests.exact
        try parity.check("activations", "\(name)/", ["input"], isElementwise: true, exactly: tolerance) { layer($0[0]) }
    }

    @Test(arguments: others.indices) func whole(index: Int) throws {
        let (name, make) = Self.others[index]
        try parity.check(make(), "\(name)/", file: "activations")
    }

    @Test func everyCaseIsCompared() throws {
        let cases = Set(try Fixture("activations", .float64).tensors.keys.map { String($0.prefix { $0 != "/" }) })
        #expect(cases == Set(Self.elementwise.map(\.name) + Self.others.map(\.name)))
    }
}
