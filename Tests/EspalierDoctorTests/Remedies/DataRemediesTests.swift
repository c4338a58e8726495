import Espalier
import Foundation
import Testing

@testable import EspalierDoctor

/// What the remedies of the data set in a configuration.
struct DataRemediesTests {
    private func decided(_ source: any DataSource, _ change: (inout Experiment) -> Void = { _ in }) throws -> Experiment
    {
        var experiment = Experiment(data: DataSettings(source: source))
        change(&experiment)
        return try experiment.prepare().experiment
    }

    @Test func inputsAreScaledUnlessTheyAre() throws {
        let unscaled = try decided(WineSource()) { $0.data.scale = .none }
        let scaled = try #require(try ScaleInputs().applied(to: unscaled))
        #expect(scaled.data.scale == .standard)
        #expect(unscaled.configuration.changes(to: scaled.configuration) == ["data": ["scale": "standard"]])
        #expect(try ScaleInputs().applied(to: scaled) == nil)
        #expect(try scaled.prepare().data.train.inputs.allSatisfy { abs($0) < 20 })
    }

    @Test func targetsAreScaledWhereTheyAreValues() throws {
        let unscaled = try decided(DiabetesSource()) { $0.data.targetScale = Scaling.none }
        let scaled = try #require(try ScaleTargets().applied(to: unscaled))
        #expect(scaled.data.targetScale == .standard)
        #expect(try ScaleTargets().applied(to: scaled) == nil)
        #expect(try scaled.prepare().targetScaler != nil)
        #expect(try ScaleTargets().applied(to: try decided(WineSource())) == nil)
    }

    @Test func classesAreBalancedOnce() throws {
        let plain = try decided(WineSource())
        let balanced = try #require(try BalanceClasses().applied(to: plain))
        let loss = try #require(try balanced.prepare().loss as? CrossEntropyLoss)
        guard case .given(let weights)? = loss.classWeights else { throw EspalierError("no weights") }
        #expect(weights.count == 3 && weights.max() != weights.min())
        #expect(try BalanceClasses().applied(to: balanced) == nil)
        #expect(try BalanceClasses().applied(to: try decided(DiabetesSource())) == nil)
    }

    @Test func labelsAreSmoothedAsMuchAsIsSaid() throws {
        let plain = try decided(WineSource())
        let smoothed = try #require(try LabelSmoothing(amount: 0.2).applied(to: plain))
        #expect((smoothed.loss as? CrossEntropyLoss)?.labelSmoothing == 0.2)
        #expect(try LabelSmoothing(amount: 0.1).applied(to: smoothed) == nil)
        #expect(LabelSmoothing(amount: 0.2).alternatives.map(\.amount) == [0.1, 0.3])
    }

    @Test func aLimitIsTakenAway() throws {
        let limited = try decided(WineSource()) { $0.data.limit = 90 }
        let all = try #require(try MoreData().applied(to: limited))
        #expect(try all.prepare().data.train.count > limited.prepare().data.train.count)
        #expect(try MoreData().applied(to: all) == nil)
    }

    @Test func rowsAreDrawnAtRandom() throws {
        let ordered = try decided(WineSource()) { $0.data.split.shuffle = false }
        let drawn = try #require(try ShuffleSplit().applied(to: ordered))
        #expect(drawn.data.split.shuffle && drawn.data.split.stratify)
        #expect(try ShuffleSplit().applied(to: drawn) == nil)
    }

    @Test func columnsOfATableAreLeftOut() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "table-\(UUID()).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let rows = (0..<40).map {
            "\($0 % 5),\($0 % 3 == 0 ? "red" : "blue"),\($0 % 4 == 0 ? "" : "1.5"),\($0 % 2 == 0 ? "a" : "b")"
        }
        try (["size,color,gap,kind"] + rows).joined(separator: "\n")
            .write(toFile: path, atomically: true, encoding: .utf8)
        var source = CSVSource(path: path, target: ["kind"])
        source.columns = ["color": .oneHot(nil)]
        source.missing = ["gap": .fitted(.median)]
        let full = try decided(source)
        func names(_ columns: [String], of experiment: Experiment) throws -> [String]? {
            try DropFeature(columns: columns).applied(to: experiment)?.prepare().featureNames
        }
        #expect(try names(["gap"], of: full) == ["size", "color=blue", "color=red"])
        #expect(try names(["color=red"], of: full) == ["size", "gap"])
        #expect(try names(["size", "gap"], of: full) == ["color=blue", "color=red"])
        #expect(try DropFeature(columns: ["size", "color=red", "gap"]).applied(to: full) == nil)
        #expect(try DropFeature(columns: ["none"]).applied(to: full) == nil)
        var plain = source
        plain.columns = ["color": .ignored]
        #expect(try names(["gap"], of: try decided(plain)) == ["size"])
        // What was decided is read back to the same.
        let dropped = try #require(try DropFeature(columns: ["gap"]).applied(to: try decided(plain)))
        #expect(try dropped.prepare().experiment.prepare().featureNames == ["size"])
        #expect(try DropFeature(columns: ["alcohol"]).applied(to: try decided(WineSource())) == nil)
    }

    @Test(arguments: [
        "scaleInputs", "scaleTargets", "balanceClasses", "labelSmoothing", "dropFeature", "shuffleSplit", "moreData",
    ])
    func eachIsKnownByItsName(name: String) throws {
        #expect(Remedies.registry.names.contains(name))
    }
}
