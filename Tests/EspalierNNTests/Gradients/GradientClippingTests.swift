import EspalierEngine
import EspalierGraph
import Testing

@testable import EspalierNN

@Suite(.serialized) struct GradientClippingTests {
    private func clipped(_ gradient: [Float], _ settings: GradientSettings) throws -> [Float] {
        let buffer = FlatBuffer([("weight", [gradient.count])], name: "parameters")
        let clipping = GradientClipping(
            [Tensor(gradient, [gradient.count])], of: buffer, groups: [0..<gradient.count],
            parameters: ["weight": Parameter([gradient.count], Zeros()).projectedValue], settings: settings)
        return try clipping.gradients[0].values()
    }

    /// A norm shortens the gradient and leaves where it points; a bound on each value turns it.
    @Test func aNormKeepsTheDirectionAndABoundDoesNot() throws {
        let gradient: [Float] = [0.9, 100]
        let byNorm = try clipped(gradient, GradientSettings(clipNorm: 1))
        #expect(abs(byNorm[0] / byNorm[1] - 0.009) < 1e-6)
        #expect(abs((byNorm[0] * byNorm[0] + byNorm[1] * byNorm[1]).squareRoot() - 1) < 1e-5)
        #expect(try clipped(gradient, GradientSettings(clipValue: 1)) == [0.9, 1])
    }
}
