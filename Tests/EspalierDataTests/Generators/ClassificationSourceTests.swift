import EspalierData
import EspalierSpec
import Testing

@Suite struct ClassificationSourceTests {
    private func source(_ change: (inout ClassificationSource) -> Void) -> ClassificationSource {
        var source = ClassificationSource()
        source.flipY = 0
        change(&source)
        return source
    }

    @Test func featuresAreWhatTheirNamesSay() throws {
        let source = source {
            ($0.samples, $0.features, $0.informative, $0.redundant, $0.repeated) = (2000, 12, 3, 2, 4)
        }
        let data = try source.load(relativeTo: "")
        let columns = Dictionary(
            uniqueKeysWithValues: data.featureNames.indices.map {
                (data.featureNames[$0], data.column($0))
            })
        #expect(columns.count == 12)
        var inOrder = source
        inOrder.shuffle = false
        #expect(try inOrder.load(relativeTo: "").featureNames != data.featureNames, "columns are in random order")
        let informative = (1...3).compactMap { columns["informative\($0)"] }
        #expect(informative.count == 3)
        for index in 1...2 {
            let residual = residual(of: try #require(columns["redundant\(index)"]), after: informative)
            #expect(residual < 1e-5, "a redundant feature is linear in the informative ones")
        }
        let originals = informative + (1...2).compactMap { columns["redundant\($0)"] }
        for index in 1...4 {
            let copy = try #require(columns["repeated\(index)"])
            #expect(originals.contains(copy))
        }
        for index in 1...3 {
            let noise = try #require(columns["noise\(index)"])
            #expect(residual(of: noise, after: informative) > 0.95)
            #expect(abs(noise.mean) < 5 / 2000.0.squareRoot())
            #expect(abs(noise.standardDeviation - 1) < 5 / 4000.0.squareRoot())
            let classMeans = [0, 1].map { label in zip(noise, data.labels).filter { $0.1 == label }.map(\.0).mean }
            #expect(abs(classMeans[0] - classMeans[1]) < 5 * 2 / 2000.0.squareRoot())
        }
    }

    @Test func clustersAreOnCornersOfTheirOwn() throws {
        let data = try source {
            ($0.samples, $0.features, $0.informative, $0.redundant) = (40_000, 2, 2, 0)
            ($0.classSep, $0.shuffle) = (5, false)
        }.load(relativeTo: "")
        var corners: Set<[Double]> = []
        for cluster in 0..<4 {
            let rows = cluster * 10_000..<(cluster + 1) * 10_000
            let center = [0, 1].map { Array(data.column($0)[rows]).mean }
            // A row's spread around its corner is at most sqrt(2) in each dimension.
            for value in center { #expect(abs(abs(value) - 5) < 5 * 2.0.squareRoot() / 100) }
            corners.insert(center.map { $0.rounded() })
            #expect(data.labels[rows].allSatisfy { $0 == cluster % 2 })
        }
        #expect(corners.count == 4)
    }

    @Test func aPolytopeIsWithinTheCube() throws {
        func centers(hypercube: Bool) throws -> [Double] {
            let data = try source {
                ($0.samples, $0.features, $0.informative, $0.redundant) = (8000, 2, 2, 0)
                ($0.classSep, $0.shuffle, $0.hypercube) = (100, false, hypercube)
            }.load(relativeTo: "")
            return (0..<4).flatMap { cluster in
                [0, 1].map { Array(data.column($0)[cluster * 2000..<(cluster + 1) * 2000]).mean }
            }
        }
        #expect(try centers(hypercube: true).allSatisfy { abs(abs($0) - 100) < 1 })
        let drawn = try centers(hypercube: false)
        #expect(drawn.allSatisfy { abs($0) < 101 } && drawn.contains { abs($0) < 90 })
    }

    @Test func weightsAreTheSharesOfClasses() throws {
        let data = try source {
            ($0.samples, $0.classes, $0.informative, $0.clustersPerClass) = (1000, 3, 2, 1)
            $0.weights = [0.5, 0.25]
        }.load(relativeTo: "")
        #expect(data.classCounts == [500, 250, 250])
        let rest = try source { ($0.samples, $0.classes, $0.informative) = (101, 5, 4) }.load(relativeTo: "")
        #expect(rest.classCounts == [21, 20, 20, 20, 20])
    }

    @Test func flippedLabelsAreDrawnAnew() throws {
        func labels(_ share: Double) throws -> [Int] {
            try source { ($0.samples, $0.flipY) = (20_000, share) }.load(relativeTo: "").labels
        }
        let clean = try labels(0)
        // Half of the labels drawn anew are what they were.
        let changed = Double(zip(clean, try labels(0.2)).count { $0 != $1 }) / 20_000
        #expect(abs(changed - 0.1) < 5 * (0.09 / 20_000).squareRoot())
    }

    @Test func shiftsThenScales() throws {
        func load(_ shift: Double?, _ scale: Double?) throws -> Dataset {
            try source { ($0.shift, $0.scale) = (shift, scale) }.load(relativeTo: "")
        }
        let plain = try load(0, 1), moved = try load(2, 3), drawn = try load(nil, nil)
        for (first, second) in zip(plain.inputs, moved.inputs) { #expect(abs((first + 2) * 3 - second) < 1e-4) }
        for column in 0..<plain.sampleSize {
            let before = plain.column(column), after = drawn.column(column)
            let scale = after.standardDeviation / before.standardDeviation
            #expect((1...101).contains(scale))
            #expect(abs(after.mean / scale - before.mean) <= 1 + 1e-4)
        }
    }

    /// What share of a column's deviation is not linear in `others` (and a constant).
    private func residual(of column: [Double], after others: [[Double]]) -> Double {
        var basis: [[Double]] = []
        func reduced(_ column: [Double]) -> [Double] {
            var rest = column.map { [mean = column.mean] in $0 - mean }
            for _ in 0..<2 {
                for vector in basis {
                    let share = zip(rest, vector).reduce(0) { $0 + $1.0 * $1.1 }
                    rest = zip(rest, vector).map { $0 - share * $1 }
                }
            }
            return rest
        }
        func norm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        for other in others {
            let rest = reduced(other), length = norm(rest)
            basis.append(rest.map { $0 / length })
        }
        return norm(reduced(column)) / (column.standardDeviation * Double(column.count).squareRoot())
    }
}
