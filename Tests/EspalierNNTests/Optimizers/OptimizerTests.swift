import EspalierEngine
import EspalierGraph
import EspalierSpec
import Testing

@testable import EspalierNN

@Suite(.serialized) struct OptimizerTests {
    /// `steps` steps on f = x^2 / 2 from 1, in double precision.
    func path(_ optimizer: any Optimizer, steps: Int, scale: Double = 1) -> [Double] {
        let x = Tensor.input("x", []), rate = Tensor.input("rate", []), t = Tensor.input("t", [])
        let slots = optimizer.slots.map { Tensor.input($0, []) }
        let update = optimizer.update(x, gradient: x * scale, slots: slots, learningRate: rate, step: t)
        var values = [1.0] + slots.map { _ in 0.0 }
        return (1...steps).map { step in
            var feed = [rate: ReferenceArray([], [optimizer.learningRate]), t: ReferenceArray([], [Double(step)])]
            for (leaf, value) in zip([x] + slots, values) { feed[leaf] = ReferenceArray([], [value]) }
            values = Reference.evaluate([update.parameter] + update.slots, feed).map { $0.values[0] }
            return values[0]
        }
    }

    func expect(_ found: [Double], _ expected: [Double]) {
        for (found, expected) in zip(found, expected) {
            #expect(abs(found - expected) < 1e-12, "\(found), not \(expected)")
        }
    }

    @Test func descent() { expect(path(SGD(learningRate: 0.1), steps: 3), [0.9, 0.81, 0.729]) }

    /// v = 1, then 0.9 + 0.9 = 1.8: 1 - 0.1, then 0.9 - 0.18.
    @Test func momentum() { expect(path(SGD(learningRate: 0.1, momentum: 0.9), steps: 2), [0.9, 0.72]) }

    /// 0.81 after the first step: the gradient, and the velocity that already holds it.
    @Test func nesterov() {
        // v = 1: 1 - 0.1 (1 + 0.9). v = 0.9 + 0.81 = 1.71: 0.81 - 0.1 (0.81 + 1.539).
        expect(path(SGD(learningRate: 0.1, momentum: 0.9, nesterov: true), steps: 2), [0.81, 0.5751])
    }

    /// The first gradient enters whole, the others by half.
    @Test func dampening() {
        // v = 1; v = 0.9 + 0.45.
        expect(path(SGD(learningRate: 0.1, momentum: 0.9, dampening: 0.5), steps: 2), [0.9, 0.765])
    }

    /// With bias correction the first step is lr sign(g), whatever the gradient's size.
    @Test(arguments: [1e-3, 1.0, 1e6]) func adamsFirstStep(scale: Double) {
        let found = path(Adam(learningRate: 0.1), steps: 1, scale: scale)[0]
        #expect(abs(found - (1 - 0.1 * scale / (scale + 1e-8))) < 1e-12)
    }

    @Test func adamAsThePaperHasIt() {
        var w = 1.0, m = 0.0, v = 0.0
        var expected: [Double] = []
        for t in 1...50 {
            let g = w
            m = 0.8 * m + 0.2 * g
            v = 0.95 * v + 0.05 * g * g
            var power = (0.8, 0.95)
            for _ in 1..<t { power = (power.0 * 0.8, power.1 * 0.95) }
            w -= 0.05 * (m / (1 - power.0)) / ((v / (1 - power.1)).squareRoot() + 1e-3)
            expected.append(w)
        }
        expect(path(Adam(learningRate: 0.05, betas: (0.8, 0.95), eps: 1e-3), steps: 50), expected)
    }

    @Test func adamWithoutFirstMoment() {
        // beta1 = 0, beta2 = 0: m = g, v = g^2, a step of lr sign(g).
        expect(path(Adam(learningRate: 0.1, betas: (0, 0), eps: 1e-12), steps: 3), [0.9, 0.8, 0.7])
    }

    /// The weight shrinks by lr lambda; what follows is Adam's step from there.
    @Test func adamWDecaysBeforeTheStep() {
        let optimizer = AdamW(learningRate: 0.1, betas: (0, 0), eps: 1e-12, weightDecay: 0.5)
        let w = Tensor.input("w", []), rate = Tensor.input("rate", [])
        let decayed = Reference.evaluate(
            [optimizer.decayed(w, learningRate: rate)], [w: ReferenceArray([], [2]), rate: ReferenceArray([], [0.1])])
        #expect(abs(decayed[0].values[0] - 1.9) < 1e-12)
        expect(path(optimizer, steps: 3), path(Adam(learningRate: 0.1, betas: (0, 0), eps: 1e-12), steps: 3))
    }

