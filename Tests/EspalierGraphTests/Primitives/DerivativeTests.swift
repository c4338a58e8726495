import EspalierTestSupport
import Foundation
import Testing

@testable import EspalierGraph

/// Derivatives of every primitive, of first and second order, against central differences.
@Suite struct DerivativeTests {
    private static let cases = PrimitiveCase.all.filter(\.isDifferentiable)
    private static let seeds: Range<UInt64> = 0..<4

    /// A shape of few elements, with as many axes as `seed` says.
    private static func shape(_ seed: UInt64, _ random: inout RandomStream) -> Shape {
        Shape((0..<Int(seed % 5)).map { _ in Int.random(in: 1...3, using: &random) })
    }

    private static func check(
        _ primitive: PrimitiveCase, _ seed: UInt64, _ function: ([Tensor]) -> Tensor
    ) -> GradientCheck.Result? {
        var random = RandomStream(seed: seed, primitive.name)
        let fitting = (seed..<seed + 5).lazy.compactMap { primitive.operandShapes(Self.shape($0, &random)) }.first
        let operands = primitive.operands(fitting!, &random)
        guard operands.reduce(0, { $0 + $1.values.count }) < 1000 else { return nil }
        let variables = zip(primitive.values, operands).filter { !$0.0.isIndices }.map(\.1)
        return GradientCheck.run(at: variables, seed: seed) { function([primitive.applied($0, data: operands)] + $0) }
    }

    @Test(arguments: cases)
    func firstOrder(_ primitive: PrimitiveCase) {
        for seed in Self.seeds {
            guard let result = Self.check(primitive, seed, { $0[0] }) else { continue }
            #expect(result.worst < 1e-7, "\(primitive.name), seed \(seed): \(result)")
        }
    }

    /// The function differentiated is itself made of derivatives: the sum of squares of the gradients of sum(f^2).
    @Test(arguments: cases)
    func secondOrder(_ primitive: PrimitiveCase) {
        for seed in Self.seeds {
            let result = Self.check(primitive, seed) { tensors in
                let variables = Array(tensors.dropFirst())
                let scale = 1 / Double(max(1, tensors[0].count))
                let gradients = (tensors[0].squared().sum() * scale).gradients(by: variables)
                return gradients.map { $0.squared().sum() }.reduce(0, +)
            }
            guard let result else { continue }
            #expect(result.worst < 1e-6, "\(primitive.name), seed \(seed): \(result)")
        }
    }

    /// Nothing that can stand in a graph is left out of the list of cases.
    @Test func everyPrimitiveIsCovered() throws {
        var random = RandomStream(seed: 0, "coverage")
        var seen = Set<String>()
        for primitive in PrimitiveCase.all {
            let operands = primitive.operands(primitive.operandShapes([2, 3])!, &random)
            let variables = zip(primitive.values, operands).filter { !$0.0.isIndices }.map { Tensor($0.1) }
            let output = primitive.applied(variables, data: operands)
            let nodes = Tensor.topologicalOrder(of: [output.node])
            for node in nodes {
                seen.insert("\(Swift.type(of: node.primitive))")
                switch node.primitive {
                case let unary as Unary: seen.insert("unary \(unary.operation)")
                case let binary as Binary: seen.insert("binary \(binary.operation)")
                case let reduce as Reduce: seen.insert("reduce \(reduce.operation)")
                default: break
                }
            }
        }
        var expected = Set(Unary.Operation.allCases.map { "unary \($0)" })
        expected.formUnion(Binary.Operation.allCases.map { "binary \($0)" })
        expected.formUnion(Reduce.Operation.allCases.map { "reduce \($0)" })
        expected.formUnion(try Self.primitivesInSources())
        #expect(expected.subtracting(seen) == [])
    }

    /// The names of the types that the sources declare as primitives.
    private static func primitivesInSources() throws -> [String] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/EspalierGraph/Primitives").standardized
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let declaration = #/struct (\w+): Primitive/#
        return try files.flatMap { file in
            try String(contentsOf: file, encoding: .utf8).matches(of: declaration).map { String($0.1) }
        }
    }
}
