import EspalierSpec
import Foundation
import Testing

/// `evaluate`, `predict` and `report`, on runs that `train` made.
@Suite struct SavedModelCommandTests {
    /// As for `train`, a folder of images needs no slash.
    @Test func foldersAreDataByTheirNames() throws {
        let espalier = try Command()
        let images = URL(filePath: digitsConfiguration).deletingLastPathComponent().path + "/data/digit-images"
        #expect(try espalier.shell("cp -r '\(images)/train' 'some images'") == 0)
        #expect(try espalier("train", "some images", "--set", "training.epochs=1", "--out", "run").status == 0)
        let scores = try espalier("evaluate", "run", "some images", "--json")
        #expect(try scores.status == 0 && scores.json.keys == ["some images", "intervals"])
    }

    @Test func evaluationAgreesWithTheSummary() throws {
        let espalier = try Command()
        #expect(try espalier("train", digitsConfiguration, "--set", "training.epochs=3").status == 0)
        let scores = try espalier("evaluate", "runs/digits-1", "--json").json
        let summary = try espalier.json("runs/digits-1/summary.json")
        #expect(scores.keys == ["train", "validation", "test", "intervals"])
        #expect(scores["test"] == summary["test"] && scores["train"] == summary["train"])
        #expect(scores["validation"] == summary["best"]?["validation"])
        #expect(scores["intervals"] == summary["intervals"] && scores["intervals"]?.keys == ["validation", "test"])
        let bounds = try #require(scores["intervals"]?["test"]?["accuracy"]).items.compactMap { $0.doubleValue }
        let accuracy = try #require(scores["test"]?["accuracy"]?.doubleValue)
        #expect(bounds.count == 2 && bounds[0] < accuracy && accuracy < bounds[1])
        #expect(try espalier.text("runs/digits-1/report.html").contains("95 %: "))

        let lines = try espalier("evaluate", "runs/digits-1/", "--quiet")
        #expect(lines.status == 0 && lines.output.contains("\ntest: loss "))
        #expect(try espalier("evaluate", "runs/digits-1", "digits", "--json").json.keys == ["digits", "intervals"])
    }

    @Test func columnsAreFoundByName() throws {
        let espalier = try Command()
        try espalier.putClasses(as: "kinds.csv")
        let trained = try espalier(
            "train", "kinds.csv", "--set", "data.source.csv.target=what, exactly", "--set", "training.epochs=60",
            "--set",
            "optimizer.adam.learningRate=0.02")
        #expect(trained.status == 0, "\(trained.errors)")
        let all = try espalier("predict", "runs/kinds-1", "kinds.csv")
        #expect(all.status == 0)
        let rows = all.output.split(separator: "\n")
        try #require(rows.count == 91)
        #expect(rows[0].hasPrefix("prediction,\"probability_kind 0, sort of\","))
        #expect(rows[1].hasPrefix("\"kind 0, sort of\",0."))

        // The same rows without the target, in another order, with a column that nobody asked for.
        let shuffled = try espalier.text("kinds.csv").split(separator: "\n").dropFirst().map { row in
            let fields = row.split(separator: ",").suffix(2)
            return "\(fields.last ?? ""),7,\(fields.first ?? "")"
        }
        try espalier.put((["second,more,first"] + shuffled).joined(separator: "\r\n"), as: "plain.csv")
        let written = try espalier("predict", "runs/kinds-1", "plain.csv", "--out", "predicted.csv")
        #expect(written.status == 0 && written.output == "90 predictions: predicted.csv\n")
        #expect(try espalier.text("predicted.csv") == all.output)

        let json = try espalier("predict", "runs/kinds-1", "plain.csv", "--json").json
        #expect(json.items.count == 90 && json.items.dropFirst().first?["prediction"] == "kind 1, sort of")

        // Some of the classes, in another order of columns and rows: labels are told by their names.
        let some = ["second,first,\"what, exactly\"", "-2,2,\"kind 2, sort of\"", "-1,1,\"kind 1, sort of\""]
        try espalier.put(some.joined(separator: "\n"), as: "some.csv")
        let scores = try espalier("evaluate", "runs/kinds-1", "some.csv", "--json").json
        #expect(scores["some"]?["accuracy"]?.doubleValue == 1)
    }

