import EspalierSpec
import Foundation
import Testing

@testable import EspalierTraining

/// What a run writes down as it goes, where that is not a matter of course.
@Suite struct RunRecorderTests {
    private let text: String = "data: {source: iris}\nmodel: [{linear: {units: auto}}]\ntraining: {epochs: 2}"

    private func record(_ epoch: Int, loss: Double) -> EpochRecord {
        EpochRecord(
            epoch: epoch, step: epoch * 7, train: Scores(loss: loss), validation: nil, learningRate: 0.1, seconds: 1)
    }

    @Test func theBarOfASecondTrainingIsFull() throws {
        var text = ""
        let printer = ProgressPrinter(isTerminal: true) { text += $0 }
        // It is drawn ten times a second at most.
        usleep(110_000)
        printer.handle(.step(step: 40, epoch: 1, stepsPerEpoch: 10, loss: 1, learningRate: 0.1))
        #expect(text.contains(String(repeating: "█", count: 24) + " "))
    }

    @Test func anEpochThatIsTakenAgainHasOneRow() throws {
        let folder = try TemporaryFolder()
        let run = RunFolder(path: folder.path)
        let recorder = try RunRecorder(run, experiment(text).prepare(), EventLog(creating: run.events))
        for (epoch, loss) in [(1, 8.5), (2, 7.5), (3, 6.5), (2, 5.5)] {
            try recorder.handle(.epoch(record(epoch, loss: loss)))
        }
        func rows() throws -> [[String]] {
            try String(contentsOfFile: run.metrics, encoding: .utf8).split(separator: "\n").dropFirst()
                .map { $0.split(separator: ",").prefix(3).map(String.init) }
        }
        #expect(try rows() == [["1", "7", "8.5"], ["2", "14", "5.5"]])
        try recorder.handle(.epoch(record(3, loss: 4.5)))
        #expect(try rows() == [["1", "7", "8.5"], ["2", "14", "5.5"], ["3", "21", "4.5"]])
    }

    /// To start over would lose what there is.
    @Test func aRunWhoseConfigurationHasChangedIsLeftAsItIs() throws {
        let folder = try TemporaryFolder()
        let run = try TrainingRun(experiment(text), in: { _ in try RunFolder.taking(folder.path + "/run") }).folder
        func contents() throws -> [String: [UInt8]] {
            try Dictionary(
                uniqueKeysWithValues: FileManager.default.subpathsOfDirectory(atPath: run.path)
                    .filter { !SystemFile.isFolder("\(run.path)/\($0)") }
                    .map { ($0, try bytes(of: "\(run.path)/\($0)")) })
        }
        let configuration = try String(contentsOfFile: run.configuration, encoding: .utf8)
        try folder.put(configuration.replacing("epochs: 2", with: "epochs: 3"), as: "run/config.yaml")
        let before = try contents()
        let error = #expect(throws: EspalierError.self) { try TrainingRun(resuming: run) }
        #expect(error?.what.hasPrefix("the run's checkpoints are of another training") == true)
        #expect(try contents() == before && before.keys.contains { $0.hasPrefix("checkpoints/") })
        try folder.put(configuration, as: "run/config.yaml")
        #expect(try TrainingRun(resuming: run).result.history.count == 2)
    }

    /// Of two runs that take the same folder at once, the later one leaves it to the other.
    @Test func aFolderThatAnotherRunHasTakenIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/run"
        #expect(throws: EspalierError.self) {
            try TrainingRun(
                experiment(text),
                in: { _ in
                    let run = try RunFolder.taking(path)
                    try folder.put("{}\n", as: "run/events.jsonl")
                    try folder.put("other: run\n", as: "run/config.yaml")
                    return run
                })
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == ["config.yaml", "events.jsonl"])
    }
}
