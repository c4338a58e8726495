import EspalierGraph
import EspalierSpec
import EspalierTestSupport
import Foundation
import FoundationXML
import Testing

@testable import EspalierReport

/// The page of an assessment, from `assessment.json`.
@Suite struct AssessmentPageTests {
    private static func measured(_ value: Double, _ reach: Double = 0.02) -> String {
        "{\"value\": \(value), \"interval\": [\(value - reach), \(value + reach)]}"
    }

    private static func place(_ at: Double, _ train: Double, _ heldOut: Double) -> String {
        """
        {"at": \(at), "rows": \(Int(200 * at)), "parameters": \(Int(400 * at)), "train": \(measured(train)), \
        "heldOut": \(measured(heldOut)), "trainValues": [\(train)], "heldOutValues": [\(heldOut)]}
        """
    }

    private static let sample = """
        {"name": "digits", "metric": "accuracy", "heldOut": "test", "samples": 270, "choice": "validation", "verdict": \
        {"fit": "tooComplex", "better": false, "sentences": [{"about": "simpler", "text": "First <sentence>.", "measured": \
        null}, {"about": "fit", "text": "Second."}, {"about": "gap", "text": "Third."}]}, "model": \(place(1, 0.99, 0.9)), \
        "baselines": [{"name": "majority", "setting": null, "score": \(measured(0.1)), "difference": \(measured(0.8))}, {"name": \
        "logistic regression", "setting": "l2 0.01", "score": \(measured(0.91)), "difference": {"value": -0.01, "interval": \
        null}}], "capacity": [\(place(0.5, 0.9, 0.85)), \(place(1, 0.99, 0.9))], "data": [\(place(0.5, 1, 0.8)), \
        \(place(1, 0.99, 0.9))], "decomposition": {"bias": \(measured(0.05)), "variance": \(measured(0.04)), "noise": null, \
        "error": \(measured(0.09)), "excess": \(measured(-0.01)), "unbiasedVariance": \(measured(0.06)), "biasedVariance": \
        \(measured(0.02)), "replicates": 20}, "ensembles": [{"name": "mean member", "members": 1, "score": \(measured(0.9)), \
        "negativeLogLikelihood": \(measured(0.4)), "calibrationError": \(measured(0.05)), "gain": \(measured(0))}, {"name": \
        "deep ensemble", "members": 5, "score": \(measured(0.92)), "negativeLogLikelihood": \(measured(0.3)), \
        "calibrationError": \(measured(0.03)), "gain": \(measured(0.02))}], "trainings": 52, "failed": 1, "cutOff": "clock"}
        """

    private func page(_ text: String) throws -> XMLElement {
        try withFolder { folder in
            try Data(text.utf8).write(to: folder.appendingPathComponent("assessment.json"))
            let html = try String(contentsOfFile: Report.writeAssessment(folder: folder.path), encoding: .utf8)
            return try #require(XMLDocument(xmlString: String(html.drop { $0 != "\n" }), options: []).rootElement())
        }
    }

    private func texts(_ page: XMLElement, _ path: String) throws -> [String] {
        try page.nodes(forXPath: path).map { $0.stringValue ?? "" }
    }

    @Test func verdictFirstThenWhatItRestsOn() throws {
        let page = try page(Self.sample)
        #expect(try texts(page, "//h1/span") == ["digits", "too complex"])
        #expect(try texts(page, "//p[@class='verdict']") == ["Second."])
        #expect(try texts(page, "//p[@class='remarks lesson']") == ["First <sentence>."])
        #expect(try texts(page, "//section[h2='What was found']//p") == ["Third."])
        #expect(
            try texts(page, "//h2") == [
                "What was found", "Beside something simpler", "Learning curves", "Bias and variance", "Ensembles",
                "Set-up",
            ])
        #expect(
            try texts(page, "//h3") == [
                "Scores", "The model minus a simple one", "Capacity", "Rows", "Where the error comes from", "Scores",
                "Negative log-likelihood", "Calibration error", "What was done",
            ])
        // A shaded interval for each of two curves, at two places, at two widths of the page.
        let intervals = try texts(page, "//svg[@class='plot wide']//path[starts-with(@class, 'interval')]/@class")
        #expect(intervals == ["interval train", "interval validation", "interval train", "interval validation"])
        let outline = try texts(page, "//svg[@class='plot wide']//path[@class='interval train']/@d")
        #expect(outline.allSatisfy { $0.hasSuffix("Z") && $0.split(separator: "L").count == 4 })
        #expect(try texts(page, "//dd").contains("clock"))
    }

    /// What was cut off is left out.
    @Test func littleIsShownToo() throws {
        let page = try page(
            """
            {"verdict": {"fit": "undecided"}, "metric": "r2", "model": {"at": 1, "train": {"value": 0.5}, "heldOut": {"value": \
            "NaN"}}}
            """)
        #expect(try texts(page, "//h2") == ["Set-up"])
    }

    @Test func nothingThere() throws {
        try withFolder { folder in
            let error = try #require(throws: EspalierError.self) { try Report.writeAssessment(folder: folder.path) }
            #expect(error.what == "the folder holds no assessment" && error.fix != nil)
        }
    }

    /// Damaged files are shown or refused with the place, never a crash.
    @Test func damagedFiles() throws {
        var random = RandomStream(seed: 4, "assessment fuzz")
        let place = "folder/assessment.json"
        let extremes = ["-1", "9223372036854775807", "1e308", "-1e308", "5e-324", "\"NaN\"", "0", "null", "[]"]
        var shown = 0, refused = 0
        for number in 0..<Fuzzing.count {
            var text = Self.sample
            if number % 2 == 0, let spot = text.matches(of: /-?[0-9]+(\.[0-9]+)?/).randomElement(using: &random) {
                text.replaceSubrange(spot.range, with: extremes.randomElement(using: &random) ?? "0")
            }
            let bytes =
                number % 4 == 0 ? Array(text.utf8) : random.damage(Array(text.utf8), with: "{}[]:,\"\\\n-0189.eE")
            do {
                let record = try AssessmentRecord(EspalierSpec.JSON.parse(bytes, file: place), at: place)
                // A page takes a hundred times as long as what it shows.
                if number % 64 < 2 { #expect(AssessmentPage(record: record).markup.html.hasSuffix("</html>\n")) }
                shown += 1
            } catch let error as EspalierError {
                refused += 1
                #expect(error.location?.hasPrefix(place) == true && error.expected != nil, "\(error)")
            }
        }
        #expect(shown > Fuzzing.count / 10 && refused > Fuzzing.count / 20)
    }
}
