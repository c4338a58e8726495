import EspalierSpec
import EspalierTraining
import Foundation
import Testing

@Suite struct TrainTests {
    @Test func digitsWriteARunFolder() throws {
        let espalier = try Command()
        let outcome = try espalier("train", digitsConfiguration)
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        #expect(!outcome.output.contains("\u{1B}") && !outcome.output.contains("\r"))
        #expect(outcome.output.contains("\nrun: runs/digits-1\n"))
        #expect(
            try espalier.names(in: "runs/digits-1") == [
                "best.safetensors", "checkpoints", "config.yaml", "diagnosis.json", "events.jsonl", "metrics.csv",
                "mistakes.json", "report.html", "summary.json",
            ])

        let summary = try espalier.json("runs/digits-1/summary.json")
        let epochs = Int(try #require(summary["epochs"]?.doubleValue))
        let status = epochs < 60 ? "stoppedEarly" : "completed"
        #expect(summary["status"] == .string(status) && summary["steps"] == .integer(20 * epochs))
        #expect(summary["parameters"] == 51594)
        let best = try #require(summary["best"])
        #expect(best["epoch"] != nil && best["validation"]?.keys == ["loss", "accuracy"])
        #expect(try #require(summary["test"]?["accuracy"]?.doubleValue) > 0.94)
        #expect(try #require(summary["train"]?["accuracy"]?.doubleValue) > 0.97)
        for key in ["seconds", "stepsPerSecond", "peakBytes"] {
            #expect(try #require(summary[key]?.doubleValue) > 0, "\(key)")
        }

        let table = try espalier.text("runs/digits-1/metrics.csv").split(separator: "\n").map {
            $0.split(separator: ",")
        }
        try #require(table.count == epochs + 1 && table.allSatisfy { $0.count == 8 })
        #expect(
            table[0] == [
                "epoch", "step", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy",
                "learning_rate", "seconds",
            ])
        #expect(table[epochs][0] == "\(epochs)" && table[epochs][1] == "\(20 * epochs)")
    }

    @Test func everyEventSaysWhatAndWhen() throws {
        let espalier = try Command()
        #expect(try espalier("train", digitsConfiguration, "--set", "training.epochs=3").status == 0)
        let log = try EventLog.read(espalier.path("runs/digits-1/events.jsonl"))
        #expect(log.badLines.isEmpty && !log.endsTorn)
        let keys = [
            "start": [
                "name", "seed", "threads", "task", "classes", "samples", "parameters", "statistics", "model",
                "optimizer", "schedule", "loss", "batchSize", "epochs", "stepsPerEpoch", "learningRate",
                "regularization",
                "frozen",
            ],
            "baselines": ["majority", "constantLoss", "nearestNeighbours", "linear"],
            "finding": ["symptom", "where", "severity", "evidence", "explanation", "remedies", "consequences"],
            "retrace": ["function", "reason"], "step": ["loss", "learningRate"],
            "probe": ["loss", "parameters", "layers", "normalizations"],
            "epoch": ["train", "validation", "learningRate", "seconds", "waitingShare", "lossVariation"],
            "stop": ["reason", "message", "waitingShare"],
            "confusion": ["set", "matrix"],
            "checkpoint": ["file", "ofStep", "bytes", "stalledSeconds", "writingSeconds"],
        ]
        var counts: [String: Int] = [:]
        for event in log.events {
            let name = try #require(event["event"]?.text)
            counts[name, default: 0] += 1
            #expect(event.keys == ["event", "time", "step", "epoch"] + (keys[name] ?? ["?"]), "\(name)")
        }
        #expect(counts["start"] == 1 && counts["step"] == 60 && counts["epoch"] == 3 && counts["stop"] == 1)
        #expect(counts["probe"] == 2 && counts["confusion"] == 1)
        let confusion = try #require(log.events.last { $0["event"] == "confusion" }?["matrix"])
        #expect(confusion.items.flatMap(\.items).compactMap(\.doubleValue).reduce(0, +) == 269)
    }

    @Test func sameSeedSameBytes() throws {
        let espalier = try Command()
        let short = ["train", digitsConfiguration, "--quiet", "--set", "training.epochs=2"]
        for extra in [[], [], ["--seed", "8"]] {
            let outcome = try espalier.run(short + extra)
            #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.errors.isEmpty)
        }
        #expect(try espalier.names(in: "runs") == ["digits-1", "digits-2", "digits-3"])
        let weights = try espalier.bytes("runs/digits-1/best.safetensors")
        #expect(try espalier.bytes("runs/digits-2/best.safetensors") == weights)
        #expect(try espalier.bytes("runs/digits-3/best.safetensors") != weights)

        // The configuration in the run folder is complete: it runs again to the same bytes, from any folder.
        try FileManager.default.createDirectory(atPath: espalier.path("else/where"), withIntermediateDirectories: true)
        let again = try espalier("train", "../../runs/digits-1/config.yaml", "--out", "again", in: "else/where")
        #expect(again.status == 0)
        #expect(try espalier.bytes("else/where/again/best.safetensors") == weights)
        #expect(try espalier.bytes("else/where/again/config.yaml") == espalier.bytes("runs/digits-1/config.yaml"))
    }

    @Test func overridesAndOneThread() throws {
        let espalier = try Command()
        let outcome = try espalier(
            "train", "digits", "--set", "training.epochs=1", "--set", "training.batchSize=32", "--threads", "1",
            "--out",
            "deep/er/run")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("no model is given: one is chosen for the data\n"))
        #expect(outcome.output.contains("Linear(64, 128)") && outcome.output.contains("; 1 thread\n"))
        #expect(try espalier.json("deep/er/run/summary.json")["steps"] == 40)
        #expect(try espalier.text("deep/er/run/config.yaml").contains(#/epochs: 1\s+batchSize: 32/#))
    }

    @Test func jsonAloneOnStandardOutput() throws {
        let espalier = try Command()
        let outcome = try espalier("train", "digits", "--json", "--set", "training.epochs=1")
        #expect(outcome.status == 0 && outcome.errors.contains("epoch 1/1"))
        let result = try outcome.json
        #expect(result["run"] == "runs/digits-1" && result["status"] == "completed")
        let report = try #require(result["report"]?.text)
        #expect(FileManager.default.fileExists(atPath: report.hasPrefix("/") ? report : espalier.path(report)))
        #expect(try espalier("train", "digits", "--json", "--quiet").errors.isEmpty)
    }

    @Test func aRunIsNeverWrittenOver() throws {
        let espalier = try Command()
        let arguments = ["train", "digits", "--set", "training.epochs=1", "--out", "run"]
        #expect(try espalier.run(arguments).status == 0)
        let before = try espalier.bytes("run/events.jsonl")
        let refused = try espalier.run(arguments)
        #expect(refused.status == 2 && refused.errors.contains("run: the folder already holds a run"))
        #expect(try espalier.bytes("run/events.jsonl") == before)

        try FileManager.default.createDirectory(atPath: espalier.path("mine"), withIntermediateDirectories: true)
        try espalier.put("data: {source: digits}\n", as: "mine/config.yaml")
        let own = try espalier("train", "config.yaml", "--out", ".", in: "mine")
        #expect(own.status == 2 && own.errors.contains("already holds a config.yaml"))
        #expect(try espalier.text("mine/config.yaml") == "data: {source: digits}\n")
        #expect(try espalier.names(in: "mine") == ["config.yaml"])
    }

    @Test func valuesKeepTheirUnit() throws {
        let espalier = try Command()
        try espalier.putPrices(as: "prices.csv")
        let outcome = try espalier(
            "train", "prices.csv", "--set", "training.epochs=200", "--set", "optimizer.adam.learningRate=0.02")
        #expect(outcome.status == 0)
        let configuration = try espalier.text("runs/prices-1/config.yaml")
        #expect(configuration.contains("targetScale: standard") && configuration.contains("target: price"))
        let error = try #require(espalier.json("runs/prices-1/summary.json")["test"]?["mae"]?.doubleValue)
        // Prices are from 25,000 to 224,000: an error in units of their spread would be far below 1.
        #expect(error > 10 && error < 8000, "\(error)")
    }

    @Test func divergenceIsAFailureThatSaysWhatToTry() throws {
        let espalier = try Command()
        let outcome = try espalier("train", "digits", "--set", "optimizer={sgd: {learningRate: 1e20}}", "--quiet")
        #expect(outcome.status == 1 && outcome.output.isEmpty)
        #expect(outcome.errors.contains(#/the loss became NaN: layer 3, Linear\(128, 10\), in .+, in step 2, epoch 1/#))
        #expect(outcome.errors.contains("--set optimizer.sgd.learningRate=0.001"))
        let summary = try espalier.json("runs/digits-1/summary.json")
        #expect(summary["status"] == "diverged" && summary["best"] == .null)
        #expect(summary["train"] == .null && summary["test"] == .null)
        #expect(try espalier.names(in: "runs/digits-1").contains("report.html"))
    }

    @Test func outputThatCannotBeWrittenIsNoCrash() throws {
        let espalier = try Command()
        let outcome = try espalier.start(["train", "digits", "--set", "training.epochs=1", "--out", "run"])
        #expect(try outcome.finish().status == 0)
        #expect(try espalier.shell("\"$0\" predict run digits > /dev/full 2> said") == 2)
        #expect(try espalier.text("said").contains("the result cannot be written"))
    }

    /// The shell's limit on the size of files stands for a full disk.
    @Test func aFullDiskLeavesNoHalfRun() throws {
        let espalier = try Command()
        let limited = "(trap '' XFSZ; ulimit -f 0; exec \"$0\" train digits --out run) 2>&1 | cat > said"
        #expect(try espalier.shell(limited) == 0)
        #expect(try espalier.text("said").contains("error: run/"))
        #expect(try espalier.names() == ["said"])
    }
}
