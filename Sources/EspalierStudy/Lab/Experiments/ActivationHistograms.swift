import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec

/// How values are spread layer by layer under different first weights: figures 6-10 to 6-14 of "Deep Learning from Scratch".
public struct ActivationHistograms: LabExperiment {
    public var seeds = [0, 1, 2]
    public var samples = 1000

    public static let name = "activationHistograms"
    public static let summary = "How activations are spread through five layers under different first weights"
    public static let lesson = """
        Weights that are too large drive sigmoids to both ends, where their slope is zero; weights that are too small let \
        every unit say the same. A standard deviation of sqrt(1/n) (Xavier) keeps the spread of sigmoid and tanh from \
        layer to layer. ReLU drops half of the values, so that it takes sqrt(2/n) (He) to keep theirs.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one draw of weights and inputs for each"),
        Field("samples", \Self.samples, "inputs", in: 1...100_000),
    ]

    public init() {}

    private static let width = 100, depth = 5

    private struct Setting: Sendable {
        var name: String
        var activation: @Sendable () -> any Layer
        var std: Double
        var range: ClosedRange<Double>
    }

    private static var settings: [Setting] {
        let xavier = (1 / Double(width)).squareRoot(), he = (2 / Double(width)).squareRoot()
        let sigmoid: @Sendable () -> any Layer = { Sigmoid() }, tanh: @Sendable () -> any Layer = { Tanh() }
        let relu: @Sendable () -> any Layer = { ReLU() }
        return [
            Setting(name: "sigmoid, std 1", activation: sigmoid, std: 1, range: 0...1),
            Setting(name: "sigmoid, std 0.01", activation: sigmoid, std: 0.01, range: 0...1),
            Setting(name: "sigmoid, Xavier", activation: sigmoid, std: xavier, range: 0...1),
            Setting(name: "tanh, Xavier", activation: tanh, std: xavier, range: -1...1),
            Setting(name: "ReLU, std 0.01", activation: relu, std: 0.01, range: 0...1),
            Setting(name: "ReLU, Xavier", activation: relu, std: xavier, range: 0...1),
            Setting(name: "ReLU, He", activation: relu, std: he, range: 0...1),
        ]
    }

    /// What each layer puts out.
    private func outputs(_ setting: Setting, seed: Int) throws -> [[Float]] {
        let layers = (0..<Self.depth).flatMap { _ -> [any Layer] in
            [Linear(Self.width, Self.width, bias: false, initializer: Normal(std: setting.std)), setting.activation()]
        }
        let state = try ModelState(Sequential(layers), seed: UInt64(seed))
        var x = Tensor.randomNormal(
            [samples, Self.width], key: RandomKey(seed: UInt64(seed), ["inputs"]).tensor)
        var outputs: [Tensor] = []
        for layer in layers {
            x = layer(x)
            if layer is any Activation { outputs.append(x) }
        }
        return try withExtendedLifetime(state) { try Engine.current.evaluate(outputs) }
    }

    public func run(in lab: Lab) throws -> LabResult {
        let settings = Self.settings
        let trials = settings.indices.flatMap { setting in seeds.map { (setting, $0) } }
        let outputs = try lab.map(trials) { try self.outputs(settings[$0.0], seed: $0.1) }
        /// The fifth layer's values under a setting, a list for each seed.
        func last(_ name: String) -> [[Double]] {
            zip(trials, outputs).filter { settings[$0.0.0].name == name }
                .map { ($0.1.last ?? []).map(Double.init) }
        }
        func deviations(_ name: String) -> [Double] { last(name).map(\.deviation) }
        func shares(_ name: String, where isCounted: (Double) -> Bool) -> [Double] {
            last(name).map { Double($0.count(where: isCounted)) / Double($0.count) }
        }
        let rows = settings.indices.map { setting in
            LabFigure.Histograms.Row(
                settings[setting].name, over: settings[setting].range,
                outputs[setting * seeds.count].map { Self.counts($0, over: settings[setting].range) })
        }
        return LabResult(
            data: "drawn: N(0, 1), \(samples) x \(Self.width)",
            measurements: [
                LabMeasurement(
                    "layer 5, sigmoid, std 1: share below 0.1", over: shares("sigmoid, std 1") { $0 < 0.1 },
                    expected: 0.33 - 0.1...0.33 + 0.1),
                LabMeasurement(
                    "layer 5, sigmoid, std 1: share above 0.9", over: shares("sigmoid, std 1") { $0 > 0.9 },
                    expected: 0.41 - 0.1...0.41 + 0.1),
                LabMeasurement(
                    "layer 5, sigmoid, std 0.01: deviation", over: deviations("sigmoid, std 0.01"),
                    expected: .about(0.0115, within: 0.1)),
                LabMeasurement(
                    "layer 5, sigmoid, std 0.01: mean", over: last("sigmoid, std 0.01").map(\.mean),
                    expected: 0.49...0.51),
                LabMeasurement(
                    "layer 5, sigmoid, Xavier: deviation", over: deviations("sigmoid, Xavier"),
                    expected: .about(0.116, within: 0.1)),
                LabMeasurement(
                    "layer 5, tanh, Xavier: deviation", over: deviations("tanh, Xavier"),
                    expected: .about(0.31, within: 0.1)),
                LabMeasurement(
                    "layer 5, ReLU, std 0.01: deviation", over: deviations("ReLU, std 0.01"), expected: 0...1e-4),
                LabMeasurement(
                    "layer 5, ReLU, Xavier: deviation", over: deviations("ReLU, Xavier"),
                    expected: .about(0.177, within: 0.25)),
                LabMeasurement(
                    "layer 5, ReLU, He: deviation", over: deviations("ReLU, He"), expected: .about(1, within: 0.25)),
            ],
            figures: [
                LabFigure(
                    "Activations by layer",
                    "How often each value occurs. Rows: activation and deviation of the first weights; columns: layers. "
                        + "Each row has a scale of its own, beyond which a bar at the top goes on.",
                    .histograms(.init(columns: (1...Self.depth).map { "layer \($0)" }, rows: rows)))
            ],
            notes: [
                "The mean over the seeds is compared. What another draw of 100 x 100 weights changes is wide: 0.1 for the "
                    + "shares, since a unit's offset is the same for all samples; a tenth of the other deviations; a "
                    + "quarter of those of ReLU, whose squares have the heaviest tails."
            ])
    }

    private static func counts(_ values: [Float], over range: ClosedRange<Double>) -> [Int] {
        var counts = [Int](repeating: 0, count: 30)
        let scale = Double(counts.count) / (range.upperBound - range.lowerBound)
        for value in values where range.contains(Double(value)) {
            counts[min(Int((Double(value) - range.lowerBound) * scale), counts.count - 1)] += 1
        }
        return counts
    }
}
