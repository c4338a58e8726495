import ArgumentParser
import Espalier
import Foundation

/// Searches the lowest value of known functions, for `Scripts/compare_search.py` to compare with another program.
struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Minimises a known function; prints the best point of each seed as JSON.")

    @Option(help: "A sampler of a configuration, such as tpe or {tpe: {startup: 20}}.")
    var sampler = "tpe"

    @Option(help: "The function.")
    var objective: SearchObjective

    @Option(help: "Evaluations of each search.")
    var trials = 100

    @Option(help: "Searches, with the seeds 0, 1, ...")
    var seeds = 20

    /// The best point of a search, and the value there without noise.
    struct Outcome: Encodable {
        var point: [Double]
        var value: Double
    }

    func run() throws {
        let sampler = try Samplers.registry.read(YAML.parse(sampler, file: "--sampler"))
        let outcomes = (0..<seeds).map { search(sampler, seed: UInt64($0)) }
        print(String(decoding: try JSONEncoder().encode(outcomes), as: UTF8.self))
    }

    private func search(_ sampler: any Sampler, seed: UInt64) -> Outcome {
        let space = objective.space
        var trials: [ObservedTrial] = []
        var noise = RandomStream(seed: seed, "noise")
        var best = (loss: Double.infinity, point: [Double]())
        for number in 0..<self.trials {
            let coordinates = sampler.draw(number, in: space, seed: seed, after: trials)
            let point = space.values(at: coordinates).map { entry in
                if case .string(let name) = entry.value {
                    Double(SearchObjective.optimizers.firstIndex(of: name) ?? 0)
                } else {
                    entry.value.doubleValue ?? .nan
                }
            }
            let loss = objective(point) + objective.noise * noise.normal()
            trials.append(.init(number: number, coordinates: coordinates, outcome: .completed(loss: loss)))
            if loss < best.loss { best = (loss, point) }
        }
        return Outcome(point: best.point, value: objective(best.point))
    }
}

/// Functions whose lowest values are known.
enum SearchObjective: String, CaseIterable, ExpressibleByArgument {
    case branin, hartmann6, rosenbrock4, mixed

    static let optimizers = ["sgd", "adam", "rmsProp"]

    var space: SearchSpace {
        switch self {
        case .branin: SearchSpace([.init("x0", .uniform(-5, 10)), .init("x1", .uniform(0, 15))])
        case .hartmann6: SearchSpace((0..<6).map { .init("x\($0)", .uniform(0, 1)) })
        case .rosenbrock4: SearchSpace((0..<4).map { .init("x\($0)", .uniform(-5, 10)) })
        case .mixed:
            SearchSpace([
                .init("rate", .logUniform(1e-5, 1)), .init("units", .logInteger(8, 512)),
                .init("dropout", .uniform(0, 0.9)), .init("layers", .integer(1, 6)),
                .init("optimizer", .choice(Self.optimizers.map { .string($0) })),
            ])
        }
    }

    /// The standard deviation of what a search sees beside the function.
    var noise: Double { self == .mixed ? 0.1 : 0 }

    func callAsFunction(_ x: [Double]) -> Double {
        switch self {
        case .branin:
            // Dixon and Szegö 1978; the lowest value is 0.397887.
            let (b, c, t) = (5.1 / (4 * .pi * .pi), 5 / Double.pi, 1 / (8 * Double.pi))
            let square = x[1] - b * x[0] * x[0] + c * x[0] - 6
            return square * square + 10 * (1 - t) * cos(x[0]) + 10
        case .hartmann6: return Self.hartmann6(x)
        case .rosenbrock4:
            // Rosenbrock 1960; the lowest value is 0.
            return (0..<3).reduce(0) { sum, index in
                let slope = x[index + 1] - x[index] * x[index], rest = 1 - x[index]
                return sum + 100 * slope * slope + rest * rest
            }
        case .mixed:
            // Shaped like a training's error: each optimiser has its own best rate; the lowest value is 0.
            let (rate, offset) = [(-1.0, 0.2), (-2.5, 0.0), (-3.0, 0.1)][Int(x[4])]
            let terms = [log10(x[0]) - rate, (log2(x[1]) - 7) / 2, 2 * (x[2] - 0.3), (x[3] - 3) / 3]
            return terms.reduce(offset) { $0 + $1 * $1 }
        }
    }

    /// Dixon and Szegö 1978; the lowest value is -3.32237.
    private static func hartmann6(_ x: [Double]) -> Double {
        let weights = [1.0, 1.2, 3.0, 3.2]
        let scales: [[Double]] = [
            [10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14],
        ]
        let centers = [
            [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886], [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
            [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650], [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
        ]
        return (0..<4).reduce(0.0) { sum, row in
            let distance = (0..<6).reduce(0.0) { $0 + scales[row][$1] * pow(x[$1] - centers[row][$1], 2) }
            return sum - weights[row] * exp(-distance)
        }
    }
}
