import Dispatch
import Synchronization
import Testing

@testable import EspalierGraph

/// Equal expressions are one node, as long as someone holds it.
@Suite struct NodeTests {
    @Test func equalExpressionsAreOneNode() {
        let x = Tensor.input("x", [2]), y = Tensor.input("y", [2])
        #expect((x + y).exp() == (x + y).exp())
        #expect(x + y != y + x)
        #expect(x.sum() != x.max())
        #expect(x * 2 != x * 3)
        #expect(Tensor.input("x", [2]) != x)
        #expect(x.slice(0..<1) != x.slice(1..<2))
    }

    @Test func constantsAreToldApart() {
        #expect(Tensor(0) != Tensor(-0.0))
        #expect(Tensor(.nan) == Tensor(.nan))
        #expect(Tensor(1) != Tensor(1, .int32))
    }

    @Test func nodesAreReleased() {
        weak var node: Node?
        do {
            let sum = Tensor.input("x", [2]) + 1
            node = sum.exp().node
            _ = (sum.exp() * 2).sum()
        }
        #expect(node == nil)
    }

    @Test func longChainIsBuiltAndReleased() {
        weak var middle: Node?
        do {
            var x = Tensor.input("x", [2])
            for step in 0..<200_000 {
                x = step % 3 == 0 ? x + x : x.tanh()
                if step == 100_000 { middle = x.node }
            }
            #expect(middle != nil)
            #expect(Tensor.topologicalOrder(of: [x.node]).count == 200_001)
        }
        #expect(middle == nil)
    }

    /// Threads that build and release the same expressions at the same time.
    @Test func threadsBuildTheSameNodes() {
        let x = Tensor.input("x", [2])
        let wrong = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for round in 0..<2_000 {
                var first = x + Double(round % 7), second = x + Double(round % 7)
                for _ in 0..<4 { (first, second) = (first.tanh() * x, second.tanh() * x) }
                let inputs = first.node.inputs.map(\.inputs.count)
                if first != second || inputs != [1, 0] { wrong.add(1, ordering: .relaxed) }
            }
        }
        #expect(wrong.load(ordering: .relaxed) == 0)
    }
}
