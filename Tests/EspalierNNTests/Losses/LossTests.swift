import EspalierEngine
import EspalierGraph
import EspalierSpec
import Testing

@testable import EspalierNN

/// What losses have to do besides agreeing with PyTorch: second derivatives, identities, extremes, errors.
@Suite struct LossTests {
    static let registry = Registry<any Loss>.standard

    /// Numbers from -1.5 to 1.5, none near a kink of a loss with its default settings.
    func outputs(_ shape: Shape, _ name: String = "outputs") -> ReferenceArray {
        var random = RandomStream(seed: 8, name)
        return ReferenceArray(
            shape, (0..<shape.count).map { _ in (random.uniform() < 0.5 ? -1 : 1) * (0.2 + random.uniform()) })
    }

    /// Numbers between 0 and 1, whose sum along each row is 1 if asked for.
    func shares(_ shape: Shape, areDistributions: Bool) -> Tensor {
        let values = outputs(shape, "targets").values.map { Float(0.5 + $0 / 3) }, width = shape[1]
        guard areDistributions else { return Tensor(values, shape) }
        let rows = stride(from: 0, to: values.count, by: width).map { values[$0..<$0 + width] }
        return Tensor(rows.flatMap { row in row.map { $0 / row.reduce(0, +) } }, shape)
    }

    func value(_ tensor: Tensor) -> Double { Reference.evaluate([tensor])[0].values[0] }

    /// Every loss, on every kind of target that it takes: shapes, gradients, the engine, and settings there and back.
    @Test(arguments: registry.names) func everyLoss(name: String) throws {
        let loss = try Self.registry.read(ConfigurationNode(.string(name)))
        #expect(try Self.registry.read(ConfigurationNode(loss.named)).named == loss.named)
        for kind in type(of: loss).targets {
            for width in [1, 3] where kind == .values || width == 3 || loss.outputs(classes: 2) == 1 {
                if name == "cosine", width == 1 { continue }
                let isProbability = name.hasSuffix("OnProbabilities")
                let given = outputs([5, width])
                let z = isProbability ? ReferenceArray([5, width], given.values.map { 0.5 + $0 / 3 }) : given
                let targets =
                    kind == .classes
                    ? Tensor([1, 0, 1, 1, 0] as [Int32], [5])
                    : shares([5, width], areDistributions: name == "klDivergence")
                let result = GradientCheck.run(at: [z]) { loss($0[0], targets) }
                #expect(result.worst < 1e-7, "\(kind), \(width): \(result)")
                let x = Tensor(z.values.map { Float($0) }, [5, width])
                let losses = loss(x, targets)
                #expect(losses.shape == [5])
                let found = try losses.values(), expected = Reference.evaluate([losses])[0].values
                for (found, expected) in zip(found, expected) {
                    #expect(abs(Double(found) - expected) < 1e-6 * max(1, abs(expected)))
                    #expect(expected > -1e-6)
                }
                let said = loss.predictions(x, of: kind)
                #expect(said.shape == (kind == .classes && width == 1 ? [5, 2] : [5, width]))
            }
        }
    }

    /// Mixing two targets and mixing their losses are one and the same.
    @Test(arguments: [0, 0.125]) func sharesAreWeightedLosses(smoothing: Double) {
        let loss = CrossEntropyLoss(labelSmoothing: smoothing)
        let z = Tensor(outputs([4, 3]).values.map { Float($0) }, [4, 3])
        let first = Tensor([0, 1, 2, 0] as [Int32], [4]), second = Tensor([2, 1, 0, 1] as [Int32], [4])
        let lambda = 0.3
        let shares = lambda * first.oneHot(3) + (1 - lambda) * second.oneHot(3)
        for loss in [loss, BinaryCrossEntropyLoss(), CrossEntropyOnProbabilities()] as [any Loss] {
            let x = loss is CrossEntropyOnProbabilities ? z.softmax() : z
            let mixed = loss.mean(x, shares)
            let apart = lambda * loss.mean(x, first) + (1 - lambda) * loss.mean(x, second)
            #expect(abs(value(mixed) - value(apart)) < 1e-14)
        }
    }

