import EspalierSpec
import Foundation
import FoundationXML
import Testing

@testable import EspalierReport

@Suite struct ReportTests {
    private func report(_ sample: SampleRun, without removed: [String] = []) throws -> String {
        try withFolder { folder in
            try sample.write(to: folder)
            for file in removed { try FileManager.default.removeItem(at: folder.appendingPathComponent(file)) }
            return try String(contentsOfFile: Report.write(folder: folder.path), encoding: .utf8)
        }
    }

    /// The page as a tree, which it only becomes where every element is closed and every character escaped.
    private func parsed(_ html: String) throws -> XMLElement {
        #expect(html.hasPrefix("<!DOCTYPE html>\n"))
        let document = try XMLDocument(xmlString: String(html.drop { $0 != "\n" }), options: [])
        return try #require(document.rootElement())
    }

    private func texts(_ page: XMLElement, _ path: String) throws -> [String] {
        try page.nodes(forXPath: path).map { $0.stringValue ?? "" }
    }

    static let samples: [String: SampleRun] = [
        "usual": SampleRun(),
        "one epoch": SampleRun(epochs: 1, best: 1, status: "completed"),
        "not finite": SampleRun(status: "completed", lost: [9, 10, 14]),
        "never finite": SampleRun(epochs: 4, status: "diverged", lost: [1, 2, 3, 4]),
        "unfinished": SampleRun(epochs: 12, best: 12, status: nil, hasConfusion: false),
        "regression": SampleRun(epochs: 60, best: 48, isRegression: true, hasConfusion: false),
        "markup in names": SampleRun(
            name: "<script>alert('x')</script> & \"co\"", message: "</p><b>",
            classes: (0..<10).map { "<b>\($0)</b>" },
            layers: [("0.<i>", "Linear<&>(64, 10)", [10], 650, "<!-- ]]> -->"), ("]]>", "</script>", [], 5, "&amp;")]),
    ]

    @Test func curvatureDriftAndScatterAreDrawn() throws {
        let page = try parsed(try report(SampleRun(hasLayers: true, hasCurvature: true)))
        let titles = try texts(page, "//figcaption/h3")
        let own = ["Scatter of the loss", "Sharpness of the loss", "Gradient noise scale", "Drift of the outputs"]
        #expect(titles.filter(own.contains) == own)
        let captions = try texts(page, "//figcaption/p")
        #expect(captions.contains { $0.contains("40.0%") && $0.contains("trend of its epoch") })
        #expect(captions.contains { $0.contains("on 256 samples") && $0.contains("smallest is") })
        let plain = try texts(parsed(try report(SampleRun())), "//figcaption/h3")
        #expect(plain.filter(own.contains) == ["Scatter of the loss"])
    }

    /// Images of the run folder are in the page itself, and their labels stay text.
    @Test func augmentedSamplesAreShown() throws {
        let sheet = """
            {"rows": ["as it is", "epoch 1"], "columns": [
            {"label": "<cat>", "cells": [{"image": "iVBORw0K"}, {"image": "AAAA", "note": "70 % <cat>, 30 % dog"}]},
            {"label": "dog", "cells": [{"image": "CCCC"}, {}]}]}
            """
        let html = try withFolder { folder in
            try SampleRun().write(to: folder)
            try Data(sheet.utf8).write(to: folder.appendingPathComponent("augmentations.json"))
            return try String(contentsOfFile: Report.write(folder: folder.path), encoding: .utf8)
        }
        let page = try parsed(html)
        #expect(try texts(page, "//img/@src") == ["iVBORw0K", "CCCC", "AAAA"].map { "data:image/png;base64,\($0)" })
        #expect(try texts(page, "//img/@alt") == ["<cat>, as it is", "dog, as it is", "70 % <cat>, 30 % dog, epoch 1"])
        #expect(try texts(page, "//table[@class='sheet']//small") == ["<cat>", "dog", "70 % <cat>, 30 % dog"])
        #expect(try texts(page, "//h2").contains("Augmentation"))
        #expect(try !report(SampleRun()).contains("Augmentation"))
    }

    /// What was most mistaken, with pictures where there are some; what probabilities are worth.
    @Test func mistakesAreShown() throws {
        let classes = """
            {"set": "test", "calibration": {"error": 0.0625, "bins": [{"confidence": 0.5, "right": 0.25, "count": 4},
            {"confidence": 0.9, "right": 0.9, "count": 12}]}, "samples": [{"place": "digits, row 7", "truth": "<3>",
            "answer": "8", "probability": 0.0125, "image": "AAAA"}]}
            """
        let values = """
            {"set": "validation", "samples": [{"place": "table, row 3", "truth": "151.0", "answer": "90.5", "difference": -60.5}]}
            """
        func page(_ mistakes: String) throws -> XMLElement {
            try withFolder { folder in
                try SampleRun().write(to: folder)
                try Data(mistakes.utf8).write(to: folder.appendingPathComponent("mistakes.json"))
                return try parsed(try String(contentsOfFile: Report.write(folder: folder.path), encoding: .utf8))
            }
        }
        let first = try page(classes), second = try page(values)
        let row = "//div[h3='Worst samples']//tbody/tr/td"
        #expect(try texts(first, row) == ["", "digits, row 7", "<3>", "8", Format.percent(0.0125)])
        #expect(try texts(first, "//img/@src") == ["data:image/png;base64,AAAA"])
        #expect(try texts(first, "//figure[figcaption/h3='Calibration']/figcaption/p")[0].hasSuffix(" is 0.0625."))
        #expect(try texts(second, row) == ["table, row 3", "151.0", "90.5", Format.number(-60.5, digits: 4)])
        #expect(try !texts(second, "//h3").contains("Calibration"))
        #expect(try !texts(parsed(report(SampleRun())), "//h3").contains("Worst samples"))
    }

