import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Foundation

/// How gradients go back through deep networks: by depth, activation, first weights, normalisation and residuals.
public struct GradientFlow: LabExperiment {
    public var seeds = [0, 1, 2]
    public var depths = [10, 20, 50]

    public static let name = "gradientFlow"
    public static let summary =
        "Norms of the gradient by each layer's outputs in networks of 10, 20 and 50 layers of 100 units"
    public static let lesson = """
        On its way back a gradient is multiplied by every layer's weights and slopes: where these products are below one it \
        vanishes with the depth, where they are above it explodes. First weights that match the activation hold it for \
        tens of layers; the sigmoid's slope of at most a quarter lets it vanish whatever the weights. Batch normalisation \
        makes first weights matter less, and residuals give the gradient a way around.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one draw of weights and samples for each"),
        Field("depths", \Self.depths, "hidden layers"),
    ]

    public init() {}

    private static let width = 100, samples = 100, classes = 10
    private static let activations: [(name: String, make: @Sendable () -> any Layer)] = [
        ("sigmoid", { Sigmoid() }), ("tanh", { Tanh() }), ("ReLU", { ReLU() }), ("SELU", { SELU() }),
    ]
    private static let initializers: [(name: String, initializer: any Initializer)] = [
        ("std 1", Normal(std: 1)), ("std 0.01", Normal(std: 0.01)), ("Xavier", XavierNormal()), ("He", HeNormal()),
        ("orthogonal", Orthogonal()),
    ]
    private static let kinds = ["plain", "batch normalisation", "residuals"]

    private struct Setting: Sendable, Hashable {
        var kind: Int
        var activation: Int
        var initializer: Int
        var depth: Int

        var name: String {
            "\(GradientFlow.activations[activation].name), \(GradientFlow.initializers[initializer].name)"
        }
    }

    /// The norm of the gradient by the outputs of each hidden layer.
    private static func norms(_ setting: Setting, seed: Int) throws -> [Double] {
        let initializer = initializers[setting.initializer].initializer
        let activation = activations[setting.activation].make
        let body = (0..<setting.depth).map { _ -> any Layer in
            let linear = Linear(width, width, initializer: initializer)
            switch setting.kind {
            case 0: return Sequential([linear, activation()])
            case 1: return Sequential([linear, BatchNorm(width), activation()])
            default: return Residual(Sequential([linear, activation()]))
            }
        }
        let model = Sequential(body + [Linear(width, classes, initializer: XavierNormal())])
        let state = try ModelState(model, seed: UInt64(seed))
        state.mode = .training
        var random = RandomStream(seed: UInt64(seed), "labels")
        let labels = (0..<samples).map { _ in Int32.random(in: 0..<Int32(classes), using: &random) }
        let x = Tensor.randomNormal([samples, width], key: RandomKey(seed: UInt64(seed), ["inputs"]).tensor)
        // Not by the weights: theirs has what comes forward as a factor, which makes up for what goes back.
        var outputs: [Tensor] = []
        let y = model.layers.reduce(x) { y, layer in
            outputs.append(layer(y))
            return outputs[outputs.count - 1]
        }
        let loss = y.crossEntropy(labels: Tensor(labels, [samples])).mean()
        // The square of a small gradient is below what single precision holds: its largest element is taken out first.
        let measures = loss.gradients(by: outputs.dropLast()).flatMap { gradient -> [Tensor] in
            let largest = gradient.abs().max()
            return [largest, (gradient / .maximum(largest, Tensor(1e-37))).squared().sum()]
        }
        let values = try withExtendedLifetime(state) { try Engine.current.evaluate(measures) }
        return stride(from: 0, to: values.count, by: 2).map { index in
            Double(values[index][0]) * Double(values[index + 1][0]).squareRoot()
        }
    }

    /// Over the last one; what is beyond five decades stays there, so that what holds can be told apart.
    private static func relative(_ norms: [Double]) -> [Double] {
        norms.map { norm in
            let quotient = norm / (norms.last ?? 1)
            return quotient.isNaN ? .nan : min(max(quotient, 1e-5), 1e5)
        }
    }

    public func run(in lab: Lab) throws -> LabResult {
        let settings = Self.kinds.indices.flatMap { kind in
            Self.activations.indices.flatMap { activation in
                Self.initializers.indices.flatMap { initializer in
                    depths.map { Setting(kind: kind, activation: activation, initializer: initializer, depth: $0) }
                }
            }
        }
        let trials = settings.flatMap { setting in seeds.map { (setting, $0) } }
        let all = try lab.map(trials) { try Self.norms($0, seed: $1) }
        var norms: [Setting: [[Double]]] = [:]
        for ((setting, _), values) in zip(trials, all) { norms[setting, default: []].append(values) }
        let deepest = depths.max() ?? 1
        /// Of the first layer over that of the last, in powers of ten; by seed.
        func fall(_ setting: Setting) -> [Double] {
            (norms[setting] ?? []).map { log10(($0.first ?? 0) / ($0.last ?? 1)) }
        }
        let named: [(String, Int, Int, Int)] = [
            ("sigmoid, Xavier", 0, 0, 2), ("tanh, Xavier", 0, 1, 2), ("tanh, std 0.01", 0, 1, 1),
            ("ReLU, Xavier", 0, 2, 2), ("ReLU, He", 0, 2, 3), ("ReLU, std 1", 0, 2, 0), ("SELU, Xavier", 0, 3, 2),
            ("ReLU, He, with batch normalisation", 1, 2, 3), ("sigmoid, Xavier, with batch normalisation", 1, 0, 2),
            ("sigmoid, Xavier, with residuals", 2, 0, 2), ("tanh, Xavier, with residuals", 2, 1, 2),
        ]
        let measurements = named.map { name, kind, activation, initializer in
            LabMeasurement(
                "first layer's gradient over the last's, powers of ten: \(name), \(deepest) layers",
                over: fall(Setting(kind: kind, activation: activation, initializer: initializer, depth: deepest)))
        }
        let maps = Self.kinds.indices.map { kind in
            let own = settings.filter { $0.kind == kind && $0.depth == deepest }
            return LabFigure(
                "Gradient norm by layer: \(Self.kinds[kind])",
                "Over that of the last of \(deepest) layers, the first at the left; mean of the seeds. Pale vanishes, dark explodes, five decades and more.",
                .heatMap(
                    .init(
                        axis: "layer", columns: (1...deepest).map(Double.init),
                        rows: own.map { ($0.name, Self.relative((norms[$0] ?? []).meanCurve)) },
                        quantity: "over the last layer's")))
        }
        let chosen = [(1, 2), (2, 2), (2, 3), (3, 2), (0, 2)]
        let lines = LabFigure(
            "Gradient norm by layer, plain", "\(deepest) layers: which vanish, which hold.",
            .lines(
                .init(
                    x: .init("layer"), y: .init("gradient norm", logarithmic: true),
                    chosen.map { activation, initializer in
                        let setting = Setting(kind: 0, activation: activation, initializer: initializer, depth: deepest)
                        return .init(setting.name, (norms[setting] ?? []).meanCurve)
                    })))
        let byDepth = LabFigure(
            "First layer's gradient over the last's, by depth", "Plain networks; mean of the seeds, in powers of ten.",
            .lines(
                .init(
                    x: .init("layers"), y: .init("powers of ten"),
                    chosen.map { activation, initializer in
                        let own = depths.sorted().map {
                            Setting(kind: 0, activation: activation, initializer: initializer, depth: $0)
                        }
                        return .init(own[0].name, x: own.map { Double($0.depth) }, y: own.map { fall($0).mean })
                    }, guides: [(0, "holds")])))
        return LabResult(
            data: "drawn: N(0, 1), \(Self.samples) x \(Self.width), labels at random", measurements: measurements,
            figures: [lines, byDepth] + maps,
            notes: [
                "No book states values: what vanishes loses decades from the last layer to the first, what explodes gains "
                    + "them, what holds stays within one or two. Infinite, or no number, is where single precision ended."
            ])
    }
}
