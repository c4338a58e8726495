import EspalierData
import EspalierSpec
import Testing

@Suite struct BlobsSourceTests {
    @Test func cloudsHaveTheirCentresAndSpread() throws {
        let source = BlobsSource(
            samples: 30_001, centers: .points([[0, 5, -3], [10, 0, 0]]), clusterStd: .init(values: [0.5, 2]))
        let data = try source.load(relativeTo: "")
        #expect(data.sampleShape == [3])
        #expect(data.classCounts == [15_001, 15_000])
        for (label, (center, std)) in zip([[0.0, 5, -3], [10, 0, 0]], [0.5, 2]).enumerated() {
            for column in 0..<3 {
                let values = zip(data.column(column), data.labels).filter { $0.1 == label }.map(\.0)
                #expect(abs(values.mean - center[column]) < 5 * std / 15_000.0.squareRoot())
                #expect(abs(values.standardDeviation - std) < 5 * std / 30_000.0.squareRoot())
            }
        }
    }

    @Test func centresAreUniformInTheirBox() throws {
        let source = BlobsSource(
            samples: 2000, features: 5, centers: .count(2000), clusterStd: .init(values: [0]), centerBox: [-2, 6],
            shuffle: false)
        let data = try source.load(relativeTo: "")
        #expect(data.classCounts == Array(repeating: 1, count: 2000))
        #expect(data.inputs == source.points.flatMap { $0 }.map { Float($0) })
        let values = data.inputs.map { Double($0) }
        #expect(values.allSatisfy { (-2...6).contains($0) })
        let std = 8 / 12.0.squareRoot()
        #expect(abs(values.mean - 2) < 5 * std / 10_000.0.squareRoot())
        #expect(abs(values.standardDeviation - std) < 0.05)
    }

    @Test func readsNumbersAndListsAlike() throws {
        let settings: ConfigurationValue = ["samples": 9, "centers": [[0, 1], [2, 3]], "clusterStd": 0.5]
        let source = try BlobsSource(configuration: ConfigurationNode(settings))
        #expect(source.centers == .points([[0, 1], [2, 3]]))
        #expect(source.clusterStd == .init(values: [0.5]))
        #expect(try BlobsSource(configuration: ConfigurationNode(source.configuration)) == source)
        let each = try BlobsSource(configuration: ConfigurationNode(["centers": 2, "clusterStd": [1, 2]]))
        #expect(each.centers == .count(2) && each.clusterStd.values == [1, 2])
        #expect(try BlobsSource(configuration: ConfigurationNode(each.configuration)) == each)
    }
}
