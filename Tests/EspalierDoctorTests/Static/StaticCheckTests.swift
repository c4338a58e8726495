import Espalier
import Testing

@testable import EspalierDoctor

/// What is seen in configurations with one fault each, and nothing in those without.
struct StaticCheckTests {
    private func findings(
        _ text: String, on source: (any DataSource)? = nil
    ) throws -> [Finding] {
        let prepared = try Experiment(text: text, on: source).prepare()
        return try Examination.staticChecks.flatMap { try $0.findings(in: prepared) }
    }

    /// The findings that matter.
    private func faults(_ text: String, on source: (any DataSource)? = nil) throws -> [Finding] {
        try findings(text, on: source).filter { $0.severity > .info }
    }

    private static let circles = "data: {source: circles, scale: none}\n"
    private static let blobs =
        "data: {source: {blobs: {samples: 300, centers: 3, clusterStd: 2, seed: 2}}, scale: none}\n"
    private static let onProbabilities = "loss: binaryCrossEntropyOnProbabilities\n"
    private static let onDistribution = "loss: crossEntropyOnProbabilities\n"

    struct Output: Sendable {
        var tail: String
        var loss: String
        var symptom: Symptom?
        var severity = Finding.Severity.error
    }

    @Test(arguments: [
        Output(
            tail: "  - linear: {units: 3}\n  - relu", loss: "crossEntropyOnProbabilities",
            symptom: .wrongOutputActivation),
        Output(tail: "  - linear: {units: 3}", loss: "crossEntropyOnProbabilities", symptom: .wrongOutputActivation),
        Output(
            tail: "  - linear: {units: 3}\n  - tanh", loss: "crossEntropyOnProbabilities",
            symptom: .wrongOutputActivation),
        Output(
            tail: "  - linear: {units: 3}\n  - logSoftmax", loss: "crossEntropyOnProbabilities",
            symptom: .wrongOutputActivation),
        Output(tail: "  - linear: {units: 3}\n  - sigmoid", loss: "crossEntropyOnProbabilities", symptom: .wrongLoss),
        Output(tail: "  - linear: {units: 3}\n  - softmax", loss: "crossEntropyOnProbabilities"),
        Output(
            tail: "  - linear: {units: 3}\n  - softmax", loss: "crossEntropy", symptom: .wrongLoss, severity: .warning),
        Output(
            tail: "  - linear: {units: 3}\n  - sigmoid", loss: "crossEntropy", symptom: .wrongLoss, severity: .warning),
        Output(
            tail: "  - linear: {units: 3}\n  - relu", loss: "crossEntropy", symptom: .wrongOutputActivation,
            severity: .warning),
        Output(
            tail: "  - linear: {units: 3}\n  - tanh", loss: "crossEntropy", symptom: .wrongOutputActivation,
            severity: .warning),
        Output(tail: "  - linear: {units: 3}\n  - hardTanh: {minimum: -9, maximum: 9}", loss: "crossEntropy"),
        Output(tail: "  - linear: {units: 3}\n  - leakyReLU", loss: "crossEntropy"),
        Output(tail: "  - linear: {units: 3}\n  - logSoftmax", loss: "crossEntropy"),
        Output(tail: "  - linear: {units: 3}", loss: "crossEntropy"),
        Output(tail: "  - linear: {units: 3}\n  - batchNorm", loss: "crossEntropy"),
        Output(tail: "  - linear: {units: 3}\n  - batchNorm\n  - softmax", loss: "crossEntropyOnProbabilities"),
        Output(tail: "  - linear: {units: 3}", loss: "binaryCrossEntropy"),
        Output(tail: "  - linear: {units: 3}\n  - sigmoid", loss: "binaryCrossEntropyOnProbabilities"),
        Output(
            tail: "  - linear: {units: 3}\n  - softmax", loss: "binaryCrossEntropy", symptom: .wrongLoss,
            severity: .warning),
        Output(tail: "  - linear: {units: 3}", loss: "hinge"),
    ])
    func outputsOfClasses(_ output: Output) throws {
        let found = try faults(
            Self.blobs + "model:\n  - linear: {units: 50}\n  - relu\n\(output.tail)\nloss: \(output.loss)\n")
        #expect(found.map(\.symptom) == (output.symptom.map { [$0] } ?? []), "\(output) \(found)")
        if output.symptom != nil {
            #expect(found.first?.severity == output.severity, "\(output)")
            #expect(found.first?.location == (output.tail.contains("\n") ? "3" : "2"))
        }
    }