    @Test(arguments: samples.keys.sorted())
    func thePageIsWellFormedAndLoadsNothing(_ name: String) throws {
        let html = try report(#require(Self.samples[name]))
        let page = try parsed(html)
        #expect(!html.contains("http://") && !html.contains("https://"))
        #expect(try page.nodes(forXPath: "//@src | //@href | //link | //iframe | //img").isEmpty)
        #expect(!html.contains("@import"))
        let ids = try texts(page, "//@id")
        #expect(Set(ids).count == ids.count, "ids repeat")
        #expect(!html.contains("\"nan\"") && !html.lowercased().contains("=\"inf") && !html.contains("Lnan"))
        #expect(try page.nodes(forXPath: "//svg[not(@aria-label) or @aria-label='']").isEmpty)
        for script in try page.nodes(forXPath: "//script[@type]") {
            _ = try JSONSerialization.jsonObject(with: Data((script.stringValue ?? "").utf8))
        }
        for geometry in try texts(page, "//@data-geometry") {
            _ = try JSONSerialization.jsonObject(with: Data(geometry.utf8))
        }
    }

    @Test func namesNeverBecomeMarkup() throws {
        let page = try parsed(report(#require(Self.samples["markup in names"])))
        #expect(try texts(page, "//h1/span[1]") == ["<script>alert('x')</script> & \"co\""])
        #expect(try page.nodes(forXPath: "//p/b | //td/b | //td/i | //dd/b").isEmpty)
        #expect(try texts(page, "//td/small").contains("<!-- ]]> -->"))
        #expect(try page.nodes(forXPath: "//script[not(@type)]").count == 1)
    }

    @Test func theHeadlineSaysHowItWent() throws {
        func headline(_ sample: SampleRun) throws -> String {
            try texts(parsed(report(sample)), "//p[@class='verdict']")[0]
        }
        let accuracy = SampleRun().metricValue(SampleRun().validationLoss(19) * 1.05)
        #expect(
            try headline(SampleRun())
                == "\(Format.percent(accuracy)) test accuracy after 24 epochs; best at epoch 19; stopped early.")
        #expect(try headline(SampleRun(epochs: 1, best: 1, status: "completed")).hasSuffix("accuracy after 1 epoch."))
        #expect(try headline(SampleRun(best: 24, status: "completed")).hasSuffix("24 epochs; best at the last one."))
        #expect(try headline(SampleRun(status: "diverged")) == "Diverged in epoch 24, at step 480.")
        #expect(try headline(SampleRun(status: "interrupted")).hasPrefix("Interrupted in epoch 24, at step 480; "))
        #expect(
            try headline(SampleRun(epochs: 12, status: nil))
                .hasPrefix("Still running, or ended without a summary: 12 epochs so far; "))
        #expect(try headline(SampleRun(isRegression: true)).hasPrefix("Test MAE "))
    }

    @Test func everyPartOfTheRunIsShown() throws {
        let page = try parsed(report(SampleRun()))
        let titles = try texts(page, "//h3")
        #expect(
            titles == [
                "Loss", "Scatter of the loss", "Accuracy", "Gradient norm by layer", "Update-to-weight ratio by layer",
                "Learning rate",
                "Gradient norm", "Clipped steps", "Confusion matrix", "Classes, hardest first", "Seconds per epoch",
                "Pace",
                "Configuration", "Schedule", "Run",
            ])
        #expect(try texts(page, "//svg[@data-plot='loss']//text[contains(@class,'strong')]").count == 4)
        #expect(try page.nodes(forXPath: "//details//tbody/tr").count == 24)
        #expect(try page.nodes(forXPath: "//td[@class='path']").count == 7)
    }