    @Test func adamWSparesBiasesAndNormalization() {
        let slots = LayerContents(TransformerBlock(4, heads: 2)).parameters
        let decaying = slots.filter { AdamW().decays($0.slot) }.map(\.path)
        #expect(
            decaying == [
                "self_attn.in_proj_weight", "self_attn.out_proj.weight", "linear1.weight", "linear2.weight",
            ])
        #expect(slots.allSatisfy { AdamW(on: .all).decays($0.slot) && !Adam().decays($0.slot) })
        #expect(!slots.contains { AdamW(weightDecay: 0, on: .all).decays($0.slot) })
    }

    /// 1 - beta^t in float32, where the difference of two numbers near one would be short of digits.
    @Test func biasCorrectionKeepsItsDigits() throws {
        for t in [1.0, 2, 100, 1e6] {
            let found = try Tensor.biasCorrection(0.999, Tensor(Storage.of(Float(t)), [])).item()
            let exact = -(t * logarithm(0.999)).magnitude
            let expected = t == 1 ? 0.001 : t == 2 ? 0.001999 : 1 - Double.exponential(exact)
            #expect(abs(Double(found) / expected - 1) < 3e-7, "step \(t)")
        }
    }

    static let settings: [ConfigurationValue] =
        Registry<any Optimizer>.standard.names.map { .string($0) } + others
    static let others: [ConfigurationValue] = [
        ["sgd": ["learningRate": 0.1, "momentum": 0.9, "nesterov": true, "dampening": 0]],
        ["adam": ["learningRate": 0.01, "betas": [0.8, 0.9], "eps": 1e-6]],
        ["adamW": ["learningRate": 0.01, "betas": [0.8, 0.9], "eps": 1e-6, "weightDecay": 0.2, "on": "all"]],
        ["adam": ["epsPlace": "uncorrected", "biasCorrection": false, "amsgrad": true]],
        ["muon": ["coefficients": [2, -1.5, 0.5], "adjustment": "matchRMSAdamW", "others": ["learningRate": 0.1]]],
        ["lbfgs": ["maxEvaluations": 7, "lineSearch": "strongWolfe"]],
        ["adafactor": ["eps": [1e-30, 0.01], "epsPlace": "squares"]],
    ]

    @Test(arguments: settings) func configurationsComeBack(_ value: ConfigurationValue) throws {
        let registry = Registry<any Optimizer>.standard
        let optimizer = try registry.read(ConfigurationNode(value))
        #expect(try registry.read(ConfigurationNode(optimizer.named)).named == optimizer.named)
    }

    @Test(
        arguments: [
            ["sgd": ["learningRate": 0]], ["sgd": ["momentum": 1]], ["sgd": ["nesterov": true]],
            ["sgd": ["nesterov": true, "momentum": 0.9, "dampening": 0.1]], ["adam": ["betas": [0.9]]],
            ["adam": ["betas": [0.9, 1]]], ["adam": ["eps": 0]], ["adam": ["learningRate": -1]], "adamm",
            ["adamW": ["weightDecay": -1]], ["adamW": ["on": "biases"]], ["adam": ["epsPlace": "within"]],
            ["momentum": ["momentum": 1]], ["momentum": ["dampening": -0.1]], ["nesterov": ["momentum": -0.1]],
            ["nesterov": ["dampening": 0.1]], ["adaGrad": ["learningRateDecay": -1]], ["adaGrad": ["initialSum": -1]],
            ["rmsProp": ["alpha": 1]], ["rmsProp": ["eps": -1]], ["rmsProp": ["momentum": 1.2]],
            ["nAdam": ["momentumDecay": -1]], ["nAdam": ["betas": [0.9, 1.2]]], ["rAdam": ["betas": [1, 0.9]]],
            ["adaDelta": ["rho": 1]], ["adaDelta": ["eps": 0]], ["adaMax": ["betas": [0.9, 0.9, 0.9]]],
            ["lion": ["betas": [-0.1, 0.9]]], ["lion": ["weightDecay": -1]], ["lamb": ["eps": 0]],
            ["lamb": ["ratioOn": "none"]], ["muon": ["iterations": 0]], ["muon": ["iterations": 100]],
            ["muon": ["coefficients": [1, 2]]], ["muon": ["adjustment": "other"]],
            ["muon": ["others": ["betas": [2, 2]]]], ["adafactor": ["clipping": 0.9]],
            ["adafactor": ["beta2Decay": 0.1]], ["adafactor": ["eps": [0, 1e-3]]], ["lbfgs": ["maxIterations": 0]],
            ["lbfgs": ["maxEvaluations": 0]], ["lbfgs": ["historySize": 0]], ["lbfgs": ["toleranceGradient": -1]],
            ["lbfgs": ["lineSearch": "wolfe"]],
        ] as [ConfigurationValue])
    func wrongSettingsAreErrors(_ value: ConfigurationValue) {
        #expect(throws: EspalierError.self) { try Registry<any Optimizer>.standard.read(ConfigurationNode(value)) }
    }

    @Test(arguments: Registry<any Optimizer>.standard.names) func everyRateIsAboveZero(_ name: String) {
        for rate in [0, -1] as [ConfigurationValue] {
            let value = ConfigurationValue.map([.init(name, ["learningRate": rate])])
            let error = #expect(throws: EspalierError.self) {
                try Registry<any Optimizer>.standard.read(ConfigurationNode(value))
            }
            #expect(error?.description.contains("a number above 0") == true)
        }
    }
}

extension Storage {
    static func of(_ value: Float) -> Storage {
        let storage = Storage(count: 1)
        storage.floats[0] = value
        return storage
    }
}

extension Double {
    /// e^x, by halving the exponent until the series is short.
    fileprivate static func exponential(_ x: Double) -> Double {
        abs(x) < 1e-3 ? 1 + x + x * x / 2 + x * x * x / 6 : exponential(x / 2) * exponential(x / 2)
    }
}
