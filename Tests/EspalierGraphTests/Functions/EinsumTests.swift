import EspalierTestSupport
import Testing

@testable import EspalierGraph

@Suite struct EinsumTests {
    /// The sum over all indices, straight from the definition, for equations without an ellipsis.
    private static func plain(_ terms: [String], _ result: String, _ operands: [ReferenceArray]) -> ReferenceArray {
        var extents: [Character: Int] = [:]
        for (term, operand) in zip(terms, operands) {
            for (letter, extent) in zip(term, operand.shape.dimensions) {
                extents[letter] = max(extents[letter] ?? 1, extent)
            }
        }
        let letters = extents.keys.sorted()
        var sum = ReferenceArray(Shape(result.map { extents[$0]! }), repeating: 0)
        Shape(letters.map { extents[$0]! }).forEachIndex { index in
            let place = Dictionary(uniqueKeysWithValues: zip(letters, index))
            var product = 1.0
            for (term, operand) in zip(terms, operands) {
                product *= operand[zip(term, operand.shape.dimensions).map { $1 == 1 ? 0 : place[$0]! }]
            }
            sum[result.map { place[$0]! }] += product
        }
        return sum
    }

    @Test(arguments: 0..<300 as Range<UInt64>) func anyEquationIsItsDefinition(seed: UInt64) throws {
        var random = RandomStream(seed: seed, "einsum")
        let letters = Array("abcdeA")
        let extents = Dictionary(uniqueKeysWithValues: letters.map { ($0, Int.random(in: 1...3, using: &random)) })
        let terms = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            String((0..<Int.random(in: 0...3, using: &random)).map { _ in letters.randomElement(using: &random)! })
        }
        let used = Set(terms.joined()).sorted().shuffled(using: &random)
        let result = String(used.prefix(used.isEmpty ? 0 : Int.random(in: 0...used.count, using: &random)))
        let operands = terms.map { term in
            let shape = Shape(term.map { Int.random(in: 0..<8, using: &random) == 0 ? 1 : extents[$0]! })
            return ReferenceArray(shape, (0..<shape.count).map { _ in Double(Float(random.uniform() - 0.5)) })
        }
        let equation = "\(terms.joined(separator: ","))->\(result)"
        let value = Reference.evaluate([try .einsum(equation, of: operands.map { Tensor($0) })])[0]
        let expected = Self.plain(terms, result, operands)
        #expect(value.shape == expected.shape || expected.shape.count == value.shape.count, "\(equation)")
        for (value, expected) in zip(value.values, expected.values) {
            #expect(abs(value - expected) < 1e-12, "\(equation) of \(operands.map(\.shape))")
        }
    }

    struct Misfit: Sendable {
        var equation: String
        var shapes: [Shape]
        var problem: String
    }

    static let misfits: [Misfit] = [
        Misfit(equation: "ij,jk", shapes: [[2, 3]], problem: "2 terms on the left, and 1 operands"),
        Misfit(equation: "", shapes: [], problem: "1 terms on the left, and 0 operands"),
        Misfit(equation: "ij,jk", shapes: [[2, 3], [4, 5]], problem: "the extents 3 and 4 of \"j\" differ"),
        Misfit(equation: "ii", shapes: [[2, 3]], problem: "the extents 2 and 3 of \"i\" differ"),
        Misfit(
            equation: "...i,...i", shapes: [[2, 3], [4, 3]], problem: "the extents 2 and 4 of axis -1 of \"...\" differ"
        ),
        Misfit(equation: "ij", shapes: [[2, 3, 4]], problem: "\"ij\" names 2 axes, and operand 0 has 3"),
        Misfit(equation: "i...j", shapes: [[2]], problem: "\"i...j\" names more axes than the 1 that its operand has"),
        Misfit(equation: "i->k", shapes: [[2]], problem: "\"k\" of the result is in no operand"),
        Misfit(equation: "ij->ii", shapes: [[2, 3]], problem: "\"i\" is twice in the result"),
        Misfit(equation: "i...j...", shapes: [[2, 3]], problem: "\"i...j...\" has \"...\" more than once"),
        Misfit(equation: "i1", shapes: [[2, 3]], problem: "\"i1\" has other signs than letters and one \"...\""),
        Misfit(equation: "i.j", shapes: [[2, 3]], problem: "\"i.j\" has other signs than letters and one \"...\""),
    ]

    @Test(arguments: misfits)
    func whatDoesNotFitIsSaid(_ misfit: Misfit) {
        do throws(ShapeError) {
            _ = try Tensor.einsum(misfit.equation, of: misfit.shapes.map { .input("x", $0) })
            Issue.record("\(misfit) passed")
        } catch {
            #expect(error.problem == misfit.problem)
            #expect(error.operation == "einsum \"\(misfit.equation)\"")
        }
    }

    /// A contraction is a matrix product, not a sum over a large product.
    @Test func contractionsAreMatrixProducts() {
        let a = Tensor.input("a", [2, 8, 16]), b = Tensor.input("b", [2, 16, 4])
        let nodes = Tensor.topologicalOrder(of: [Tensor.einsum("bij,bjk->bik", a, b).node])
        #expect(nodes.contains { $0.primitive is MatrixMultiply })
        #expect(nodes.allSatisfy { $0.type.shape.count <= 256 })
    }
}