    @Test func theTargetIsFoundByNameToo() throws {
        let espalier = try Command()
        try espalier.putPrices(as: "prices.csv")
        #expect(try espalier("train", "prices.csv", "--set", "training.epochs=2").status == 0)
        // In training the price was the last column, which is what "no target given" stands for.
        let lines = try espalier.text("prices.csv").split(separator: "\n").map { $0.split(separator: ",").reversed() }
        try espalier.put(lines.map { $0.joined(separator: ",") }.joined(separator: "\n"), as: "turned.csv")
        let turned = try espalier("evaluate", "runs/prices-1", "turned.csv", "--json").json["turned"]
        let straight = try espalier("evaluate", "runs/prices-1", "prices.csv", "--json").json["prices"]
        #expect(turned != nil && turned == straight)
        #expect(try espalier("predict", "runs/prices-1", "turned.csv").output.hasPrefix("prediction_price\n"))
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let espalier = try Command()
        try espalier.putPrices(as: "prices.csv")
        #expect(try espalier("train", "prices.csv", "--set", "training.epochs=2").status == 0)
        try espalier.put("area,price\n1,2\n", as: "narrow.csv")
        try espalier.put("area,rooms,price\n1,2,3\n1,x,3\n", as: "wrong.csv")
        let cases: [([String], String)] = [
            (["predict", "runs/prices-1", "narrow.csv"], "narrow.csv:1: the column \"rooms\" is missing"),
            (["evaluate", "runs/prices-1", "wrong.csv"], "wrong.csv:3, column \"rooms\""),
            (["predict", "runs/prices-1", "no.csv"], "no.csv: cannot read data: no such file or folder"),
            (["predict", "runs/prices-1", "digits"], "digits: samples of the shape [64]"),
            (["evaluate", "runs/prices-1", "digits"], "expected: [2]"),
            (["evaluate", "runs"], "runs: the folder holds no run"),
            (["evaluate", "runs/prices-2"], "runs/prices-2: there is no such folder"),
            (["report", "runs/prices-1", "runs/none"], "runs/none: there is no such folder"),
            (["predict", "runs/prices-1", "prices.csv", "--out", "no/where.csv"], "no/where.csv"),
        ]
        for (arguments, message) in cases {
            let outcome = try espalier.run(arguments)
            #expect(outcome.status == 2 && outcome.output.isEmpty, "\(arguments)")
            #expect(outcome.errors.contains(message), "\(arguments): \(outcome.errors)")
        }
        // Rows that were not there in the training make other parts, whose scores would mean nothing.
        try espalier.put(try espalier.text("prices.csv") + "1,1,999999\n", as: "prices.csv")
        let changed = try espalier("evaluate", "runs/prices-1")
        #expect(changed.status == 2 && changed.errors.contains("the data has changed since the training"))

        try Data(espalier.bytes("runs/prices-1/best.safetensors").dropLast(5))
            .write(to: URL(filePath: espalier.path("runs/prices-1/best.safetensors")))
        #expect(try espalier("predict", "runs/prices-1", "prices.csv").status == 2)
        try FileManager.default.removeItem(atPath: espalier.path("runs/prices-1/best.safetensors"))
        #expect(try espalier("evaluate", "runs/prices-1").errors.contains("the run has no weights"))
    }

    @Test func predictionsWithDropoutLeftOn() throws {
        let espalier = try Command()
        #expect(try espalier("train", digitsConfiguration, "--set", "training.epochs=2").status == 0)
        let outcome = try espalier("predict", "runs/digits-1", "digits", "--samples", "20")
        #expect(outcome.status == 0)
        let rows = outcome.output.split(separator: "\n").map { $0.split(separator: ",") }
        #expect(rows.count == 1798 && rows.allSatisfy { $0.count == 21 } && rows[0][11] == "spread_0")
        #expect(rows.dropFirst().allSatisfy { $0.suffix(10).contains { (Double($0) ?? 0) > 0 } })
        #expect(try espalier("predict", "runs/digits-1", "digits", "--samples", "20").output == outcome.output)
        #expect(try espalier("predict", "runs/digits-1", "digits", "--samples", "1").status == 2)

        try espalier.putPrices(as: "prices.csv")
        #expect(try espalier("train", "prices.csv", "--set", "training.epochs=2").status == 0)
        let still = try espalier("predict", "runs/prices-1", "prices.csv", "--samples", "5")
        #expect(still.status == 2 && still.errors.contains("a model with dropout"))
    }

    @Test func theReportIsWrittenAnew() throws {
        let espalier = try Command()
        #expect(try espalier("train", "digits", "--set", "training.epochs=1").status == 0)
        let report = try espalier.text("runs/digits-1/report.html")
        try FileManager.default.removeItem(atPath: espalier.path("runs/digits-1/report.html"))
        let outcome = try espalier("report", "runs/digits-1", "--json")
        #expect(outcome.status == 0)
        #expect(try outcome.json["reports"]?.items.count == 1)
        #expect(try espalier.text("runs/digits-1/report.html") == report)
    }
}
