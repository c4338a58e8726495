import EspalierGraph
import EspalierSpec
import EspalierTestSupport
import Foundation
import FoundationXML
import Testing

@testable import EspalierReport

/// A study's file as a search writes it.
private func study(trials count: Int = 30, importances: Bool = true) -> String {
    let trials = (0..<count).map { number -> String in
        let state = ["completed", "pruned", "completed", "failed"][number % 4]
        let value = state == "failed" ? "null" : "0.\(500 + number)"
        let finding =
            "{\"symptom\": \"learningRateTooHigh\", \"severity\": \"warning\", \"where\": null, \"explanation\": \"why\"}"
        return """
            {"number": \(number), "state": "\(state)", "value": \(value), "settings": {"rate": 0.0\(number + 1), "model.0": "<relu>"},
             "places": [0.\(number), 0.25], "seconds": 1.5, "attempts": 1, "message": "so & so",
             "course": [[1, 0.4], [2, \(value)]], "findings": [\(number % 3 == 0 ? finding : "")]}
            """
    }
    return """
        {"name": "digits", "metric": "validation_accuracy", "higherIsBetter": true, "sampler": {"tpe": {"startup": 10}},
         "pruner": "none", "seed": 7, "epochs": 2, "count": 30, "best": 28,
         "parameters": [{"path": "rate", "range": {"logUniform": [0.001, 1.0]}},
                        {"path": "model.0", "range": {"choice": ["<relu>", {"leakyReLU": {"negativeSlope": 0.1}}]}}],
         "importances": {\(importances ? "\"rate\": 0.9, \"model.0\": 0.1" : "")}, "trials": [\(trials.joined(separator: ","))]}
        """
}

private func record(_ text: String) throws -> StudyRecord {
    try StudyRecord(EspalierSpec.JSON.parse(Array(text.utf8)[...]), at: "study.json")
}

@Suite struct StudyReportTests {
    private func page(_ text: String) throws -> XMLElement {
        let html = try StudyReport.html(record(text))
        let document = try XMLDocument(xmlString: String(html.drop { $0 != "\n" }), options: [])
        return try #require(document.rootElement())
    }

    private func texts(_ page: XMLElement, _ path: String) throws -> [String] {
        try page.nodes(forXPath: path).map { $0.stringValue ?? "" }
    }

    @Test func showsWhatWasFound() throws {
        let page = try page(study())
        #expect(
            try texts(page, "//p[@class='verdict']") == [
                "The best of 30 trials reaches a validation accuracy of 52.8%."
            ])
        #expect(try texts(page, "//h2") == ["Course", "Settings", "Trials"])
        #expect(
            try texts(page, "//h3")
                == [
                    "Optimisation history", "Courses", "What matters", "Parallel coordinates", "rate", "model.0",
                    "The best trials",
                ])
        // 23 trials have a value: a dot each in the history and in both slices, the best one in another look.
        #expect(try texts(page, "//svg[@class='plot wide']//circle[@class='dot whole']").count == 3 * 14)
        #expect(try texts(page, "//svg[@class='plot wide']//circle[@class='dot pruned']").count == 3 * 8)
        #expect(try texts(page, "//svg[@class='plot wide']//circle[@class='best']").count == 3)
        let rows = try texts(page, "//table//tbody/tr")
        #expect(
            rows.count == 15 && rows[0].hasPrefix("28") && rows[0].contains("52.8%") && rows[0].contains("✓ healthy"))
        #expect(try texts(page, "//table//tbody/tr/td[last()]").contains("learning rate too high"))
        // Names are text, whatever they hold.
        #expect(try texts(page, "//title").contains { $0.contains("model.0 <relu>") })
    }

    @Test func littleIsShownOfLittle() throws {
        let none = try page(study(trials: 0, importances: false))
        #expect(
            try texts(none, "//p[@class='verdict']") == ["No trial is completed yet."]
                && texts(none, "//figure").isEmpty)
        let one = try page(study(trials: 1, importances: false))
        #expect(try texts(one, "//h3") == ["Optimisation history", "Courses", "The best trials"])
    }

    @Test func aMissingFileIsSaid() {
        let error = #expect(throws: EspalierError.self) { try StudyReport.write(folder: "/nowhere") }
        #expect(error?.location == "/nowhere/study.json")
    }

    @Test func damagedFilesAreShownOrRefused() throws {
        var random = RandomStream(seed: 4, "study fuzz")
        let whole = study(trials: 9)
        let numbers = ["-1", "9223372036854775807", "1e308", "-1e308", "5e-324", "\"NaN\"", "0", "null"]
        var shown = 0, refused = 0
        for number in 0..<Fuzzing.count {
            var text = whole
            if number % 2 == 0, let place = whole.matches(of: /-?[0-9]+(\.[0-9]+)?/).randomElement(using: &random) {
                text.replaceSubrange(place.range, with: numbers.randomElement(using: &random) ?? "0")
            }
            let bytes =
                number % 4 == 0 ? Array(text.utf8) : random.damage(Array(text.utf8), with: "{}[]:,\"\\\n-0189.eE")
            do {
                let study = try StudyRecord(EspalierSpec.JSON.parse(bytes[...], file: "study.json"), at: "study.json")
                if number % 16 < 2 { #expect(StudyReport.html(study).hasSuffix("</html>\n")) }
                shown += 1
            } catch let error as EspalierError {
                refused += 1
                #expect(error.location?.hasPrefix("study.json") == true, "\(error)")
            }
        }
        #expect(shown > Fuzzing.count / 10 && refused > Fuzzing.count / 20)
    }
}