    @Test func specialCasesAreOtherLosses() {
        let z = Tensor(outputs([4, 3]).values.map { Float($0) }, [4, 3]), labels = Tensor([0, 1, 2, 0] as [Int32], [4])
        let entropy = value(CrossEntropyLoss().mean(z, labels))
        func expectEntropy(_ loss: any Loss, _ x: Tensor, _ targets: Tensor, _ factor: Double = 1) {
            #expect(abs(value(loss.mean(x, targets)) - factor * entropy) < 1e-14)
        }
        expectEntropy(FocalLoss(gamma: 0), z, labels)
        expectEntropy(CrossEntropyLoss(classWeights: [3, 3, 3]), z, labels)
        expectEntropy(CrossEntropyOnProbabilities(), z.softmax(), labels)
        expectEntropy(KullbackLeiblerDivergence(), z, labels.oneHot(3))
        // Two classes by one output or by two of which one is zero.
        let one = z.slice(0..<1, axis: 1), two = Tensor.concatenate([Tensor.zeros([4, 1]), one], axis: 1)
        let binary = Tensor([0, 1, 1, 0] as [Int32], [4])
        let difference = BinaryCrossEntropyLoss().mean(one, binary) - CrossEntropyLoss().mean(two, binary)
        #expect(abs(value(difference)) < 1e-14)
        let focal = FocalLoss(gamma: 1.5).mean(one, binary) - FocalLoss(gamma: 1.5).mean(two, binary)
        #expect(abs(value(focal)) < 1e-14)
        let t = Tensor(outputs([4, 3], "t").values.map { Float($0) }, [4, 3])
        #expect(abs(value(HuberLoss(delta: 100).mean(z, t) - 0.5 * MeanSquaredError().mean(z, t))) < 1e-14)
        #expect(abs(value(HuberLoss(delta: 0.5).mean(z, t) - 0.5 * SmoothL1Loss(beta: 0.5).mean(z, t))) < 1e-14)
    }

    /// Sigmoids and softmaxes that saturate, and outputs of exactly zero, have finite losses and right gradients.
    @Test func extremes() throws {
        let z = Tensor([-200, -90, 0, 90, 200] as [Float], [5, 1]), labels = Tensor([1, 0, 1, 0, 1] as [Int32], [5])
        let loss = BinaryCrossEntropyLoss()
        let gradient = loss(z, labels).sum().gradients(by: [z])[0]
        #expect(try loss(z, labels).values() == [200, 0, Float(0.6931472), 90, 0])
        #expect(try gradient.values() == [-1, 0, -0.5, 1, 0])
        for gamma in [0, 0.5, 2] {
            let focal = FocalLoss(gamma: gamma)
            let values = try focal(z, labels).values() + focal(z, labels).sum().gradients(by: [z])[0].values()
            #expect(values.allSatisfy { $0.isFinite }, "\(gamma): \(values)")
        }
        // A linear layer where a softmax should be.
        let wrong = CrossEntropyOnProbabilities()(Tensor([-1, 0, 2] as [Float], [1, 3]), Tensor([0] as [Int32], [1]))
        #expect(try wrong.values() == [100])
        let still = Tensor([0, 0] as [Float], [1, 2])
        let cosine = CosineLoss()(still, Tensor([1, 2] as [Float], [1, 2]))
        #expect(try cosine.values() == [1])
        #expect(try cosine.sum().gradients(by: [still])[0].values().allSatisfy { $0.isFinite })
    }

    @Test func aBatchOfIgnoredSamplesHasNoMean() throws {
        let loss = CrossEntropyLoss(ignoredIndex: 1), labels = Tensor([1, 1] as [Int32], [2])
        let z = Tensor([1, 2, 3, 4] as [Float], [2, 2])
        #expect(try loss(z, labels).values() == [0, 0])
        #expect(try loss.mean(z, labels).values()[0].isNaN)
        // A label outside of the outputs may be the ignored one.
        let padding = CrossEntropyLoss(ignoredIndex: -100), other = Tensor([-100, 0] as [Int32], [2])
        let alone = try CrossEntropyLoss()(z, Tensor([0, 0] as [Int32], [2])).values()[1]
        #expect(try padding.mean(z, other).values() == [alone])
    }

    @Test func whatDoesNotFitIsRefused() {
        #expect(throws: EspalierError.self) { try CrossEntropyLoss(classWeights: [1, 2]).check(.classes, count: 3) }
        #expect(throws: EspalierError.self) { try CrossEntropyLoss(ignoredIndex: 3).check(.classes, count: 3) }
        #expect(throws: EspalierError.self) { try FocalLoss(alpha: 0.5).check(.classes, count: 3) }
        #expect(throws: EspalierError.self) { try CosineLoss().check(.values, count: 1) }
        #expect(throws: Never.self) {
            try CrossEntropyLoss(classWeights: [1, 2, 0], ignoredIndex: 0).check(.classes, count: 3)
        }
    }

    @Test(
        arguments: [
            ["crossEntropy": ["labelSmoothing": 1]], ["crossEntropy": ["classWeights": [1, -1]]],
            ["crossEntropy": ["classWeights": [0, 0]]], ["binaryCrossEntropy": ["positiveWeight": 0]],
            ["focal": ["gamma": -1]], ["focal": ["alpha": 1.2]], ["huber": ["delta": 0]], ["smoothL1": ["beta": -1]],
            ["hinge": ["power": 3]], ["hinge": ["margin": 0]], ["mae": ["delta": 1]], "crossEntropie",
        ] as [ConfigurationValue])
    func wrongSettingsAreErrors(_ value: ConfigurationValue) {
        #expect(throws: EspalierError.self) { try Self.registry.read(ConfigurationNode(value)) }
    }
}
