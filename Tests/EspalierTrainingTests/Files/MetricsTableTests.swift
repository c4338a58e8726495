import EspalierSpec
import Testing

@testable import EspalierTraining

struct MetricsTableTests {
    private static let header =
        "epoch,step,train_loss,train_accuracy,train_r2,validation_loss,validation_accuracy,validation_r2,"
        + "learning_rate,seconds\n"

    @Test func rowsAreThereAtOnceWithEveryDigit() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("metrics.csv")
        let table = try MetricsTable(creating: path, metrics: ["accuracy", "r2"])
        #expect(try text(of: path) == Self.header)
        let loss = 0.1 + 0.2
        try table.append(
            EpochRecord(
                epoch: 1, step: 20, train: .init(loss: loss, metrics: [("accuracy", 1.0 / 3), ("r2", 1e-300)]),
                validation: .init(loss: .nan, metrics: [("accuracy", 0.5)]), learningRate: 0.001, seconds: 1.5))
        try table.append(
            EpochRecord(
                epoch: 2, step: 40, train: .init(loss: .infinity), validation: nil, learningRate: 1e-5, seconds: 2))
        let rows = try text(of: path).split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        #expect(
            rows[1].map(String.init) == [
                "1", "20", "0.30000000000000004", "0.3333333333333333", "1e-300", "nan", "0.5", "", "0.001", "1.5",
            ])
        #expect(rows[1][2...4].map { Double($0) } == [loss, 1.0 / 3, 1e-300])
        #expect(rows[2].map(String.init) == ["2", "40", "inf", "", "", "", "", "", "1e-05", "2.0"])
    }

    @Test func goingOnWritesTheHistoryAnew() throws {
        let folder = try TemporaryFolder()
        let path = try folder.put(Self.header + "1,20,0.7,,,,,,0.1,2.0\n2,40,0.", as: "metrics.csv")
        func record(_ epoch: Int, loss: Double) -> EpochRecord {
            EpochRecord(
                epoch: epoch, step: 20 * epoch, train: .init(loss: loss), validation: nil, learningRate: 0.1, seconds: 2
            )
        }
        let table = try MetricsTable(
            rewriting: path, metrics: ["accuracy", "r2"], history: [record(1, loss: 0.5)])
        try table.append(record(2, loss: 0.25))
        #expect(try text(of: path) == Self.header + "1,20,0.5,,,,,,0.1,2.0\n2,40,0.25,,,,,,0.1,2.0\n")
        #expect(error { try MetricsTable(creating: path, metrics: []) }?.what == "the file is there already")
    }
}
