import EspalierData
import EspalierGraph
import EspalierTraining
import Testing

@testable import EspalierStudy

/// What needs no hidden layer.
@Suite struct SimpleModelTests {
    private static func data(_ source: any DataSource) throws -> AssessedData {
        // Left in their unit, so that the linear model has to scale target values itself.
        var experiment = Experiment(data: DataSettings(source: source, targetScale: Scaling.none))
        experiment.doctor = .off
        return try AssessedData(experiment.prepare())
    }

    /// Tumours are told apart by a linear model, with the same answers on any number of threads.
    @Test func ofClasses() throws {
        let data = try Self.data(BreastCancerSource())
        let models = try SimpleModel.all(data, workers: 1)
        #expect(models.map(\.name) == ["majority", "logistic regression", "nearest neighbours"])
        let scores = models.map { data.heldOutTruth.score($0.heldOut)(nil) }
        #expect(scores[0] < 0.7 && scores[1] > 0.92 && scores[2] > 0.9)
        #expect(models[0].setting == nil && models[1].setting?.hasPrefix("l2 ") == true)
        #expect(models[2].setting?.contains("neighbour") == true)
        #expect(models.allSatisfy { $0.heldOut.count == data.heldOut.count * 2 })
        let again = try SimpleModel.all(data, workers: 3)
        #expect(models.map(\.heldOut) == again.map(\.heldOut))
    }

    /// Ridge regression finds the factors of a linear function, in the targets' own unit.
    @Test func ofValues() throws {
        var source = RegressionSource()
        (source.samples, source.noise) = (300, 0)
        let data = try Self.data(source)
        let models = try SimpleModel.all(data, workers: 2)
        #expect(models.map(\.name) == ["mean", "ridge regression", "nearest neighbours"])
        let scores = models.map { data.heldOutTruth.score($0.heldOut)(nil) }
        #expect(abs(scores[0]) < 0.1 && scores[1] > 0.999 && scores[2] < scores[1])
        #expect(models[1].setting == "l2 0.0001")
    }

    /// Against all distances sorted; of equal ones the first row.
    @Test func nearestRowsAreTheNearest() {
        var random = RandomStream(seed: 2, "nearest")
        let width = 11, rows = 60
        var points = (0..<rows * width).map { _ in Float(random.normal()) }
        points.replaceSubrange(width * 7..<width * 8, with: points[width * 3..<width * 4])
        let asked = points[..<(width * 20)].map { $0 + 0.25 }
        let found = NearestRows(points, width: width).nearest(5, to: Array(asked), workers: 3)
        for sample in 0..<20 {
            let distances = (0..<rows).map { row in
                (0..<width).reduce(0.0) { sum, column in
                    let difference = Double(points[row * width + column] - asked[sample * width + column])
                    return sum + difference * difference
                }
            }
            let expected = (0..<rows).sorted { (distances[$0], $0) < (distances[$1], $1) }
            #expect(found[sample] == Array(expected.prefix(5)))
        }
    }
}
