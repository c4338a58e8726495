import EspalierSpec
import Foundation
import Testing

@testable import EspalierReport

@Suite struct RunRecordTests {
    /// Reads a folder that holds the given files.
    private func read(_ files: [String: String]) throws -> RunRecord {
        try withFolder { folder in
            for (name, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
            return try RunRecord(folder: folder.path)
        }
    }

    private func error(_ files: [String: String]) throws -> EspalierError {
        try #require(throws: EspalierError.self) { try read(files) }
    }

    @Test func everyKindOfEventIsRead() throws {
        let run = try read([
            "events.jsonl": """
            {"event":"start","time":"2026-11-21T01:02:03.456Z","step":0,"epoch":0,"name":"n","seed":18446744073709551615,"threads":4,"task":"classification","classes":["a","b"],"samples":{"train":10},"parameters":9610,"statistics":256,"model":[{"path":"0","layer":"Linear(64, 128)","output":[128],"parameters":8320,"note":"bias"}],"optimizer":"Adam","loss":"crossEntropy","batchSize":64}
            {"event":"retrace","function":"trainStep","reason":"first call","time":"t"}
            {"event":"step","time":"t","step":20,"epoch":1,"loss":"NaN","learningRate":0.001,"gradientNorm":"Infinity"}
            {"event":"probe","time":"t","step":20,"epoch":1,"parameters":[{"path":"0.weight","gradientNorm":3,"weightNorm":5,"updateNorm":"-Infinity"}]}
            {"event":"finding","symptom":"unknown to the report"}
            {"event":"epoch","time":"t","step":20,"epoch":1,"train":{"loss":1.5,"accuracy":0.5},"validation":{"loss":"NaN"},"learningRate":0.001,"seconds":2}
            {"event":"stop","time":"t","step":20,"epoch":1,"reason":"diverged","message":"loss is NaN"}
            {"event":"confusion","set":"test","matrix":[[1,2],[3,4]]}

            """
        ])
        #expect(run.start?.seed == .max)
        #expect(run.start?.classes == ["a", "b"])
        #expect(run.start?.model?.first?.parameters == 8_320)
        #expect(run.steps.first?.loss?.isNaN == true)
        #expect(run.steps.first?.gradientNorm == .infinity)
        #expect(run.probes.first?.parameters.first?.updateNorm == -.infinity)
        #expect(run.epochs.first?.train == ["loss": 1.5, "accuracy": 0.5])
        #expect(run.epochs.first?.validation?["loss"]?.isNaN == true)
        #expect(run.retraces.first?.reason == "first call")
        #expect(run.stop?.reason == "diverged")
        #expect(run.confusion?.matrix == [[1, 2], [3, 4]])
    }

    /// What was written after the checkpoint is written again.
    @Test func aResumedRunForgetsWhatIsDoneAgain() throws {
        let run = try read([
            "events.jsonl": """
            {"event":"step","step":10,"loss":1}
            {"event":"epoch","step":10,"epoch":1,"train":{"loss":1}}
            {"event":"step","step":20,"loss":2}
            {"event":"probe","step":20,"parameters":[]}
            {"event":"epoch","step":20,"epoch":2,"train":{"loss":2}}
            {"event":"stop","step":20,"epoch":2,"reason":"interrupted"}
            {"event":"resume","step":15,"epoch":2,"checkpoint":"checkpoints/step-00000015.checkpoint","unusable":[]}
            {"event":"step","step":16,"loss":3}
            """
        ])
        #expect(run.steps.map(\.step) == [10, 16])
        #expect(run.probes.isEmpty)
        #expect(run.epochs.map(\.epoch) == [1])
        #expect(run.stop == nil)
    }

    @Test func aTornLastLineIsLeftOut() throws {
        let whole = #"{"event":"epoch","step":20,"epoch":1,"train":{"loss":1}}"#
        for length in 0..<whole.utf8.count {
            let run = try read(["events.jsonl": whole + "\n" + whole.prefix(length)])
            #expect(run.epochs.count == 1)
        }
    }

    @Test func aDamagedLineInTheMiddleIsNamed() throws {
        let damaged = try error([
            "events.jsonl": "{\"event\":\"step\",\"step\":1}\n{\"event\":\"st\n{\"event\":\"x\"}\n"
        ])
        #expect(damaged.location?.hasSuffix("events.jsonl:2") == true)
        let wrong = try error(["events.jsonl": "{\"event\":\"step\",\"step\":\"one\"}\n"])
        #expect(wrong.location?.hasSuffix("events.jsonl:1") == true)
        #expect(wrong.what.contains("step"))
        let missing = try error(["events.jsonl": "{\"event\":\"probe\",\"step\":1}\n"])
        #expect(missing.what == "\"parameters\" is missing")
    }

    /// Plots and sums need them; once the program ended over each.
    @Test(arguments: [
        #"{"event":"step","step":-1,"loss":"NaN"}"#, #"{"event":"epoch","epoch":-9223372036854775808,"step":3}"#,
        #"{"event":"start","parameters":9223372036854775807,"statistics":1}"#,
        #"{"event":"start","model":[{"path":"0","layer":"a","parameters":9223372036854775807}]}"#,
        #"{"event":"start","schedule":{"name":"a","steps":[0,9223372036854775807],"rates":[1,2]}}"#,
        #"{"event":"start","schedule":{"name":"a","steps":[3,2],"rates":[1,2]}}"#,
    ])
    func whatNothingCanHaveCountedIsRefused(line: String) throws {
        let error = try error(["events.jsonl": line + "\n"])
        #expect(error.location?.hasSuffix("events.jsonl:1") == true && error.expected != nil)
    }

    @Test func rowsOutOfTheirOrderAreNamed() throws {
        let error = try error(["metrics.csv": "epoch,train_loss\n1,0.5\n3,nan\n2,0.1\n"])
        #expect(error.location?.hasSuffix("metrics.csv:4, column \"epoch\"") == true)
    }

    @Test func stepsAfterAResumptionReplaceThoseBefore() throws {
        func step(_ number: Int, _ loss: Double) -> String { #"{"event":"step","step":\#(number),"loss":\#(loss)}"# }
        let lines = [
            step(1, 1), step(2, 2), step(3, 3), #"{"event":"stop","reason":"interrupted"}"#, #"{"event":"start"}"#,
            step(2, 20),
        ]
        let run = try read(["events.jsonl": lines.joined(separator: "\n") + "\n"])
        #expect(run.steps.map(\.loss) == [1, 20])
        #expect(run.stop == nil)
    }

    @Test func theTableServesWhereEventsAreGone() throws {
        let run = try read([
            "metrics.csv":
                "epoch,step,train_loss,train_accuracy,validation_loss,learning_rate\r\n1,20,1.5,0.5,,0.1\n2,40,nan,0.6,inf,\n3,6"
        ])
        #expect(run.epochs.map(\.epoch) == [1, 2])
        #expect(run.epochs[0].train == ["loss": 1.5, "accuracy": 0.5])
        #expect(run.epochs[0].validation == [:])
        #expect(run.epochs[1].train?["loss"]?.isNaN == true)
        #expect(run.epochs[1].validation?["loss"] == .infinity)
        #expect(run.epochs[1].learningRate == nil)
    }

    @Test func damagedTablesAreNamed() throws {
        let word = try error(["metrics.csv": "epoch,train_loss\n1,0.5\n2,high\n"])
        #expect(word.location?.hasSuffix("metrics.csv:3, column \"train_loss\"") == true)
        let short = try error(["metrics.csv": "epoch,train_loss\n1\n"])
        #expect(short.location?.hasSuffix("metrics.csv:2") == true)
        let foreign = try error(["metrics.csv": "a,b\n1,2\n"])
        #expect(foreign.location?.hasSuffix("metrics.csv:1") == true)
        let fraction = try error(["metrics.csv": "epoch,train_loss\n1.5,2\n"])
        #expect(fraction.location?.hasSuffix("metrics.csv:2, column \"epoch\"") == true)
    }

    @Test func missingAndForeignFoldersAreErrors() throws {
        let missing = try #require(throws: EspalierError.self) { try RunRecord(folder: "/nowhere/at/all") }
        #expect(missing.what.contains("/nowhere/at/all"))
        let empty = try error([:])
        #expect(empty.expected == "events.jsonl or metrics.csv in it")
        let summary = try error(["events.jsonl": "", "summary.json": "{\"epochs\": \"many\"}"])
        #expect(summary.location?.hasSuffix("summary.json") == true)
        #expect(summary.what.contains("epochs"))
    }

    @Test func stepsLieBetweenTheirEpochs() throws {
        let lines = [10, 30].enumerated().map { #"{"event":"epoch","epoch":\#($0 + 1),"step":\#($1)}"# }
        let axis = TimeAxis(try read(["events.jsonl": lines.joined(separator: "\n") + "\n"]))
        #expect(axis.unit == "epoch")
        #expect([0, 5, 10, 20, 30, 40].map(axis.position(step:)) == [0, 0.5, 1, 1.5, 2, 2.5])
        let young = TimeAxis(try read(["events.jsonl": "{\"event\":\"step\",\"step\":7}\n"]))
        #expect(young.unit == "step")
        #expect(young.end == 7)
    }

    @Test func theBestEpochIsNeverOneWithoutALoss() throws {
        let losses = ["\"NaN\"", "0.5", "0.25", "\"-Infinity\"", "0.75"]
        let lines = losses.enumerated().map {
            #"{"event":"epoch","epoch":\#($0 + 1),"step":\#($0 + 1),"validation":{"loss":\#($1)}}"#
        }
        let run = try read(["events.jsonl": lines.joined(separator: "\n") + "\n"])
        #expect(run.bestEpoch?.epoch == 3)
    }

    @Test func normsOfALayerAddAsSquares() throws {
        let run = try read([
            "events.jsonl":
                #"{"event":"probe","step":1,"parameters":[{"path":"2.a.weight","gradientNorm":3,"weightNorm":8,"updateNorm":0.6},{"path":"2.a.bias","gradientNorm":4,"weightNorm":6,"updateNorm":0.8}]}"#
                + "\n"
        ])
        let norms = try #require(run.probes.first.map(run.layerNorms)?.first)
        #expect(norms.layer == "2.a")
        #expect(norms.gradient == 5)
        #expect(abs(norms.updateRatio - 0.1) < 1e-12)
    }
}
