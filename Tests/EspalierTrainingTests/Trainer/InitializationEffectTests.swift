import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import Testing

@testable import EspalierTraining

/// What a start does to a network, as textbooks show it.
@Suite(.serialized) struct InitializationEffectTests {
    static let x = Tensor.randomNormal([500, 100], key: RandomKey(seed: 1).tensor)

    /// Of the fifth of five layers of 100 sigmoids: the spread of all outputs, and the share that is saturated.
    static func fifthLayer(_ initializer: any Initializer) throws -> (spread: Float, saturated: Float) {
        let sigmoid = Sigmoid()
        let model = Sequential(
            (0..<5).flatMap { [Linear(100, 100, initializer: initializer)] + ($0 < 4 ? [sigmoid] : []) })
        _ = try ModelState(model, seed: 2)
        let inputs = model(x)
        let results = try Engine.current.evaluate([
            sigmoid(inputs).variance().sqrt(), sigmoid.isSaturated(inputs).cast(to: .float32).mean(),
        ])
        return (results[0][0], results[1][0])
    }

    /// Standard deviation 1 drives sigmoids to both ends; 0.01 brings all to one half; Xavier's does neither.
    @Test func sigmoidsUnderThreeSpreads() throws {
        let one = try Self.fifthLayer(Normal(std: 1)), small = try Self.fifthLayer(Normal(std: 0.01))
        let xavier = try Self.fifthLayer(XavierNormal())
        #expect(one.saturated > 0.4 && one.spread > 0.35, "\(one)")
        #expect(small.saturated == 0 && small.spread < 0.02, "\(small)")
        #expect(xavier.saturated == 0 && xavier.spread > 0.08 && xavier.spread < 0.2, "\(xavier)")
    }

    /// The slope in He's gain: through 40 layers of leaky ReLUs the mean square stays, and grows by 1 + a^2 each without.
    @Test func theSlopeBelongsIntoTheGain() throws {
        func growth(_ initializer: (any Initializer)?) throws -> Float {
            let model = Sequential(
                (0..<40).flatMap { _ -> [any Layer] in
                    [Linear(100, 100, initializer: initializer), LeakyReLU(negativeSlope: 0.5)]
                })
            _ = try ModelState(model, seed: 4)
            let squares = try Engine.current.evaluate([Self.x, model(Self.x)].map { $0.squared().mean() })
            return squares[1][0] / squares[0][0]
        }
        let matched = try growth(nil), plain = try growth(HeNormal())
        #expect(matched > 0.2 && matched < 5, "\(matched)")
        // 1.25^40 is 7523.
        #expect(plain / matched > 7000 && plain / matched < 8000, "\(plain)")
    }

    /// Neurons that start equal receive equal gradients: a layer of them stays one neuron.
    @Test func equalWeightsNeverPart() throws {
        func rows(_ initializer: (any Initializer)?) throws -> (distinct: Int, accuracy: Double) {
            let model = Sequential {
                Linear(64, 16, initializer: initializer)
                Tanh()
                Linear(16, 10, initializer: initializer)
            }
            let data = try DepthTests.digits()
            let trainer = try Trainer(
                model, loss: CrossEntropyLoss(), metrics: [Accuracy()], optimizer: Adam(learningRate: 0.01),
                settings: TrainingSettings(epochs: 20, seed: 1), sampleShape: [64], engine: Engine(threads: 1))
            _ = try trainer.fit(data)
            let weight = Array(trainer.state.parameters.values("0.weight")!)
            let rows = Set((0..<16).map { Array(weight[$0 * 64..<$0 * 64 + 64]) })
            return (rows.count, try #require(trainer.evaluate(data)["accuracy"]))
        }
        let equal = try rows(ConstantInitializer(0.1)), drawn = try rows(nil)
        #expect(equal.distinct == 1 && equal.accuracy < 0.6, "\(equal)")
        #expect(drawn.distinct == 16 && drawn.accuracy > 0.95, "\(drawn)")
    }

    /// He's start has few dead neurons; a rate that is too high kills most ReLUs all the same, and no leaky ones.
    @Test func heDoesNotKeepReLUsAlive() throws {
        let data = try experiment("data: {source: digits, limit: 600, scale: none}").prepare().data.train
        let x = Tensor(data.inputs, Shape([data.count, 64]))
        func dead(_ activation: any Activation, epochs: Int) throws -> Int {
            let first = Linear(64, 32, initializer: HeNormal())
            let trainer = try Trainer(
                Sequential([first, activation, Linear(32, 10)]), loss: CrossEntropyLoss(),
                optimizer: SGD(learningRate: 0.1), settings: TrainingSettings(epochs: max(epochs, 1), seed: 1),
                sampleShape: [64], engine: Engine(threads: 1))
            if epochs > 0 { _ = try trainer.fit(data) }
            let shares = activation.isDead(first(x)).cast(to: .float32).mean(axes: [0])
            return try Engine.current.evaluate([shares])[0].count { $0 == 1 }
        }
        let before = try dead(ReLU(), epochs: 0), after = try dead(ReLU(), epochs: 10)
        #expect(before <= 4 && after >= 16, "\(before), then \(after)")
        #expect(try dead(LeakyReLU(), epochs: 10) == 0)
    }
}
