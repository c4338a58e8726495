import EspalierSpec
import Foundation
import Testing

@testable import EspalierNN

/// L-BFGS on functions whose minimum is known.
struct LBFGSTests {
    /// (1 - x)^2 + 100 (y - x^2)^2, a bent valley with its end at (1, 1).
    static func rosenbrock(_ p: [Double]) -> LBFGS.Evaluation {
        let x = p[0], y = p[1], rise = y - x * x
        return ((1 - x) * (1 - x) + 100 * rise * rise, [-2 * (1 - x) - 400 * x * rise, 200 * rise])
    }

    /// sum c_i x_i^2 / 2, c from 1 to 1000.
    static func bowl(_ p: [Double]) -> LBFGS.Evaluation {
        let c = p.indices.map { pow(10, 3 * Double($0) / Double(p.count - 1)) }
        return (zip(c, p).reduce(0) { $0 + $1.0 * $1.1 * $1.1 / 2 }, zip(c, p).map { $0 * $1 })
    }

    static func minimize(
        _ f: ([Double]) -> LBFGS.Evaluation, from start: [Double], _ settings: LBFGS, steps: Int
    ) -> (point: [Double], evaluations: Int) {
        let search = LBFGS.Search(settings)
        var point = start, count = 0
        for _ in 0..<steps {
            count += 1
            point = search.step(from: point, learningRate: settings.learningRate, f(point)) { p in
                count += 1
                return f(p)
            }
        }
        return (point, count)
    }

    @Test func aBentValleyToItsEnd() {
        let (point, _) = Self.minimize(
            Self.rosenbrock, from: [-1.2, 1],
            LBFGS(maxIterations: 100, toleranceChange: 1e-20, lineSearch: .strongWolfe), steps: 1)
        #expect(point.allSatisfy { abs($0 - 1) < 1e-8 }, "\(point)")
    }

    @Test(arguments: LBFGS.LineSearch.allCases) func aLongBowl(_ lineSearch: LBFGS.LineSearch) {
        let settings = LBFGS(maxIterations: 20, lineSearch: lineSearch)
        let (point, count) = Self.minimize(Self.bowl, from: [Double](repeating: 1, count: 8), settings, steps: 6)
        // Descent at 2 / 1001, the best rate, would still be at 0.998^150 = 0.74 along the first axis.
        #expect(Self.bowl(point).loss < 1e-9, "\(point)")
        #expect(count <= 6 * 25 + 6)
    }

    /// Every end of a line search satisfies both conditions, or was cut off by the number of evaluations.
    @Test func theConditionsHold() {
        for step in [1e-3, 0.1, 1, 10, 1e3] {
            for start in [[-1.2, 1], [0, 0], [2, -1], [1.5, 2]] {
                let (loss, g) = Self.rosenbrock(start)
                let d = g.map { -$0 }, slope = g.dot(d)
                var line = LBFGS.LineSearch.Line(start, d, loss, g, tolerance: 1e-12, evaluations: 60)
                let end = line.search(from: step) { Self.rosenbrock($0) }
                let found = Self.rosenbrock(start.adding(end.t, d))
                #expect(found.loss == end.loss && found.gradient == end.gradient)
                #expect(end.loss <= loss + 1e-4 * end.t * slope, "from \(step)")
                #expect(abs(end.slope) <= 0.9 * abs(slope))
                #expect(line.count <= 61)
            }
        }
    }

    /// Where the loss is no number a line search turns back; the parameters stay numbers.
    @Test func aWallOfNoNumbers() {
        func f(_ p: [Double]) -> LBFGS.Evaluation {
            p[0] > 1 ? (.nan, [.nan]) : (-p[0] + 0.6 * p[0] * p[0], [-1 + 1.2 * p[0]])
        }
        let settings = LBFGS(learningRate: 100, maxIterations: 10, maxEvaluations: 60, lineSearch: .strongWolfe)
        let (point, _) = Self.minimize(f, from: [0], settings, steps: 2)
        #expect(abs(point[0] - 1 / 1.2) < 1e-4, "\(point)")
    }

    @Test func limitsAreKept() {
        for (iterations, evaluations) in [(1, nil), (7, nil), (20, 3), (8, 100)] as [(Int, Int?)] {
            for lineSearch in LBFGS.LineSearch.allCases {
                let settings = LBFGS(
                    learningRate: 1e-3, maxIterations: iterations, maxEvaluations: evaluations, lineSearch: lineSearch)
                let (_, count) = Self.minimize(Self.rosenbrock, from: [-1.2, 1], settings, steps: 1)
                // A line search may make its first trial when all evaluations but one are used.
                #expect(count <= (evaluations ?? max(iterations, iterations * 5 / 4)) + 1)
                #expect(lineSearch == .strongWolfe || count <= iterations)
            }
        }
    }

    @Test func aMinimumIsLeftAlone() {
        let (point, count) = Self.minimize(Self.rosenbrock, from: [1, 1], LBFGS(), steps: 3)
        #expect(point == [1, 1] && count == 3)
    }

    /// The first move is at most one in the sum of its parts; what was forgotten starts anew.
    @Test func theFirstMove() {
        let search = LBFGS.Search(LBFGS(maxIterations: 1))
        func move() -> [Double] {
            search.step(from: [-1.2, 1], learningRate: 1, Self.rosenbrock([-1.2, 1])) { Self.rosenbrock($0) }
        }
        let first = move()
        #expect(abs(abs(first[0] + 1.2) + abs(first[1] - 1) - 1) < 1e-12)
        search.clear()
        #expect(move() == first)
    }

    /// Parameters that were put elsewhere between two steps tell nothing of the curvature: what is known stays.
    @Test func aStepFromElsewhere() {
        func f(_ p: [Double]) -> LBFGS.Evaluation { Self.bowl(p) }
        let search = LBFGS.Search(LBFGS(maxIterations: 12, toleranceChange: 0, lineSearch: .strongWolfe))
        func step(_ point: [Double]) -> [Double] { search.step(from: point, learningRate: 1, f(point)) { f($0) } }
        // On a quadratic all pairs are right wherever they were taken, so that the next step goes on as fast.
        _ = step(step([1, 1, 1]))
        let end = step([-40, 7, 30])
        #expect(f(end).loss < 1e-9, "\(end)")
    }
}