    @Test func onlyWhatTheRunHasIsShown() throws {
        let sample = SampleRun(isRegression: true, hasConfusion: false, hasProbes: false)
        let titles = try texts(parsed(report(sample, without: ["config.yaml"])), "//h3")
        #expect(
            titles == [
                "Loss", "Scatter of the loss", "MAE", "Learning rate", "Gradient norm", "Clipped steps",
                "Seconds per epoch",
                "Pace", "Schedule", "Run",
            ])
    }

    @Test func aRunWithoutACompleteEpochIsShownByItsSteps() throws {
        try withFolder { folder in
            let lines = (1...5).map { #"{"event":"step","step":\#($0),"epoch":1,"loss":\#(2.0 / Double($0))}"# }
            try Data((lines.joined(separator: "\n") + "\n").utf8)
                .write(to: folder.appendingPathComponent("events.jsonl"))
            let page = try parsed(Report.html(RunRecord(folder: folder.path)))
            #expect(try texts(page, "//p[@class='verdict']")[0].contains("no epoch complete yet"))
            // At two widths, on two scales.
            #expect(try page.nodes(forXPath: "//svg[@data-plot='loss']").count == 4)
        }
    }

    @Test func anEmptyRunIsStillAPage() throws {
        try withFolder { folder in
            try Data().write(to: folder.appendingPathComponent("events.jsonl"))
            let page = try parsed(Report.html(RunRecord(folder: folder.path)))
            #expect(try texts(page, "//h1/span[1]") == [folder.lastPathComponent])
        }
    }

    @Test func bandsMarkTheEpochsThatWereNotFinite() throws {
        let page = try parsed(report(#require(Self.samples["not finite"])))
        let bands = try page.nodes(
            forXPath:
                "//div[@class='logarithmic']/svg[@data-plot='loss' and @class='plot wide']//rect[@class='not-finite']")
        #expect(bands.count == 2)
        #expect(try texts(page, "//p[@class='remarks']")[0].contains("not finite in 3 epochs, first in epoch 9"))
    }

    /// The first probe has nothing that it could have moved from.
    @Test func driftBeginsWithTheSecondProbe() throws {
        let sample = SampleRun(status: "completed", hasLayers: true)
        let page = try parsed(report(sample))
        let drift = "//svg[@data-plot='inside-drift']"
        #expect(try !page.nodes(forXPath: drift).isEmpty)
        #expect(try page.nodes(forXPath: "\(drift)//rect[@class='not-finite']").isEmpty)
    }

    @Test func aHundredThousandStepsStayUnderTwoMegabytes() throws {
        let sample = SampleRun(
            name: String(repeating: "long-", count: 50), epochs: 1_000, stepsPerEpoch: 100, best: 20,
            classes: (0..<40).map { "a long class name, number \($0)" },
            layers: (0..<120).map {
                ("encoder.blocks.\($0).attention.query", "Linear(512, 512)", [512], 262_656, "bias")
            },
            hasLayers: true, diagnosis: SampleRun.manyFindings, repair: SampleRun.repair, probeEvery: 500)
        let html = try report(sample)
        _ = try parsed(html)
        #expect(html.utf8.count < 2_000_000)
    }

    @Test(arguments: ["1.7e308", "-1.7e308", "5e-324", "0", "-1", "1e16", "\"NaN\"", "\"Infinity\"", "\"-Infinity\""])
    func extremeNumbersAreDrawnToo(_ extreme: String) throws {
        let fields =
            "loss|accuracy|gradientNorm|weightNorm|updateNorm|learningRate|seconds|mean|deviation|gradient|saturated|dead|low|"
            + "high|constantLoss|majority|linear"
        let pattern = try Regex("\"(\(fields))\":[^,}]+")
        for every in [1, 7] {
            let lines = SampleRun(hasConfusion: false, hasLayers: true).events.enumerated().map { index, line in
                guard index > 0, index % every == 0 else { return line }
                return line.replacing(pattern) { match in
                    "\(match.output[0].substring?.prefix { $0 != ":" } ?? ""):\(extreme)"
                }
            }
            try withFolder { folder in
                let text = lines.joined(separator: "\n") + "\n"
                try Data(text.utf8).write(to: folder.appendingPathComponent("events.jsonl"))
                try Data(SampleRun.manyFindings.utf8).write(to: folder.appendingPathComponent("diagnosis.json"))
                let run = try RunRecord(folder: folder.path)
                #expect(run.epochs.count == 24)
                _ = try parsed(Report.html(run))
            }
        }
    }

    @Test func aConfusionThatIsNoneIsLeftOut() throws {
        for matrix in ["[]", "[[1,2]]", "[[1,-2],[3,4]]"] {
            try withFolder { folder in
                let line = #"{"event":"confusion","set":"test","matrix":\#(matrix)}"#
                try Data((line + "\n").utf8).write(to: folder.appendingPathComponent("events.jsonl"))
                let page = try parsed(Report.html(RunRecord(folder: folder.path)))
                #expect(try page.nodes(forXPath: "//h3").isEmpty)
            }
        }
    }

    @Test func sameRunSameBytes() throws {
        try withFolder { folder in
            try SampleRun().write(to: folder)
            let run = try RunRecord(folder: folder.path)
            #expect(Report.html(run) == Report.html(try RunRecord(folder: folder.path)))
        }
    }

    @Test func aReportThatCannotBeWrittenIsAnErrorAndLeavesNothingBehind() throws {
        try withFolder { folder in
            try SampleRun().write(to: folder)
            let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).count
            // A folder of that name stands in the way, for root as well.
            let obstacle = folder.appendingPathComponent("report.html/inside")
            try FileManager.default.createDirectory(at: obstacle, withIntermediateDirectories: true)
            let error = try #require(throws: EspalierError.self) { try Report.write(folder: folder.path) }
            #expect(error.location?.hasSuffix("report.html") == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == before + 1)
        }
    }
}
