import EspalierSpec
import EspalierTraining
import Foundation
import FoundationXML
import Testing

@testable import EspalierReport

/// The part of the report that says what is wrong, on what evidence, and what would help.
@Suite struct DiagnosisSectionTests {
    private func page(_ sample: SampleRun) throws -> XMLElement {
        try withFolder { folder in
            try sample.write(to: folder)
            let html = try String(contentsOfFile: Report.write(folder: folder.path), encoding: .utf8)
            let page = try #require(
                XMLDocument(xmlString: String(html.drop { $0 != "\n" }), options: []).rootElement())
            let ids = try texts(page, "//@id")
            #expect(Set(ids).count == ids.count, "ids repeat")
            #expect(try page.nodes(forXPath: "//svg[not(@aria-label) or @aria-label='']").isEmpty)
            return page
        }
    }

    private func page(_ findings: [String], hasLayers: Bool = true) throws -> XMLElement {
        try page(SampleRun(hasLayers: hasLayers, diagnosis: SampleRun.diagnosis(findings)))
    }

    private func texts(_ page: XMLElement, _ path: String) throws -> [String] {
        try page.nodes(forXPath: path).map { $0.stringValue ?? "" }
    }

    /// The names of the plots that a finding of this symptom has.
    private func proofs(_ symptom: String, _ sample: SampleRun = SampleRun(hasLayers: true)) throws -> [String] {
        var sample = sample
        sample.diagnosis = SampleRun.diagnosis([SampleRun.finding(symptom)])
        return try texts(page(sample), "//article//figure//h4")
    }

    @Test(arguments: Symptom.allCases)
    func everySymptomHasAPlotThatProvesIt(symptom: Symptom) throws {
        let page = try page([SampleRun.finding(symptom.rawValue)])
        #expect(try page.nodes(forXPath: "//article").count == 1)
        #expect(try page.nodes(forXPath: "//article//figure[h4 or figcaption/h4]/svg").count >= 2)
        #expect(try texts(page, "//article//td").prefix(2) == ["share", "0.6"])
        let words = try texts(page, "//article/h3/span[2]")
        #expect(words == [Words.title(symptom.rawValue)] && words[0].contains { $0 != " " })
    }

    @Test func thePlotIsChosenByTheSymptom() throws {
        #expect(try proofs("vanishingGradient") == ["Gradient over depth"])
        #expect(try proofs("dyingReLU") == ["Dead units"])
        #expect(try proofs("saturatedActivation") == ["Saturated outputs", "Outputs of 0 Linear"])
        #expect(try proofs("learningRateTooHigh") == ["Size of a step relative to the weights", "Loss"])
        #expect(try proofs("overtraining") == ["Training and validation loss"])
        #expect(try proofs("underfitting") == ["Loss", "Accuracy"])
        #expect(try proofs("poorInitialization") == ["Spread of the outputs over depth"])
        #expect(try proofs("nonFinite") == ["Loss until it was lost"])
        #expect(try proofs("labelImbalance") == ["The numbers beside each other"])
        // What the run does not have cannot be drawn: then the numbers, or the loss.
        #expect(try proofs("dyingReLU", SampleRun()) == ["The numbers beside each other"])
    }

    @Test func theLevelsOfSimpleModelsAreDrawn() throws {
        let page = try page([SampleRun.finding("underfitting")])
        let notes = try texts(page, "//svg[@data-plot='proof-0-metric' and @class='plot wide']//text[@class='note']")
        #expect(notes == ["always the most frequent class", "5 nearest neighbours", "a linear model"])
        #expect(
            try texts(page, "//svg[@data-plot='proof-0-loss' and @class='plot wide']//text[@class='note']")
                == ["the best constant answer"])
    }

    @Test func theThresholdIsALineInThePlot() throws {
        let evidence = #"{"ratio": 1e-5, "threshold": 0.001}"#
        let page = try page([SampleRun.finding("vanishingGradient", at: "2", evidence: evidence)])
        let labels = try texts(page, "//svg[@data-plot='proof-0-depth' and @class='plot wide']//text")
        #expect(labels.contains("threshold: 0.001") && labels.contains("layer 3"))
        #expect(labels.contains("step 5") && labels.contains("step 480"))
    }

    @Test func aFindingSaysWhatWhereWhenAndWhatHelps() throws {
        let page = try page([
            SampleRun.finding("dyingReLU", at: "2"), SampleRun.finding("leakage", at: "price", step: "0"),
        ])
        #expect(try texts(page, "//p[@class='finding-line']/span") == ["2 problems found: dying ReLU, leakage."])
        #expect(
            try texts(page, "//article/h3/small") == ["layer 2 ReLU, step 200", "price, before the first step"])
        #expect(try texts(page, "//article/h3/span[@class='severity']") == ["Error", "Error"])
        #expect(try texts(page, "//article[1]//p[@class='explanation']")[0].hasPrefix("What dyingReLU is"))
        #expect(try texts(page, "//article[1]//p[@class='chain']")[0].contains("Dying ReLU → loss that does not fall"))
        #expect(try texts(page, "//article[1]//li/b") == ["Change learning rate"])
        #expect(try texts(page, "//code[@id='change-0-0']") == ["optimizer: {sgd: {learningRate: 0.001}}"])
        #expect(try texts(page, "//button/@data-copy") == ["change-0-0", "change-1-0"])
        // Only what helps most is unfolded.
        #expect(try texts(page, "//li/details[summary='What it sets' and @open]//code/@id") == ["change-0-0"])
        #expect(try texts(page, "//li/details[summary='What it sets' and not(@open)]//code/@id") == ["change-1-0"])
    }

    /// A page has room for the plots of the first findings, and for the names of some.
    @Test func manyFindingsAreShownInPart() throws {
        let page = try page((0..<30).map { SampleRun.finding($0 % 2 == 0 ? "dyingReLU" : "unstableLoss", at: "\($0)") })
        #expect(try texts(page, "//p[@class='finding-line']/span") == ["30 problems found: dying ReLU, unstable loss."])
        #expect(try page.nodes(forXPath: "//article").count == 24)
        #expect(try page.nodes(forXPath: "//article[.//figure]").count == 8)
        #expect(try texts(page, "//section[@class='diagnosis']/p[last()]") == ["6 findings more in diagnosis.json."])
    }

    @Test func healthyRunsSaySoAndWhatWasLookedAt() throws {
        let healthy = try page([])
        #expect(
            try texts(healthy, "//p[@class='finding-line']/span") == [
                "Healthy: nothing that matters was found in the configuration, the data, 96 probes of 7 layers and the curves of "
                    + "24 epochs."
            ])
        #expect(try healthy.nodes(forXPath: "//article").isEmpty)
        #expect(try texts(healthy, "//h1/span").last == "Healthy")
        let noted = try page([SampleRun.finding("deadInput", severity: "info")])
        #expect(try texts(noted, "//p[@class='finding-line']/span")[0].hasPrefix("Healthy"))
        #expect(try noted.nodes(forXPath: "//details//article").count == 1)
    }

    @Test func oldRunsHaveNoDiagnosis() throws {
        let page = try page(SampleRun())
        #expect(try page.nodes(forXPath: "//section[@class='diagnosis']").isEmpty)
        #expect(try !texts(page, "//h2").contains("Inside the layers"))
        #expect(try !texts(page, "//h2").contains("Repair"))
    }

    /// A run that still goes has told its findings as events.
    @Test func findingsSoFarAreShown() throws {
        try withFolder { folder in
            let told = SampleRun.finding("explodingGradient").replacing("\n", with: " ").dropFirst()
            let lines =
                SampleRun(hasLayers: true).events.dropLast(3)
                + [#"{"event": "finding", "#, #"{"event": "finding", "#].map { $0 + told }
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(
                to: folder.appendingPathComponent("events.jsonl"))
            let run = try RunRecord(folder: folder.path)
            #expect(run.told.count == 2)
            let html = Report.html(run)
            #expect(html.contains("So far: 1 problem found: exploding gradient."))
        }
    }

    @Test func namesNeverBecomeMarkup() throws {
        let hostile = "</code><script>alert(1)</script>]]>"
        let finding = """
            {"symptom": "<b>&", "where": "\(hostile)", "step": 3, "severity": "warning", "explanation": "\(hostile)",
             "evidence": {"\(hostile)": 1, "<i>": 0.5, "x": "NaN"}, "consequences": ["<u>"],
             "remedies": [{"name": "<s>", "why": "\(hostile)", "change": {"<q>": "\(hostile)"}}]}
            """
        let page = try page([finding])
        #expect(try page.nodes(forXPath: "//script[not(@type)]").count == 1)
        #expect(
            try page.nodes(forXPath: "//article//script[not(@type)] | //article//i | //article//u | //article//q")
                .isEmpty)
        #expect(try texts(page, "//article/h3/small") == ["\(hostile), step 3"])
    }

    @Test func layersAreShownInside() throws {
        let page = try page(SampleRun(hasLayers: true, diagnosis: SampleRun.diagnosis([])))
        let titles = try texts(page, "//section[h2='Inside the layers']//h3")
        #expect(
            titles.prefix(4)
                == ["Gradient at each layer's outputs", "Dead units", "Saturated outputs", "Drift of the outputs"])
        #expect(titles.count == 4 + 4, "\(titles)")
        #expect(titles.contains("Outputs of 0 Linear") && titles.contains("Outputs of 6 Linear"))
    }

    /// However many probes there are, some hundred moments are drawn, the first and the last among them.
    @Test func probesAreThinned() throws {
        try withFolder { folder in
            try SampleRun(epochs: 60, hasLayers: true, probeEvery: 2).write(to: folder)
            let run = try RunRecord(folder: folder.path)
            let layers = ProbedLayers(run.probes)
            #expect(run.probes.count == 600)
            #expect(layers.steps.count <= ProbedLayers.limit && layers.steps.count > 50)
            #expect(layers.steps.first == 2 && layers.steps.last == 1200)
            #expect(layers.selection(of: 3, with: "3").map(\.path) == ["0", "3", "6"])
        }
    }
}
