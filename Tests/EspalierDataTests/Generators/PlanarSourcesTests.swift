import EspalierData
import EspalierSpec
import Foundation
import Testing

/// `circles`, `moons`, `xor` and `spirals` against their definitions.
@Suite struct PlanarSourcesTests {
    private func points(_ data: Dataset) -> [(x: Double, y: Double, label: Int)] {
        zip(zip(data.column(0), data.column(1)), data.labels).map { ($0.0, $0.1, $1) }
    }

    @Test func circlesHaveTheirRadii() throws {
        let data = try CirclesSource(samples: 101, factor: 0.3).load(relativeTo: "")
        #expect(data.classCounts == [50, 51])
        for point in points(data) {
            #expect(abs(hypot(point.x, point.y) - (point.label == 0 ? 1 : 0.3)) < 1e-6)
        }
        // Evenly spaced, the first at angle 0.
        let angles = points(data).filter { $0.label == 0 }.map { atan2($0.y, $0.x) }
            .map { $0 < -1e-6 ? $0 + 2 * .pi : $0 }.sorted()
        for (index, angle) in angles.enumerated() {
            #expect(abs(angle - 2 * .pi * Double(index) / 50) < 1e-6)
        }
    }

    @Test func noiseHasItsSpread() throws {
        let still = try CirclesSource(samples: 20_000, shuffle: false).load(relativeTo: "")
        let noisy = try CirclesSource(samples: 20_000, noise: 0.25, shuffle: false).load(relativeTo: "")
        let errors = [0, 1].map { column in
            zip(noisy.column(column), still.column(column)).map { $0 - $1 }
        }
        for error in errors {
            // Five standard errors of a mean and of a deviation.
            #expect(abs(error.mean) < 5 * 0.25 / 20_000.0.squareRoot())
            #expect(abs(error.standardDeviation - 0.25) < 5 * 0.25 / 40_000.0.squareRoot())
        }
        let covariance = zip(errors[0], errors[1]).map { $0 * $1 }.mean
        #expect(abs(covariance) < 5 * 0.0625 / 20_000.0.squareRoot())
    }

    @Test func moonsAreHalfCircles() throws {
        let data = try MoonsSource(samples: 41).load(relativeTo: "")
        #expect(data.classCounts == [20, 21])
        for point in points(data) {
            if point.label == 0 {
                #expect(abs(hypot(point.x, point.y) - 1) < 1e-6 && point.y > -1e-6)
            } else {
                #expect(abs(hypot(point.x - 1, point.y - 0.5) - 1) < 1e-6 && point.y < 0.5 + 1e-6)
            }
        }
        // Both ends of each are there.
        let ends = [0, 1].map { label in points(data).filter { $0.label == label }.map(\.x) }
        #expect(abs((ends[0].min() ?? 0) + 1) < 1e-6 && abs((ends[0].max() ?? 0) - 1) < 1e-6)
        #expect(abs(ends[1].min() ?? 1) < 1e-6 && abs((ends[1].max() ?? 0) - 2) < 1e-6)
    }

    @Test func xorIsItsTruthTable() throws {
        let table = try XORSource(samples: 4, noise: 0, shuffle: false).load(relativeTo: "")
        #expect(table.inputs == [0, 0, 1, 0, 0, 1, 1, 1])
        #expect(table.labels == [0, 1, 1, 0])
        let data = try XORSource(samples: 4000).load(relativeTo: "")
        #expect(data.classCounts == [2000, 2000])
        for point in points(data) {
            #expect((point.x.rounded() != point.y.rounded()) == (point.label == 1))
        }
        let corner = points(data).filter { $0.x < 0.5 && $0.y < 0.5 }.map(\.x)
        #expect(corner.count == 1000 && abs(corner.standardDeviation - 0.1) < 5 * 0.1 / 2000.0.squareRoot())
    }

    @Test func spiralsWindWithTheirRadius() throws {
        let data = try SpiralsSource(samples: 302, classes: 3, turns: 1.5).load(relativeTo: "")
        #expect(data.classCounts == [101, 101, 100])
        for point in points(data) {
            let radius = hypot(point.x, point.y)
            #expect(radius > 0 && radius < 1 + 1e-6)
            let turns = atan2(point.y, point.x) / (2 * .pi) - 1.5 * radius - Double(point.label) / 3
            #expect(abs(turns - turns.rounded()) < 1e-4)
        }
    }
}
