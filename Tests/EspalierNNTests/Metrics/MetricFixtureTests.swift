import EspalierEngine
import EspalierGraph
import Foundation
import Testing

@testable import EspalierNN

/// Metrics against scikit-learn, on the whole set and put together out of batches.
@Suite struct MetricFixtureTests {
    struct Fixture: Decodable {
        struct Classification: Decodable {
            var probabilities: [[Float]]
            var labels: [Int32]
            var expected: [String: Double]
        }
        struct Regression: Decodable {
            var predictions: [[Float]]
            var targets: [[Float]]
            var expected: [String: Double]
        }
        var classification: [Classification]
        var regression: [Regression]
        var wilson: [[Double]]
    }

    static let fixture: Fixture = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Fixtures/scikit-learn/metrics.json").standardized
        do {
            return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: path))
        } catch {
            fatalError("\(path): \(error)")
        }
    }()

    static let onClasses: [(String, any Metric)] = [
        ("accuracy", Accuracy()), ("topK", TopK(k: 2)), ("calibrationError", CalibrationError(bins: 10)),
        ("perplexity", Perplexity()), ("auc", AreaUnderCurve()), ("precision.macro", Precision()),
        ("recall.macro", Recall()), ("f1.macro", F1()), ("precision.micro", Precision(.micro)),
        ("recall.micro", Recall(.micro)), ("f1.micro", F1(.micro)),
    ]
    static let onValues: [(String, any Metric)] = [
        ("mae", MeanAbsoluteErrorMetric()), ("mse", MeanSquaredErrorMetric()), ("rmse", RootMeanSquaredError()),
        ("r2", RSquared()),
    ]

    /// The value out of batches of `size`, each noted by the engine.
    func value(
        of metric: any Metric, _ predictions: [[Float]], size: Int, target: (Range<Int>) -> Tensor
    ) throws -> Double {
        var records = MetricRecords(width: 1)
        for start in stride(from: 0, to: predictions.count, by: size) {
            let rows = start..<min(start + size, predictions.count)
            let batch = Tensor(predictions[rows].flatMap { $0 }, [rows.count, predictions[0].count])
            let record = metric.record(batch, target(rows))
            #expect(record.shape[0] == rows.count)
            if start == 0 { records = MetricRecords(width: record.shape[1]) }
            records.append(try record.values())
        }
        return metric.value(of: records)
    }

    @Test(arguments: 0..<3, [7, 1000]) func classes(index: Int, size: Int) throws {
        let item = Self.fixture.classification[index]
        #expect(Set(item.expected.keys) == Set(Self.onClasses.map(\.0)))
        for (name, metric) in Self.onClasses {
            let found = try value(of: metric, item.probabilities, size: size) { rows in
                Tensor(Array(item.labels[rows]), [rows.count])
            }
            let expected = try #require(item.expected[name])
            // The logarithm is the engine's, in float32; all else is exact.
            #expect(abs(found - expected) < (name == "perplexity" ? 1e-6 : 1e-12) * max(1, expected), "\(name)")
        }
    }

    @Test(arguments: 0..<2, [7, 1000]) func values(index: Int, size: Int) throws {
        let item = Self.fixture.regression[index]
        #expect(Set(item.expected.keys) == Set(Self.onValues.map(\.0)))
        for (name, metric) in Self.onValues {
            let found = try value(of: metric, item.predictions, size: size) { rows in
                Tensor(item.targets[rows].flatMap { $0 }, [rows.count, item.targets[0].count])
            }
            let expected = try #require(item.expected[name])
            #expect(abs(found - expected) < 1e-6 * max(1, expected), "\(name): \(found), not \(expected)")
        }
    }

    @Test func wilson() throws {
        for row in Self.fixture.wilson {
            let interval = try #require(ConfidenceInterval.wilson(share: row[0], count: Int(row[1])))
            #expect(abs(interval.lowerBound - row[2]) < 1e-12 && abs(interval.upperBound - row[3]) < 1e-12)
        }
        #expect(ConfidenceInterval.wilson(share: .nan, count: 3) == nil)
        #expect(ConfidenceInterval.wilson(share: 0.5, count: 0) == nil)
    }
}
