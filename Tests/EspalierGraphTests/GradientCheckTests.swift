import Testing

@testable import EspalierGraph

/// The check itself must see what is wrong.
@Suite struct GradientCheckTests {
    /// x^2 whose derivative is off by a share.
    private struct WrongSquare: Primitive {
        var share: Double
        var description: String { "wrong square" }
        func resultType(of inputs: [TensorType]) -> TensorType { inputs[0] }
        func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
            ReferenceArray(type.shape, inputs[0].values.map { $0 * $0 })
        }
        func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
            share.isNaN ? [nil] : [cotangent * (2 + share) * inputs[0]]
        }
    }

    private func worst(_ share: Double) -> Double {
        GradientCheck.run(at: [ReferenceArray([3], [1, -2, 0.5])]) { x in
            Tensor.apply(WrongSquare(share: share), [x[0]])
        }.worst
    }

    @Test func rightDerivativePasses() { #expect(worst(0) < 1e-8) }

    @Test(arguments: [1e-5, -0.01, 4]) func wrongDerivativeIsSeen(share: Double) { #expect(worst(share) > 1e-6) }

    @Test func missingDerivativeIsSeen() { #expect(worst(.nan) > 0.1) }

    @Test func derivativeThatIsNoNumberIsSeen() {
        let result = GradientCheck.run(at: [ReferenceArray([1], [0])]) { ($0[0] * $0[0]).sqrt() }
        #expect(result.worst == .infinity)
    }
}