    @Test(arguments: [
        Output(tail: "softmax", loss: "binaryCrossEntropyOnProbabilities", symptom: .wrongOutputActivation),
        Output(tail: "relu", loss: "binaryCrossEntropyOnProbabilities", symptom: .wrongOutputActivation),
        Output(tail: "sigmoid", loss: "binaryCrossEntropyOnProbabilities"),
        Output(tail: "sigmoid", loss: "binaryCrossEntropy", symptom: .wrongLoss),
        Output(tail: "relu", loss: "binaryCrossEntropy", symptom: .wrongOutputActivation),
        Output(tail: "relu", loss: "hinge", symptom: .wrongOutputActivation),
        Output(tail: "tanh", loss: "hinge"),
        Output(tail: "leakyReLU", loss: "binaryCrossEntropy"),
    ])
    func oneOutputForTwoClasses(_ output: Output) throws {
        let found = try faults(
            Self.circles
                + "model: [linear: {units: 8}, tanh, linear: {units: 1}, \(output.tail)]\nloss: \(output.loss)\n")
        #expect(found.map(\.symptom) == (output.symptom.map { [$0] } ?? []), "\(output) \(found)")
        if output.symptom != nil { #expect(found.first?.severity == output.severity) }
    }

    @Test func aSoftmaxOfTwoUnderBinaryCrossEntropyIsOneDistribution() throws {
        for loss in ["binaryCrossEntropy", "binaryCrossEntropyOnProbabilities"] {
            let found = try faults(
                "data: {source: classification}\nmodel: [linear: {units: 50}, relu, linear: {units: 2}, softmax]\n"
                    + "loss: \(loss)\n")
            #expect(found.map(\.symptom) == [.wrongLoss])
        }
    }

    struct Values: Sendable {
        var low: Double, high: Double
        var activation: String
        var loss = "mse"
        var severity: Finding.Severity?
    }

    @Test(arguments: [
        Values(low: -1, high: 1, activation: "sigmoid", severity: .error),
        Values(low: -1, high: 1, activation: "relu", severity: .error),
        Values(low: -1, high: 1, activation: "relu", loss: "huber", severity: .error),
        Values(low: -2, high: 2, activation: "tanh", severity: .warning),
        Values(low: -1, high: 1, activation: "tanh"),
        Values(low: 0, high: 1, activation: "sigmoid"),
        Values(low: 0, high: 50, activation: "relu"),
        Values(low: 0, high: 50, activation: "softplus"),
        Values(low: 0, high: 50, activation: "sigmoid", severity: .error),
        Values(low: -5, high: 5, activation: "leakyReLU"),
    ])
    func valuesOutOfReach(_ values: Values) throws {
        let found = try faults(
            "model: [linear: {units: 8}, relu, linear: {units: 1}, \(values.activation)]\nloss: \(values.loss)\n",
            on: DrawnSource(low: values.low, high: values.high))
        #expect(found.map(\.symptom) == (values.severity == nil ? [] : [.wrongOutputActivation]), "\(values) \(found)")
        #expect(found.first?.severity == values.severity, "\(values)")
    }

    @Test func theShareOutOfReachIsThatOfTheVariance() {
        // Of values 0 and 2 around 1, a bound of 1 leaves (2 - 1)^2 of 2 times 1.
        #expect(WrongOutputActivation.unreachable([0, 2], 0, 1) == 0.5)
        #expect(WrongOutputActivation.unreachable([0, 2], 0, 2) == 0)
        #expect(WrongOutputActivation.unreachable([3, 3], 0, 1) == 1)
    }

    @Test func anAnswerOfYesOrNoIsNoValue() throws {
        let source = DrawnSource(binary: true)
        func found(_ loss: String, _ tail: String) throws -> [Finding] {
            try findings(
                "model: [linear: {units: 4}, sigmoid, linear: {units: 1}, \(tail)]\nloss: \(loss)\n", on: source)
        }
        #expect(try found("mae", "sigmoid").map(\.symptom) == [.wrongLoss])
        #expect(try found("mae", "sigmoid").map(\.severity) == [.warning])
        #expect(try found("mse", "sigmoid").map(\.severity) == [.info])
        #expect(try found("binaryCrossEntropy", "batchNorm").isEmpty)
        let single = try found("mse", "softmax").filter { $0.severity > .info }
        #expect(single.map(\.symptom) == [.wrongOutputActivation] && single[0].location == "3")
    }

    @Test(
        arguments: [
            ("linear: {units: 50}, linear: {units: 50}, linear: {units: 3}", "0"),
            ("linear: {units: 50}, batchNorm, dropout, linear: {units: 3}", "0"),
            ("linear: {units: 50}, relu, linear: {units: 20}, linear: {units: 3}", "2"),
            ("linear: {units: 50}, {leakyReLU: {negativeSlope: 1}}, linear: {units: 3}", "0"),
            ("{sequential: {layers: [{linear: {units: 50}}]}}, linear: {units: 3}", "0.0"),
            (
                "linear: {units: 8}, relu, residual: {body: [{linear: {units: 8}}, {linear: {units: 8}}, relu]}, linear: {units: 3}",
                "2.body.0"
            ),
            ("linear: {units: 50}, relu, linear: {units: 3}", nil),
            ("linear: {units: 50}, layerNorm, linear: {units: 3}", nil),
            // Two numbers, of which one is passed on: a factorisation.
            ("linear: {units: 1}, linear: {units: 3}", nil),
            ("linear: {units: 8}, relu, residual: {body: [relu, {linear: {units: 8}}]}, linear: {units: 3}", nil),
        ] as [(String, String?)])
    func linearMapsOfLinearMaps(_ layers: String, _ place: String?) throws {
        let found = try faults(Self.blobs + "model: [\(layers)]\n")
        #expect(found.map(\.symptom) == (place == nil ? [] : [.missingNonlinearity]), "\(layers) \(found)")
        #expect(found.first?.location == place, "\(layers)")
    }

    @Test func poolingsAndGroupsBetweenConvolutions() throws {
        func found(_ layers: String) throws -> [Symptom] {
            try faults(
                "model: [\(layers), flatten, linear: {units: auto}]\n",
                on: DrawnSource(shape: [2, 8, 8], classes: 3)
            ).map(\.symptom)
        }
        let convolution = "conv2d: {channels: 32, kernelSize: 3, padding: 1}"
        #expect(try found("\(convolution), maxPool2d: {kernelSize: 2}, \(convolution), relu") == [])
        #expect(try found("\(convolution), avgPool2d: {kernelSize: 2}, \(convolution), relu") == [.missingNonlinearity])
        // Depthwise, then pointwise.
        let depthwise = "conv2d: {channels: 32, kernelSize: 3, padding: 1, groups: 32}"
        #expect(try found("\(convolution), relu, \(depthwise), conv2d: {channels: 64, kernelSize: 1}, relu") == [])
    }

    @Test func equalWeightsStayEqual() throws {
        let model = "model: [linear: {units: 16}, tanh, linear: {units: 3}]\n"
        let found = try faults(Self.blobs + "initializer: {constant: {value: 0.01}}\n" + model)
        #expect(found.map(\.symptom) == [.symmetricWeights] && found[0].severity == .error && found[0].location == "0")
        let hidden = try faults(
            Self.blobs + "model: [linear: {units: 16, initializer: zeros}, tanh, linear: {units: 3}]\n")
        #expect(hidden.map(\.symptom) == [.symmetricWeights] && hidden[0].severity == .warning)
        // Of one unit, or of the outputs.
        #expect(
            try faults(
                Self.circles
                    + "model: [linear: {units: 1, initializer: ones}, tanh, linear: {units: 1, initializer: zeros}]\n"
                    + "loss: binaryCrossEntropy\n"
            ).isEmpty)
        #expect(
            try faults(Self.blobs + "model: [linear: {units: 16}, tanh, linear: {units: 3, initializer: zeros}]\n")
                .isEmpty)
    }

    struct Depth: Sendable {
        var count: Int
        var activation: String
        var initializer = ""
        var symptom: Symptom?
    }

    @Test(arguments: [
        Depth(count: 8, activation: "sigmoid", initializer: "heUniform", symptom: .vanishingGradient),
        Depth(count: 12, activation: "sigmoid", symptom: .vanishingGradient),
        Depth(count: 20, activation: "sigmoid", symptom: .vanishingGradient),
        Depth(count: 8, activation: "exponential", initializer: "heUniform", symptom: .explodingGradient),
        Depth(
            count: 8, activation: "relu", initializer: "{uniform: {low: -0.05, high: 0.05}}",
            symptom: .poorInitialization),
        Depth(count: 6, activation: "tanh", initializer: "{normal: {std: 10}}", symptom: .poorInitialization),
        Depth(count: 8, activation: "tanh"), Depth(count: 5, activation: "tanh"),
        Depth(count: 2, activation: "sigmoid"), Depth(count: 3, activation: "sigmoid"),
        Depth(count: 20, activation: "relu"), Depth(count: 20, activation: "selu"), Depth(count: 12, activation: "elu"),
        Depth(count: 8, activation: "gelu"), Depth(count: 8, activation: "leakyReLU"),
        Depth(count: 8, activation: "pReLU"),
        Depth(count: 2, activation: "relu", initializer: "{uniform: {low: -0.05, high: 0.05}}"),
    ])
    func signalsThroughDepth(_ depth: Depth) throws {
        let initializer = depth.initializer.isEmpty ? "" : "initializer: \(depth.initializer)\n"
        let found = try faults(
            Self.circles + initializer + "model:\n"
                + Experiment.stack(depth.count, "linear: {units: 5}", depth.activation)
                + "  - linear: {units: 1}\n  - sigmoid\n" + Self.onProbabilities)
        #expect(found.map(\.symptom) == (depth.symptom.map { [$0] } ?? []), "\(depth) \(found)")
    }

    @Test func normalisationAndShortcutsCarrySignals() throws {
        for layers in [
            ["linear: {units: 5}", "batchNorm", "sigmoid"], ["linear: {units: 5}", "layerNorm", "tanh"],
            ["residual: {body: [{linear: {units: 5}}, sigmoid]}"],
        ] {
            let stack = (0..<12).flatMap { _ in layers }.map { "  - \($0)" }.joined(separator: "\n")
            let found = try faults(
                Self.circles + "model:\n  - linear: {units: 5}\n  - tanh\n\(stack)\n  - linear: {units: 1}\n"
                    + "loss: binaryCrossEntropy\ntraining: {batchSize: 70}\n")
            #expect(found.isEmpty, "\(layers) \(found)")
        }
    }

    @Test(
        arguments: [
            ("regularization: {l2: 0.1}", "l2"), ("regularization: {l1: 0.1}", "l1"),
            ("optimizer: sgd\nregularization: {weightDecay: 0.1}\ntraining: {epochs: 100}", "weightDecay"),
            ("optimizer: {adamW: {weightDecay: 20}}", "weightDecay"),
            ("regularization: {l2: 0.001, weightDecay: 0.1}", nil), ("optimizer: {adamW: {weightDecay: 0.1}}", nil),
            ("regularization: {l1: {strength: 0.05, proximal: true}}", nil),
        ] as [(String, String?)])
    func penaltiesThatOutweighTheData(_ text: String, _ place: String?) throws {
        let found = try faults(Self.blobs + "model: [linear: {units: 50}, relu, linear: {units: 3}]\n" + text + "\n")
        #expect(found.map(\.symptom) == (place == nil ? [] : [.excessiveRegularization]), "\(text) \(found)")
        #expect(found.first?.location == place)
    }

    @Test(
        arguments: [
            ("linear: {units: 16}, relu, dropout: {p: 0.5}, linear: {units: 3}", "2"),
            ("linear: {units: 256}, relu, dropout: {p: 0.9}, linear: {units: 3}", "2"),
            ("linear: {units: 256}, relu, linear: {units: 3}, dropout: {p: 0.2}", "3"),
            ("dropout: {p: 0.5}, linear: {units: 256}, relu, linear: {units: 3}", "0"),
            ("linear: {units: 64}, relu, dropout: {p: 0.5}, linear: {units: 3}", nil),
            ("linear: {units: 16}, relu, dropout: {p: 0.1}, linear: {units: 3}", nil),
        ] as [(String, String?)])
    func dropoutThatLeavesLittle(_ layers: String, _ place: String?) throws {
        let found = try faults(Self.blobs + "model: [\(layers)]\n")
        #expect(found.map(\.symptom) == (place == nil ? [] : [.excessiveRegularization]), "\(layers) \(found)")
        #expect(found.first?.location == place)
    }

    @Test func stepsOfSingleSamples() throws {
        let model = Self.blobs + "model: [linear: {units: 50}, relu, linear: {units: 3}]\n"
        let noisy = try faults(
            model + "optimizer: {sgd: {learningRate: 0.01, momentum: 0.9}}\ntraining: {batchSize: 1}\n")
        #expect(noisy.map(\.symptom) == [.batchTooSmall])
        let careful = try findings(model + "optimizer: {sgd: {learningRate: 0.001}}\ntraining: {batchSize: 1}\n")
        #expect(careful.map(\.symptom) == [.batchTooSmall] && careful[0].severity == .info)
        #expect(
            try findings(model + "optimizer: {sgd: {learningRate: 0.01, momentum: 0.9}}\ntraining: {batchSize: 32}\n")
                .isEmpty)
        // Sixteen batches of two are one step.
        #expect(
            try findings(
                model + "optimizer: {sgd: {learningRate: 0.01, momentum: 0.9}}\ntraining: {batchSize: 2}\n"
                    + "gradient: {accumulate: 16}\n"
            ).isEmpty)
    }

    @Test func statisticsOfFewValues() throws {
        func found(_ size: Int) throws -> [Finding] {
            try findings(
                Self.blobs + "model: [linear: {units: 50}, batchNorm, relu, linear: {units: 3}]\n"
                    + "training: {batchSize: \(size)}\n"
            ).filter { $0.symptom == .batchTooSmall && $0.location == "1" }
        }
        #expect(try found(4).map(\.severity) == [.warning])
        #expect(try found(6).map(\.severity) == [.info])
        #expect(try found(32).isEmpty)
    }

    @Test func normalisationOfWhatWasDropped() throws {
        let found = try findings(
            Self.blobs
                + "model: [linear: {units: 50}, relu, dropout, linear: {units: 50}, batchNorm, relu, linear: {units: 3}]\n"
        )
        #expect(found.map(\.symptom) == [.trainEvalMismatch] && found[0].severity == .info && found[0].location == "4")
        #expect(
            try findings(
                Self.blobs + "model: [linear: {units: 50}, batchNorm, relu, dropout, linear: {units: 3}]\n"
            ).isEmpty)
    }

    @Test(
        arguments: [
            ("adam: {learningRate: 1}", 200, Symptom.learningRateTooHigh),
            ("adam: {learningRate: 1.0e-7}", 200, .learningRateTooLow),
            ("adam: {learningRate: 1.0e-5}", 150, .learningRateTooLow),
            ("sgd: {learningRate: 100}", 200, .learningRateTooHigh),
            ("sgd: {learningRate: 1.0e-7}", 200, .learningRateTooLow), ("adam: {learningRate: 0.001}", 300, nil),
            ("adam: {learningRate: 1.0e-4}", 300, nil), ("sgd: {learningRate: 0.5}", 200, nil),
            ("sgd: {learningRate: 0.1, momentum: 0.9}", 200, nil), ("rmsProp: {learningRate: 0.001}", 30, nil),
            ("adaDelta: {learningRate: 1}", 30, nil),
        ] as [(String, Int, Symptom?)])
    func ratesOrdersOfMagnitudeOff(_ optimizer: String, _ epochs: Int, _ symptom: Symptom?) throws {
        let found = try faults(
            Self.blobs + "model: [linear: {units: 50}, relu, linear: {units: 3}]\noptimizer: {\(optimizer)}\n"
                + "training: {epochs: \(epochs), batchSize: 128}\n")
        #expect(found.map(\.symptom) == (symptom.map { [$0] } ?? []), "\(optimizer) \(found)")
    }
}
