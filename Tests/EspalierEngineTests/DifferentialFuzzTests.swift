import EspalierGraph
import EspalierTestSupport
import Testing

@testable import EspalierEngine

extension EngineTests {
    /// Graphs drawn at random: the engine against the reference, and against itself with other numbers of threads.
    @Suite struct DifferentialFuzzTests {
        private static let engines = [1, 2, 4].map { Engine(threads: $0) }

        @Test(arguments: 0..<12)
        func engineAgreesWithReference(block: Int) throws {
            for seed in UInt64(block) * 250..<UInt64(block + 1) * 250 {
                try Self.check(RandomGraph(seed: seed), seed)
            }
        }

        @Test(arguments: 0..<4)
        func largeGraphsDoNotDependOnThreads(block: Int) throws {
            for seed in UInt64(block) * 40..<UInt64(block + 1) * 40 {
                try Self.checkThreads(RandomGraph(seed: seed, extents: [1, 3, 129, 300, 513], largest: 200_000), seed)
            }
        }

        /// Runs twice, so that states have been updated once by the engine itself.
        private static func check(_ graph: RandomGraph, _ seed: UInt64) throws {
            let computation = graph.computation
            let roots = computation.outputs + computation.updates.map(\.value)
            let before = snapshot(graph)
            let executable = try engines[0].compile(computation)
            for run in 0..<2 {
                let bound = RoundingBound(roots, seed: seed)
                try executable.run()
                guard bound.isInRange else { break }
                for index in roots.indices {
                    let problem = bound.disagreement(index, computed(executable, computation, index))
                    #expect(
                        problem == nil,
                        "seed \(seed), run \(run), root \(index) of\n\(listing(roots))\(executable.plan)")
                    if problem != nil { return }
                }
            }
            restore(graph, before)
            try checkThreads(graph, seed)
        }

        private static func checkThreads(_ graph: RandomGraph, _ seed: UInt64) throws {
            let computation = graph.computation
            let count = computation.outputs.count + computation.updates.count
            let before = snapshot(graph)
            var results: [[UInt32]] = []
            for engine in engines {
                restore(graph, before)
                let executable = try engine.compile(computation)
                try executable.run()
                try executable.run()
                results.append(
                    (0..<count).flatMap { computed(executable, computation, $0).map { Float($0).bitPattern } })
            }
            for other in results.dropFirst() {
                let difference = zip(other, results[0]).enumerated().first { $0.element.0 != $0.element.1 }
                let roots = computation.outputs + computation.updates.map(\.value)
                let plan = try Plan(computation)
                #expect(difference == nil, "seed \(seed) depends on the number of threads:\n\(listing(roots))\(plan)")
            }
        }

        /// What an execution left as root number `index`: outputs first, then updated states.
        private static func computed(_ executable: Executable, _ computation: Computation, _ index: Int) -> [Double] {
            if index < computation.outputs.count { return executable.output(index).map(Double.init) }
            let target = computation.updates[index - computation.outputs.count].target
            return target.dtype == .int32
                ? target.leaf!.storage!.integers.map(Double.init) : target.leaf!.storage!.floats.map(Double.init)
        }

        private static func snapshot(_ graph: RandomGraph) -> [[Int32]] { graph.storages.map { Array($0.integers) } }

        private static func restore(_ graph: RandomGraph, _ values: [[Int32]]) {
            for (storage, values) in zip(graph.storages, values) { _ = storage.integers.update(fromContentsOf: values) }
        }

        /// The graph as text, a line a node.
        static func listing(_ roots: [Tensor]) -> String {
            var numbers: [Node: Int] = [:]
            var text = ""
            for node in Tensor.topologicalOrder(of: roots.map(\.node)) {
                numbers[node] = numbers.count
                text += "\(numbers[node]!): \(node.primitive) \(node.inputs.map { numbers[$0]! }) -> \(node.type)\n"
            }
            return text + "roots \(roots.map { numbers[$0.node]! })\n"
        }
    }
}
