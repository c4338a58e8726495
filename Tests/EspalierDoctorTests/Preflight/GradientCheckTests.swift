import Espalier
import Testing

@testable import EspalierDoctor
@testable import EspalierTraining

/// The check of the gradient: right for what is right, and it names the layer whose derivative is not.
struct GradientCheckTests {
    /// A factor whose derivative is `slope` times what it should be.
    private final class Scale: Layer {
        @Parameter var factor: Tensor
        let slope: Double

        init(_ slope: Double) {
            self.slope = slope
            _factor = Parameter([12], Ones())
        }

        func forward(_ x: Tensor) -> Tensor {
            x * (factor * slope - (factor * (slope - 1)).stopGradient())
        }

        var description: String { "Scale" }
    }

    private func check(slope: Double, seed: Int) throws -> Preflight.GradientCheck {
        let inputs = (0..<64).map { Float(($0 * 37 + seed) % 17) / 8 - 1 }
        let data = try Dataset(
            name: "some", sampleShape: [4], inputs: inputs,
            targets: .classes((0..<16).map { Int32($0 % 3) }, names: ["a", "b", "c"]))
        let model = Sequential([Linear(4, 12), Tanh(), Scale(slope), Linear(12, 3)])
        let trainer = try Trainer(
            model, loss: CrossEntropyLoss(), optimizer: Adam(), settings: TrainingSettings(seed: seed),
            sampleShape: [4], engine: Engine(threads: 1))
        let training = try DetachedTraining(trainer, on: data)
        defer { training.end() }
        return try Preflight.GradientCheck(training, Array(0..<16))
    }

    @Test(arguments: 0..<20) func aRightGradientPasses(_ seed: Int) throws {
        let check = try check(slope: 1, seed: seed)
        #expect(check.quotients.count >= 4 && check.quotients.allSatisfy { abs($0.quotient - 1) < 0.02 })
    }

    @Test(arguments: [-1, 0.25, 4.0], [1, 2, 3]) func aWrongOneIsNamed(_ slope: Double, seed: Int) throws {
        let check = try check(slope: slope, seed: seed)
        #expect(check.wrong.map(\.path) == ["2.factor"])
        let quotient = try #require(check.wrong.first?.quotient)
        #expect(abs(quotient * slope - 1) < 0.05)
    }
}
