import EspalierGraph
import EspalierNN
import Testing

/// Weight and spectral normalisation against PyTorch's parametrizations, and batch normalisation of sequences.
@Suite(.serialized) struct ReparametrizationParityTests {
    static let layers: [(name: String, layer: @Sendable () -> any Layer)] = [
        ("Linear", { Linear(5, 4) }), ("Conv2d", { Conv2d(3, 4, kernelSize: [2, 3], padding: 1) }),
        ("ConvTransposed1d", { ConvTransposed1d(3, 2, kernelSize: 4, stride: 2) }),
    ]

    private let parity = LayerParityTests()
    private let file = "reparametrizations"

    @Test(arguments: layers.indices) func weightNorm(index: Int) throws {
        let (name, make) = Self.layers[index]
        try parity.check(try WeightNorm(make()), "weightNorm\(name)/", file: file)
    }

    /// Three steps of training, each from where the power method was after the one before, then inference.
    @Test(arguments: layers.indices) func spectralNorm(index: Int) throws {
        let (name, make) = Self.layers[index]
        let whole = "spectralNorm\(name)/"
        for (part, before) in [("step.1", 0), ("step.2", 1), ("step.3", 2), ("inference", 3)] {
            let layer = try SpectralNorm(make(), powerIterations: 2)
            layer.mode = part == "inference" ? .inference : .training
            try parity.check(
                layer, "\(whole)\(part)/", file: file, parameters: whole, statistics: "\(whole)step.\(before)/")
        }
    }

    @Test func batchNormOfSequences() throws {
        let layer = BatchNorm(3)
        layer.mode = .training
        try parity.check(layer, "batchNormSequences/", file: file)
    }

    @Test func everyCaseIsCompared() throws {
        let cases = Set(try Fixture(file, .float64).tensors.keys.map { String($0.prefix { $0 != "/" }) })
        let compared = Self.layers.flatMap { ["weightNorm\($0.name)", "spectralNorm\($0.name)"] }
        #expect(cases == Set(compared + ["batchNormSequences"]))
    }
}
