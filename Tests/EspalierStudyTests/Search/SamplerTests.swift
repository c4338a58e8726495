import EspalierGraph
import EspalierSpec
import Foundation
import Testing

@testable import EspalierStudy

/// The lowest value that a sampler finds of a function of coordinates.
private func lowest(
    _ sampler: any Sampler, in space: SearchSpace, seed: UInt64, trials count: Int, _ function: ([Double]) -> Double
) -> Double {
    var trials: [ObservedTrial] = []
    for number in 0..<count {
        let point = sampler.draw(number, in: space, seed: seed, after: trials)
        trials.append(.init(number: number, coordinates: point, outcome: .completed(loss: function(point))))
    }
    return trials.map { if case .completed(let loss) = $0.outcome { loss } else { .infinity } }.min() ?? .infinity
}

private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

private func trial(_ number: Int, _ coordinates: [Double], _ loss: Double) -> ObservedTrial {
    .init(number: number, coordinates: coordinates, outcome: .completed(loss: loss))
}

@Suite struct SamplerTests {
    private let space = SearchSpace([
        .init("rate", .logUniform(1e-5, 1)), .init("units", .logInteger(8, 512)), .init("layers", .integer(1, 6)),
        .init("kind", .choice(["a", "b", "c"])),
    ])

    /// The lowest is at 0.3, 0.7, 3 layers and "b".
    private func function(_ x: [Double]) -> Double {
        let kind = x[3] == 1 ? 0 : 0.1
        return pow(x[0] - 0.3, 2) + pow(x[1] - 0.7, 2) + pow(space.parameters[2].range.centered(x[2]) - 5 / 12, 2)
            + kind
    }

    @Test(arguments: [("tpe", 0.35), ("narrowing", 0.7)]) func findsBetterThanChance(
        _ name: String, _ share: Double
    ) throws {
        let sampler = try Samplers.registry.read(ConfigurationNode(.string(name)))
        func typical(_ sampler: any Sampler) -> Double {
            median((0..<9).map { lowest(sampler, in: space, seed: $0, trials: 60, function) })
        }
        let found = typical(sampler), chance = typical(RandomSearch())
        #expect(found < share * chance, "\(found) of \(chance)")
    }

    @Test func everyDrawLiesInTheSpace() throws {
        for name in Samplers.registry.names {
            let sampler = try Samplers.registry.read(ConfigurationNode(.string(name)))
            var trials: [ObservedTrial] = []
            for number in 0..<80 {
                let point = sampler.draw(number, in: space, seed: 4, after: trials)
                #expect(
                    point.count == 4 && point[..<3].allSatisfy { (0...1).contains($0) } && [0, 1, 2].contains(point[3]))
                let outcomes: [ObservedTrial.Outcome] = [
                    .completed(loss: function(point)), .pruned(epoch: number, loss: 0), .failed, .running,
                ]
                trials.append(.init(number: number, coordinates: point, outcome: outcomes[number % 4]))
            }
            #expect(
                sampler.draw(80, in: space, seed: 4, after: trials)
                    == sampler.draw(80, in: space, seed: 4, after: trials))
        }
    }

    @Test func trialsAreOrderedByHowTheyEnded() {
        let trials = [
            ObservedTrial(number: 0, coordinates: [], outcome: .running),
            .init(number: 1, coordinates: [], outcome: .failed),
            .init(number: 2, coordinates: [], outcome: .pruned(epoch: 1, loss: -9)),
            .init(number: 3, coordinates: [], outcome: .pruned(epoch: 3, loss: 5)), trial(4, [], 8), trial(5, [], 7),
        ]
        #expect(trials.sorted(by: ObservedTrial.isBetter).map(\.number) == [5, 4, 3, 2, 1, 0])
    }
}

@Suite struct TPETests {
    private let line = SearchSpace([.init("x", .uniform(0, 1))])

    /// Good trials around 0.8, bad ones everywhere else.
    private var trials: [ObservedTrial] {
        (0..<40).map { trial($0, [Double($0) / 40], abs(Double($0) / 40 - 0.8)) }
    }

    private func mean(after trials: [ObservedTrial]) -> Double {
        (0..<200).map { TPE().draw(100 + $0, in: line, seed: 1, after: trials)[0] }.reduce(0, +) / 200
    }

    @Test func drawsWhereGoodTrialsAre() {
        let points = (0..<200).map { TPE().draw(100 + $0, in: line, seed: 1, after: trials)[0] }
        #expect(points.count { abs($0 - 0.8) < 0.15 } > 150)
    }

