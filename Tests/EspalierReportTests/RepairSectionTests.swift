import EspalierSpec
import Foundation
import FoundationXML
import Testing

@testable import EspalierReport

/// The part of the report that shows a repair, from `repair.json`.
@Suite struct RepairSectionTests {
    private func page(_ repair: String) throws -> XMLElement {
        try withFolder { folder in
            try SampleRun(repair: repair).write(to: folder)
            let html = try String(contentsOfFile: Report.write(folder: folder.path), encoding: .utf8)
            return try #require(XMLDocument(xmlString: String(html.drop { $0 != "\n" }), options: []).rootElement())
        }
    }

    private func texts(_ page: XMLElement, _ path: String) throws -> [String] {
        try page.nodes(forXPath: "//section[h2='Repair']\(path)").map { $0.stringValue ?? "" }
    }

    @Test func seedsGainAndAttemptsAreShown() throws {
        let page = try page(SampleRun.repair)
        #expect(try texts(page, "//h3") == ["Repaired", "Before and after", "What was tried"])
        #expect(
            try texts(page, "//dd") == ["validation accuracy", "50.0%", "85.0%", "35 points", "repaired.yaml"])
        #expect(try texts(page, "//svg[@class='plot wide']//circle").count == 6)
        #expect(try texts(page, "//svg[@class='plot wide']//path").count == 3)
        #expect(
            try texts(page, "//tbody/tr/td") == [
                "1", "change learning rate", "51.0%", "no", "no gain",
                "2", "add batch normalization", "85.0%", "✓ yes", "better on all seeds",
            ])
        #expect(try texts(page, "//code")[0].contains("units: 5"))
    }

    /// Fields beside these, scores as lists or alone, and a repair that found nothing.
    @Test func otherFormsAreRead() throws {
        let page = try page(
            #"{"repaired": false, "metric": "validation_loss", "before": [2, 4], "after": 3.5, "attempts": [{"value": "NaN"}]}"#
        )
        #expect(try texts(page, "//h3") == ["Not repaired", "Before and after", "What was tried"])
        #expect(try texts(page, "//dd") == ["validation loss", "3", "3.5", "+0.5"])
        #expect(try texts(page, "//tbody/tr/td") == ["1", "as it was", "NaN", "no", ""])
    }

    @Test(arguments: [
        ("diagnosis.json", #"{"findings": 3}"#, "findings"), ("diagnosis.json", "[]", "map"),
        ("diagnosis.json", #"{"findings": [{"severity": "error"}]}"#, "symptom"),
        ("diagnosis.json", #"{"findings": [{"symptom": "a", "severity": "fatal"}]}"#, "severity"),
        ("diagnosis.json", #"{"findings": [{"symptom": "a", "step": -1}]}"#, "step"),
        ("diagnosis.json", #"{"findings": [{"symptom": "a", "evidence": {"b": "c"}}]}"#, "evidence"),
        ("diagnosis.json", #"{"findings": ["#, "ends"), ("repair.json", "{}", "repaired"),
        ("repair.json", #"{"repaired": true, "before": {"values": ["x"]}}"#, "score"),
    ])
    func damagedFilesAreNamed(file: String, text: String, part: String) throws {
        try withFolder { folder in
            try SampleRun().write(to: folder)
            let path = folder.appendingPathComponent(file)
            try Data(text.utf8).write(to: path)
            let error = try #require(throws: EspalierError.self) { try RunRecord(folder: folder.path) }
            #expect(error.location?.hasPrefix(path.path) == true && error.expected != nil)
            #expect(error.what.contains(part), "\(error)")
        }
    }

    @Test func damagedFindingsOfEventsAreNamed() throws {
        try withFolder { folder in
            let path = folder.appendingPathComponent("events.jsonl")
            try Data("{\"event\":\"finding\",\"symptom\":3}\n{\"event\":\"x\"}\n".utf8).write(to: path)
            let error = try #require(throws: EspalierError.self) { try RunRecord(folder: folder.path) }
            #expect(error.location == path.path + ":1" && error.what.contains("symptom"))
        }
    }

    @Test func namesBecomeWords() {
        let words = [
            "vanishingGradient": "vanishing gradient", "dyingReLU": "dying ReLU",
            "learningRateTooLow": "learning rate too low",
            "validation_accuracy": "validation accuracy", "r2": "r2", "firstGradient": "first gradient", "": "",
            "nearestNeighbours": "nearest neighbours", "MSE": "MSE",
        ]
        for (name, expected) in words { #expect(Words.of(name) == expected) }
    }
}
