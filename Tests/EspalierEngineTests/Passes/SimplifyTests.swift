import EspalierGraph
import EspalierTestSupport
import Testing

@testable import EspalierEngine

@Suite struct SimplifyTests {
    private static let x = Tensor([1, -2, 3, -4, 5, -6] as [Float], [2, 3])

    private static func simplified(_ tensor: Tensor) -> Tensor {
        Tensor(Simplify.rewrite([tensor.node], by: Simplify.rules)[0])
    }

    @Test func everyRuleFires() {
        let x = Self.x
        #expect(Self.simplified(x.stopGradient() * 2) == x * 2)
        #expect(Self.simplified(Tensor.full([2, 3], 2) * 3 + 1).constantValue == 7)
        for neutral in [x + 0, x - 0, x * 1, x / 1, 0 + x, 1 * x] { #expect(Self.simplified(neutral) == x) }
        #expect(Self.simplified(x.reshaped(to: [6]).reshaped(to: [3, 2])) == x.reshaped(to: [3, 2]))
        #expect(Self.simplified(x.reshaped(to: [6]).reshaped(to: [2, 3])) == x)
        #expect(Self.simplified(x.transposed().transposed()) == x)
        let broad = x.broadcast(to: [4, 2, 3]).broadcast(to: [5, 4, 2, 3])
        #expect(Self.simplified(broad) == x.broadcast(to: [5, 4, 2, 3]))
        #expect(Self.simplified(x.transposed().matmul(x)) == x.matmul(x, transposeFirst: true))
        #expect(
            Self.simplified(x.matmul(x.transposed(), transposeSecond: false)) == x.matmul(x, transposeSecond: true))
        #expect(Self.simplified(x.reshaped(to: [1, 2, 3]).sum(axes: [0])) == x)
        let cube = Tensor.input("cube", [2, 3, 4])
        #expect(Self.simplified(cube.sum(axes: [0, 2])) == cube.sum(axes: [2]).sum(axes: [0]))
        #expect(Self.simplified(cube.max(axes: [0, 2])) == cube.max(axes: [2]).max(axes: [0]))
    }

    /// The cotangents of a result's parts are read where they are, not from sums of padded tensors.
    @Test func slicesPassPadding() {
        let x = Self.x, y = Tensor.input("y", [2, 2])
        let first = x.padded(before: [0, 0], after: [2, 0]), second = y.padded(before: [2, 0], after: [0, 1])
        let sum = first + second
        #expect(Self.simplified(sum.slice(0..<2)) == x)
        #expect(Self.simplified(sum.slice(starts: [2, 0], counts: [2, 2])) == y)
        #expect(Self.simplified(first.slice(2..<3)).constantValue == 0)
        let part = (starts: [1, 1], counts: [1, 2])
        #expect(
            Self.simplified(sum.slice(starts: part.starts, counts: part.counts))
                == x.slice(starts: part.starts, counts: part.counts))
        let across = first.slice(1..<3)
        let spread = x.padded(before: [0, 0], after: [0, 0], between: [1, 0]).slice(0..<1)
        #expect(Self.simplified(across) == across && Self.simplified(spread) == spread)
    }

    /// A ReLU's derivative is read off a normalised value, but off the result where the operand would not be stored.
    @Test func maskFollowsFromANormalizedValue() {
        let x = Tensor.input("x", [2, 3]), scale = Tensor.input("scale", [3]), shift = Tensor.input("shift", [3])
        for value in [x * scale, x * scale + shift, (x - shift) * scale + scale, scale * x - shift] {
            #expect(Self.simplified(value.relu() .> 0) == (value .> 0))
        }
        for value in [x, x + shift, x * x + shift, x * scale + x] {
            #expect(Self.simplified(value.relu() .> 0) == (value.relu() .> 0))
        }
        #expect(Self.simplified((x * scale).relu() .> 1) == ((x * scale).relu() .> 1))
    }

    @Test func whatIsNotNeutralStays() {
        for tensor in [Self.x * 0, 0 - Self.x, 1 / Self.x, Self.x + 1] {
            #expect(Self.simplified(tensor) == tensor)
        }
        let largest = Tensor(Double(Int32.max), .int32)
        #expect(Self.simplified(largest + 1).constantValue == nil)
    }

    @Test func meaningIsKept() {
        for seed in 5000..<5500 as Range<UInt64> {
            let computation = RandomGraph(seed: seed).computation
            let roots = computation.roots
            let simplified = Simplify.run(computation).roots
            #expect(roots.map(\.type) == simplified.map(\.type))
            let bound = RoundingBound(roots.map(Tensor.init), repetitions: 1)
            guard bound.isInRange else { continue }
            let values = Reference.evaluate(simplified.map(Tensor.init))
            for index in roots.indices {
                #expect(
                    bound.disagreement(index, values[index].values) == nil, "seed \(seed), root \(index)")
            }
        }
    }
}
