import EspalierGraph
import EspalierSpec
import EspalierTestSupport
import Foundation
import FoundationXML
import Testing

@testable import EspalierReport

@Suite struct ComparisonTests {
    private func page(_ samples: [String: SampleRun], _ order: [String]) throws -> XMLElement {
        try withFolder { folder in
            for (name, sample) in samples { try sample.write(to: folder.appendingPathComponent(name)) }
            try Report.write(folder: folder.appendingPathComponent(order[0]).path)
            let path = try Report.compare(folders: order.map { folder.appendingPathComponent($0).path })
            #expect(path == folder.appendingPathComponent("comparison.html").path)
            let html = try String(contentsOfFile: path, encoding: .utf8)
            #expect(!html.contains("http://") && !html.contains("https://"))
            return try #require(XMLDocument(xmlString: String(html.drop { $0 != "\n" }), options: []).rootElement())
        }
    }

    private func texts(_ page: XMLElement, _ path: String) throws -> [String] {
        try page.nodes(forXPath: path).map { $0.stringValue ?? "" }
    }

    @Test func theRunsStandBesideEachOther() throws {
        let page = try page(
            [
                "a": SampleRun(name: "small"),
                "b": SampleRun(name: "<b>", epochs: 30, best: 30, diagnosis: SampleRun.diagnosis),
            ],
            ["a", "b"])
        #expect(try texts(page, "//p[@class='verdict']")[0].hasPrefix("<b> is best: "))
        #expect(try texts(page, "//p[@class='verdict']")[0].hasSuffix("test accuracy."))
        #expect(
            try texts(page, "//h3").prefix(7) == [
                "Test accuracy", "Summary", "Validation loss", "Training loss", "Validation accuracy",
                "Training accuracy",
                "Learning rate",
            ])
        #expect(try texts(page, "//div[@aria-label='Summary of the runs']//tbody/tr/td[1]") == ["small", "<b>"])
        let curves = try page.nodes(forXPath: "//svg[@data-plot='loss-validation' and @class='plot wide']")[0]
        #expect(try curves.nodes(forXPath: ".//path[contains(@class,'run')]").count == 2)
        // The report that is there is led to.
        #expect(try texts(page, "//a/@href") == ["./a/report.html", "./a/report.html"])
        // Both tell where they are at any epoch, the longer one alone past the end of the other.
        let data = try #require(try texts(page, "//script[@id='data-loss-validation']").first)
        let json = try #require(JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any])
        #expect((json["x"] as? [Any])?.count == 30)
        let series = try #require(json["series"] as? [[String: Any]])
        #expect(series.map { ($0["x"] as? [Any])?.count } == [24, nil])
        #expect(try texts(page, "//article[2]//li/b") == ["Error: dying ReLU", "Note: leakage"])
    }

    @Test func sameNamesAreToldApart() throws {
        let page = try page(["a": SampleRun(), "b": SampleRun()], ["a", "b"])
        #expect(try texts(page, "//div[@aria-label='Summary of the runs']//tbody/tr/td[1]") == ["a", "b"])
        #expect(try texts(page, "//p").contains("The configurations are the same."))
    }

    @Test func runsWithoutAnEpochAreComparedByTheirSteps() throws {
        let early = SampleRun(epochs: 0, status: nil)
        let page = try page(["a": early, "b": SampleRun(status: nil)], ["a", "b"])
        #expect(try page.nodes(forXPath: "//svg[@data-plot='loss-train']").count == 4)
        #expect(try page.nodes(forXPath: "//svg[@data-plot='loss-validation']").isEmpty)
        #expect(try texts(page, "//p[@class='verdict']")[0].hasPrefix("b is best: "))
    }

    /// An interval says whether the best may be so by chance.
    @Test(arguments: [([0.9, 0.95], "lies apart"), ([0.8, 0.95], "overlaps with b")])
    func theIntervalsDecide(_ bounds: [Double], _ words: String) throws {
        try withFolder { folder in
            for (name, value, bounds) in [("a", 0.93, bounds), ("b", 0.85, [0.82, 0.88])] {
                let run = folder.appendingPathComponent(name)
                try SampleRun().write(to: run)
                let summary = """
                    {"status": "completed", "epochs": 24, "test": {"loss": 1, "accuracy": \(value)},
                     "intervals": {"test": {"accuracy": \(bounds)}}}
                    """
                try Data(summary.utf8).write(to: run.appendingPathComponent("summary.json"))
            }
            let runs = try ["a", "b"].map { try RunRecord(folder: folder.appendingPathComponent($0).path) }
            let html = ComparisonPage(runs, links: [nil, nil]).markup.rendered
            #expect(html.contains("a is best: 93.0% test accuracy.") && html.contains(words))
        }
    }

    @Test func whatDiffersIsFound() {
        let first = """
            name: one
            optimizer:
              adam: {learningRate: 0.001, betas: [0.9, 0.999]}
            model:
              - linear: {units: 128, initializer: {heNormal: {}}}
              - relu
              - residual:
                  body:
                    - linear: {units: 8}
            "odd: key": 'a, b: {c'
            """
        let second = """
            name: one
            optimizer:
              adam:
                learningRate: 0.01
                betas: [0.9, 0.999]
            model:
              - linear: {units: 64, initializer: {heNormal: {}}}
              - tanh
              - residual:
                  body:
                    - linear: {units: 9}
              - relu
            "odd: key": 'a, b: {c'
            """
        let differences = configurationDifferences([first, second])
        #expect(
            differences.map(\.path) == [
                "optimizer.adam.learningRate", "model.0.linear.units", "model.1",
                "model.2.residual.body.0.linear.units", "model.3",
            ])
        #expect(
            differences.map(\.values) == [
                ["0.001", "0.01"], ["128", "64"], ["relu", "tanh"], ["8", "9"], [nil, "relu"],
            ])
    }

    /// Whatever stands in a configuration, it is compared.
    @Test func damagedConfigurationsAreCompared() throws {
        let whole = "a: {b: [1, {c: 'x'}], d: null}\nlist:\n  - one: {two: 3}\n  - [1, 2]\n- - x\n? long\n: y\n"
        var random = RandomStream(seed: 4, "configuration leaves")
        for _ in 0..<Fuzzing.count {
            let text = String(decoding: random.damage(Array(whole.utf8), with: "{}[]:,'\"- \n#"), as: UTF8.self)
            let leaves = configurationLeaves(text)
            #expect(leaves.count <= text.count + 1)
            #expect(configurationDifferences([text, text]).isEmpty)
        }
        let deep = String(repeating: "{a: ", count: 500) + "1" + String(repeating: "}", count: 500)
        #expect(configurationLeaves("x: \(deep)").count == 1)
    }
}
