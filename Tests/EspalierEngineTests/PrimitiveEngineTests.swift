import EspalierGraph
import EspalierTestSupport
import Testing

@testable import EspalierEngine

extension EngineTests {
    /// Every primitive and its derivative on the engine, against the reference.
    @Suite struct PrimitiveEngineTests {
        /// Around the size of a tile, of odd extents, and enough elements for several threads.
        private static let shapes: [Shape] = [
            [], [1], [255], [256], [257], [1000], [3, 300], [300, 3], [2, 3, 5, 7], [64, 640],
        ]
        private static let engines = [Engine(threads: 1), Engine(threads: 4)]

        @Test(arguments: PrimitiveCase.all)
        func valueAndDerivative(_ primitive: PrimitiveCase) throws {
            for shape in Self.shapes {
                // Whatever the shape, operands of fixed shapes are the same.
                if case .fixed = primitive.shapes, shape != [] { continue }
                guard let operandShapes = primitive.operandShapes(shape) else { continue }
                var random = RandomStream(seed: 1, primitive.name, shape)
                let operands = primitive.operands(operandShapes, &random)
                let variables = zip(primitive.values, operands).filter { !$0.0.isIndices }.map { Tensor($0.1) }
                let output = primitive.applied(variables, data: operands)
                // Derivatives of large operands would only take the reference's time.
                let derivatives = shape.count > 1000 ? [] : (output * output).sum().gradients(by: variables)
                let bound = RoundingBound([output] + derivatives, repetitions: shape.count > 1000 ? 1 : 3)
                for engine in Self.engines {
                    let computed = try engine.evaluate([output] + derivatives)
                    for (index, values) in computed.enumerated() {
                        let problem = bound.disagreement(index, values.map(Double.init))
                        #expect(
                            problem == nil, "\(primitive.name) of \(shape), result \(index), \(engine.threads) threads")
                    }
                }
            }
        }
    }
}
