import EspalierGraph
import EspalierSpec
import Testing

@testable import EspalierNN

@Suite struct MetricTests {
    func records(_ rows: [[Float]]) -> MetricRecords { MetricRecords(width: rows[0].count, rows.flatMap { $0 }) }

    /// The mean over batches is another number: what accumulating is for.
    @Test func aMetricIsNoMeanOverBatches() {
        let first: [[Float]] = [[0, 0], [0, 1]], second: [[Float]] = [[1, 1], [1, 1]]
        let mean = (F1().value(of: records(first)) + F1().value(of: records(second))) / 2
        let whole = F1().value(of: records(first + second))
        // Class 0: 2/3; class 1: 2*2 / (4 + 0 + 1).
        #expect(abs(whole - (2.0 / 3 + 0.8) / 2) < 1e-15)
        #expect(abs(mean - whole) > 0.05)
    }

    /// The largest of all is the one that accuracy takes, and what is no number is not found.
    @Test func namedClassesAmongEquals() throws {
        let outputs = Tensor([1, 1, 1, 3, 1, 3, .nan, 0, 0] as [Float], [3, 3])
        for label in 0..<3 as Range<Int32> {
            let labels = Tensor([label, label, label] as [Int32], [3])
            let first = try TopK(k: 1)(outputs, labels).values(), second = try TopK(k: 2)(outputs, labels).values()
            #expect(Array(first[..<2]) == (label == 0 ? [1, 1] : [0, 0]))
            #expect(Array(second[..<2]) == (label == 0 ? [1, 1] : label == 1 ? [1, 0] : [0, 1]))
            #expect(label != 0 || first[2] == 0)
        }
    }

    @Test func areasOfSetsWithoutAClass() {
        let metric = AreaUnderCurve()
        #expect(metric.value(of: records([[0.2, 0.8, 1], [0.4, 0.6, 1]])).isNaN)
        #expect(metric.value(of: records([[0.2, 0.8, 1], [0.4, 0.6, 0]])) == 1)
        #expect(metric.value(of: records([[0.4, 0.6, 1], [0.4, 0.6, 0]])) == 0.5)
        #expect(ConfidenceInterval.of(metric, records([[0.2, 0.8, 1], [0.4, 0.6, 1]])) == nil)
    }

    @Test func targetsThatAreAllTheSame() {
        #expect(RSquared().value(of: records([[3, 3], [3, 3]])) == 1)
        #expect(RSquared().value(of: records([[3, 3], [4, 3]])) == 0)
    }

    /// The mean that samples were drawn around lies in about 95 of 100 intervals, somewhat fewer for so few samples.
    @Test func theBootstrapCoversAsItSays() throws {
        var random = RandomStream(seed: 3, "coverage")
        var hits = 0
        for _ in 0..<100 {
            let samples = (0..<60).map { _ in [Float(2 + random.normal())] }
            let interval = try #require(ConfidenceInterval.of(MeanAbsoluteErrorMetric(), records(samples)))
            if interval.contains(2) { hits += 1 }
        }
        #expect((87...100).contains(hits), "\(hits) of 100")
    }

    @Test func anIntervalIsTheSameEachTime() throws {
        let samples = records((0..<40).map { [Float($0 % 7), Float($0 % 5)] })
        let interval = try #require(ConfidenceInterval.of(RSquared(), samples))
        #expect(ConfidenceInterval.of(RSquared(), samples) == interval)
        #expect(interval.contains(RSquared().value(of: samples)))
        #expect(ConfidenceInterval.of(Accuracy(), MetricRecords(width: 1)) == nil)
    }

    @Test(
        arguments: [
            ["topK": ["k": 0]], ["f1": ["average": "mean"]], ["calibrationError": ["bins": 0]], ["auc": ["k": 1]],
        ] as [ConfigurationValue])
    func wrongSettingsAreErrors(_ value: ConfigurationValue) {
        #expect(throws: EspalierError.self) {
            try Registry<any Metric>.standard.read(ConfigurationNode(value))
        }
    }
}
