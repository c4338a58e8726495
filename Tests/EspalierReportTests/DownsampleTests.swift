import EspalierGraph
import Testing

@testable import EspalierReport

@Suite struct DownsampleTests {
    @Test func extremesFirstAndLastSurvive() throws {
        for seed in 0..<20 {
            var random = RandomStream(seed: UInt64(seed), "downsample")
            let points = (0..<20_000).map { Point(x: Double($0), y: random.normal()) }
            let kept = downsampled(points, into: 100)
            #expect(kept.count <= 500)
            #expect(kept.first == points.first)
            #expect(kept.last == points.last)
            #expect(kept.map(\.y).max() == points.map(\.y).max())
            #expect(kept.map(\.y).min() == points.map(\.y).min())
            #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.x < $1.x })
            #expect(Set(kept).isSubset(of: points))
        }
    }

    @Test func extremesOfEveryStretchSurvive() {
        var random = RandomStream(seed: 5, "downsample")
        let points = (0..<10_000).map { Point(x: Double($0) / 9_999, y: random.normal()) }
        let kept = downsampled(points, into: 50)
        for bucket in 0..<50 {
            let range = Double(bucket) / 50..<Double(bucket + 1) / 50
            let before = points.filter { range.contains($0.x) }.map(\.y)
            let after = kept.filter { range.contains($0.x) }.map(\.y)
            #expect(before.max() == after.max())
            #expect(before.min() == after.min())
        }
    }

    @Test func aValueThatIsNotFiniteLeavesAGap() {
        var points = (0..<10_000).map { Point(x: Double($0), y: 1) }
        points[5_000].y = .nan
        points[7_000].y = -.infinity
        let kept = downsampled(points, into: 100)
        #expect(kept.contains { $0.x == 5_000 && $0.y.isNaN })
        #expect(kept.contains { $0.x == 7_000 && $0.y == -.infinity })
        #expect(SVG.polyline(kept).split(separator: "M").count == 3)
    }

    @Test func fewPointsStayAsTheyAre() {
        let points = (0..<100).map { Point(x: Double($0), y: Double($0)) }
        #expect(downsampled(points, into: 50) == points)
        #expect(downsampled([], into: 50).isEmpty)
        let vertical = [Point](repeating: Point(x: 1, y: 2), count: 1_000)
        #expect(downsampled(vertical, into: 10) == vertical)
    }

    @Test func thinningKeepsTheEnds() {
        for count in [0, 1, 2, 5, 99, 100, 101, 1_000, 12_345] {
            let positions = thinned(count, to: 100)
            #expect(positions.count <= 100)
            #expect(positions.count == min(count, positions.count))
            #expect(positions.first == (count == 0 ? nil : 0))
            #expect(positions.last == (count == 0 ? nil : count - 1))
            #expect(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 })
        }
    }
}
