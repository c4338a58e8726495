import EspalierGraph
import EspalierTestSupport
import Testing

@testable import EspalierEngine

extension EngineTests {
    /// Recurrent kernels: against the unrolled graph, on shapes that fit no vector, and with any number of threads.
    @Suite struct RecurrentKernelTests {
        private static let engines = [1, 2, 3, 4].map { Engine(threads: $0) }

        struct Sizes: Sendable, CustomTestStringConvertible {
            var steps, batch, units: Int
            var testDescription: String { "\(steps) steps, \(batch) sequences, \(units) units" }
        }

        /// All operands of a recurrence, and cotangents of what is visible.
        private struct Operands {
            var all: [Tensor]
            var recurrence: Recurrence
            var hasStates: Bool

            init(_ cell: RecurrentCell, _ sizes: Sizes, isReversed: Bool, hasStates: Bool) {
                var random = RandomStream(seed: 3, "recurrence", cell.rawValue, sizes.testDescription)
                func values(_ shape: Shape, _ scale: Double = 1) -> Tensor {
                    Tensor((0..<shape.count).map { _ in Float((random.uniform() * 2 - 1) * scale) }, shape)
                }
                let state: Shape = [sizes.batch, sizes.units], width = cell.gates * sizes.units
                all = [
                    values([sizes.steps, sizes.batch, width]),
                    values([width, sizes.units], 1 / Double(sizes.units).squareRoot()),
                    values([sizes.units]), values(state), values(state),
                    values([sizes.steps, sizes.batch, sizes.units]),
                    values(state), values(state),
                ]
                recurrence = Recurrence(cell, isReversed: isReversed)
                self.hasStates = hasStates
            }

            /// The sequence, the last states, and the cotangents of all operands.
            var results: [Tensor] {
                let cell = recurrence.cell
                let results = Tensor.recurrence(
                    cell, projection: all[0], weight: all[1], candidateBias: cell == .gru ? all[2] : nil,
                    hidden: hasStates ? all[3] : nil, state: cell == .lstm && hasStates ? all[4] : nil,
                    isReversed: recurrence.isReversed)
                let visible = [results.sequence, results.hidden] + [results.state].compactMap(\.self)
                let variables =
                    all[..<2] + (cell == .gru ? [all[2]] : []) + (hasStates ? all[3..<(cell == .lstm ? 5 : 4)] : [])
                return visible
                    + Tensor.pullback(
                        visible, cotangents: Array(all[5..<5 + visible.count]), by: Array(variables))
            }
        }

        @Test(
            arguments: RecurrentCell.allCases,
            [
                Sizes(steps: 1, batch: 1, units: 1), Sizes(steps: 1, batch: 3, units: 5),
                Sizes(steps: 4, batch: 1, units: 17), Sizes(steps: 3, batch: 7, units: 31),
                Sizes(steps: 2, batch: 9, units: 33), Sizes(steps: 5, batch: 2, units: 16),
            ])
        func agreesWithReference(_ cell: RecurrentCell, _ sizes: Sizes) throws {
            for (isReversed, hasStates) in [(false, true), (true, true), (false, false), (true, false)] {
                let results = Operands(cell, sizes, isReversed: isReversed, hasStates: hasStates).results
                let bound = RoundingBound(results, repetitions: 2)
                for engine in Self.engines {
                    for (index, values) in try engine.evaluate(results).enumerated() {
                        let problem = bound.disagreement(index, values.map(Double.init))
                        #expect(
                            problem == nil, "\(cell), result \(index), reversed \(isReversed), states \(hasStates)")
                    }
                }
            }
        }

        /// Enough work for several threads: shared by sequences, and by units where there are few sequences.
        @Test(
            arguments: RecurrentCell.allCases,
            [
                Sizes(steps: 6, batch: 53, units: 70), Sizes(steps: 3, batch: 3, units: 830),
                Sizes(steps: 3, batch: 1, units: 1450),
            ])
        func doesNotDependOnThreads(_ cell: RecurrentCell, _ sizes: Sizes) throws {
            let results = Operands(cell, sizes, isReversed: true, hasStates: true).results.filter { tensor in
                // Products of the weight's cotangent are not the kernel's.
                tensor.shape != [cell.gates * sizes.units, sizes.units]
            }
            let values = try Self.engines.map { try $0.evaluate(results).map { $0.map(\.bitPattern) } }
            #expect(values[0].joined().contains { $0 != 0 })
            for (engine, others) in zip(Self.engines, values).dropFirst() {
                #expect(others == values[0], "\(cell), \(sizes.testDescription), \(engine.threads) threads")
            }
            // One thread's values are those of the unrolled graph, which is another way through the engine.
            let unrolled = try Self.engines[0].evaluate([Self.unrolled(cell, sizes)])[0]
            let sequence = values[0][0].map { Float(bitPattern: $0) }
            #expect(zip(sequence, unrolled).allSatisfy { abs($0 - $1) < 1e-5 })
        }

        private static func unrolled(_ cell: RecurrentCell, _ sizes: Sizes) -> Tensor {
            let operands = Operands(cell, sizes, isReversed: true, hasStates: true)
            let own =
                operands.all[..<2] + (cell == .gru ? [operands.all[2]] : []) + operands.all[3..<(cell == .lstm ? 5 : 4)]
            return operands.recurrence.expanded(Array(own)).slice(0..<sizes.steps * sizes.batch * sizes.units)
        }

        /// Neither zeros for the initial states and absent cotangents, nor what a gradient does not read, take memory.
        @Test func zerosTakeNoMemory() throws {
            let x = Tensor.input("x", [8, 4, 256]), weight = Tensor.input("weight", [256, 64])
            let loss = Tensor.recurrence(.lstm, projection: x, weight: weight).hidden.squared().sum()
            let plan = try Plan(Computation(inputs: [x, weight], outputs: loss.gradients(by: [x, weight])))
            #expect(!plan.description.contains("copy [8, 4, 64]") && !plan.description.contains("pad"), "\(plan)")
            #expect(plan.description.contains("gradient of lstm over time"))
        }
    }
}