    /// Trials side by side are kept apart.
    @Test func runningTrialsCountAsBad() {
        let lies = (0..<20).map { ObservedTrial(number: 50 + $0, coordinates: [0.82], outcome: .running) }
        let points = (0..<200).map { TPE().draw(100 + $0, in: line, seed: 1, after: trials + lies)[0] }
        let before = (0..<200).map { TPE().draw(100 + $0, in: line, seed: 1, after: trials)[0] }
        func near(_ points: [Double]) -> Int { points.count { abs($0 - 0.82) < 0.04 } }
        #expect(near(points) * 2 < near(before), "\(near(points)) of \(near(before))")
    }

    @Test func beginsAtRandom() {
        for number in 0..<10 {
            #expect(
                TPE().draw(number, in: line, seed: 3, after: Array(trials[..<number])) == line.random(number, seed: 3))
        }
        #expect(TPE().draw(10, in: line, seed: 3, after: Array(trials[..<10])) != line.random(10, seed: 3))
    }

    /// A density integrates to one, over numbers and over choices.
    @Test func densitiesAddUpToOne() {
        let points: [[Double]] = [[0.02, 0.3, 1], [0.5, 0.9, 1], [0.97, 0.1, 0]]
        let ranges: [SearchRange] = [.uniform(0, 1), .logInteger(1, 9), .choice(["a", "b", "c"])]
        let density = ParzenDensity(points, in: ranges)
        var sum = 0.0
        for step in 0..<400 {
            for number in 1...9 {
                let middle = ranges[1].centered((log(Double(number)) - log(0.5)) / (log(9.5) - log(0.5)))
                for choice in 0..<3 {
                    sum += exp(density.logarithm(at: [(Double(step) + 0.5) / 400, middle, Double(choice)])) / 400
                }
            }
        }
        #expect(abs(sum - 1) < 1e-4, "\(sum)")
    }

    /// What is drawn has the density that is said.
    @Test func drawsFollowTheDensity() {
        let density = ParzenDensity([[0.2, 2], [0.25, 2], [0.7, 0]], in: [.uniform(0, 1), .choice([1, 2, 3])])
        var random = RandomStream(seed: 1, "draws")
        var cells = [Double](repeating: 0, count: 30)
        for _ in 0..<60_000 {
            let point = density.draw(using: &random)
            cells[Int(point[0] * 10) * 3 + Int(point[1])] += 1 / 60_000
        }
        for cell in cells.indices {
            let expected = (0..<100).reduce(0.0) { sum, step in
                sum + exp(
                    density.logarithm(at: [(Double(cell / 3) + (Double(step) + 0.5) / 100) / 10, Double(cell % 3)]))
                    / 1000
            }
            #expect(abs(cells[cell] - expected) < 5 * (expected / 60_000).squareRoot() + 1e-4)
        }
    }
}

@Suite struct NarrowingSearchTests {
    private let space = SearchSpace([.init("x", .uniform(0, 1)), .init("kind", .choice(["a", "b", "c"]))])

    @Test func aStageLiesAroundTheBest() {
        let trials = (0..<10).map { trial($0, [Double($0) / 10, Double($0 % 3)], abs(Double($0) - 4.2)) }
        let search = NarrowingSearch(stage: 10, keep: 0.3)
        // The best are 0.4, 0.5 and 0.3, of the kinds 1, 2 and 0.
        for number in 10..<60 where number < 20 {
            let point = search.draw(number, in: space, seed: 1, after: trials)
            #expect(point[0] >= 0.3 - 0.2 / 3 - 1e-12 && point[0] <= 0.5 + 0.2 / 3 + 1e-12)
        }
        let two = NarrowingSearch(stage: 10, keep: 0.2)
        let kinds = Set((0..<10).map { two.draw(10 + $0, in: space, seed: 1, after: trials)[1] })
        #expect(kinds == [1, 2])
    }

    @Test func aStageWaitsForTheOneBefore() {
        let search = NarrowingSearch(stage: 10, keep: 0.2)
        #expect(
            (0..<25).map(search.ended) == Array(repeating: 0, count: 10) + Array(repeating: 10, count: 10)
                + Array(repeating: 20, count: 5))
        // What ends later in the same stage changes nothing.
        let before = (0..<10).map { trial($0, [Double($0) / 10, 0], Double($0)) }
        #expect(
            search.draw(12, in: space, seed: 1, after: before)
                == search.draw(12, in: space, seed: 1, after: before + [trial(10, [0.99, 2], -5)]))
    }
}
