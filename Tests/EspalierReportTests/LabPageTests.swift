import EspalierGraph
import EspalierSpec
import EspalierTestSupport
import Foundation
import Testing

@testable import EspalierReport

/// The pages of experiments, out of `lab.json` alone.
@Suite struct LabPageTests {
    /// One of each kind of figure.
    static let sample = """
        {"experiment": "trial", "summary": "What <comes> of it", "lesson": "One. Two. Three.", "settings": {"seeds": [0, 1]},
        "data": "MNIST", "standIn": false, "seconds": 61.5,
        "measurements": [
          {"name": "loss, He", "measured": 0.25, "values": [0.2, 0.3], "expected": [0.2, 0.3]},
          {"name": "loss, std 0.01", "measured": 2.4, "values": [], "expected": [2.298, 2.3]},
          {"name": "a ratio", "measured": "Infinity", "values": [], "expected": null}],
        "notes": ["A note."],
        "figures": [
          {"title": "Loss", "caption": "Falls.", "kind": "lines", "content": {"x": {"name": "rate", "logarithmic": true,
            "share": false}, "y": {"name": "loss", "logarithmic": true, "share": false}, "panels": [{"name": "", "series": [
            {"name": "He", "connected": true, "x": [0.001, 0.01, 0.1], "y": [1, 0.1, "NaN"]},
            {"name": "trial", "connected": false, "x": [0.001, 0.1], "y": [2, 3]}]}],
            "guides": [{"level": 1, "label": "guide"}], "mark": {"x": 0.01, "y": 0.1, "label": "best"}}},
          {"title": "Accuracy", "caption": "", "kind": "lines", "content": {"x": {"name": "epoch"}, "y": {"name": "accuracy",
            "share": true}, "panels": [{"name": "w 1", "series": [{"name": "with", "x": [1, 2], "y": [0.5, 0.9]}]},
            {"name": "w 2", "series": [{"name": "with", "x": [1, 2], "y": [0.1, 0.2]}]}], "guides": [], "mark": null}},
          {"title": "Spread", "caption": "", "kind": "histograms", "content": {"columns": ["layer 1", "layer 2"], "rows": [
            {"name": "sigmoid", "range": [0, 1], "counts": [[5, 1, 0], [2, 2, 2]]}]}},
          {"title": "Norms", "caption": "", "kind": "heatMap", "content": {"axis": "layer", "quantity": "norm",
            "columns": [1, 2], "rows": [{"name": "tanh", "values": [1e-9, 0.1]}, {"name": "ReLU", "values": [1, "Infinity"]}]}},
          {"title": "Ranking", "caption": "", "kind": "dots", "content": {"axis": {"name": "accuracy", "share": true},
            "rows": [{"name": "ELU", "value": 0.87, "interval": [0.86, 0.88]}, {"name": "sigmoid", "value": 0.1, "interval": null}]}},
          {"title": "Ways", "caption": "", "kind": "plane", "content": {"x": [-10, 10], "y": [-5, 5],
            "contours": [{"name": "1", "x": [1, 0, 1], "y": [0, 1, 0]}], "paths": [{"name": "SGD", "x": [-7, 0], "y": [2, 0]}]}},
          {"title": "Blocks", "caption": "", "kind": "blocks", "content": {"extents": [2, 3, 2], "blocks": [
            {"name": "batch", "detail": "one channel", "shared": [[0, 2, 1], [1, 2, 1]]}]}}]}
        """

    private func page(_ text: String) throws -> String {
        try LabPage(record: LabRecord(EspalierSpec.JSON.parse(text, file: "lab.json"), at: "lab.json")).markup.html
    }

    @Test func everyKindOfFigureIsDrawn() throws {
        let html = try page(Self.sample)
        for title in ["Loss", "Accuracy", "Spread", "Norms", "Ranking", "Ways", "Blocks"] {
            #expect(html.contains("<h3>\(title)</h3>"))
        }
        // Each at the width of a desk and of a phone, the loss on two scales.
        #expect(html.matches(of: /<svg class="plot wide"/).count == 8)
        #expect(html.matches(of: /<svg class="plot narrow"/).count == 8)
        #expect(
            html.contains("What &lt;comes&gt; of it") && html.contains("One. Two. Three.") && html.contains("A note."))
    }

    /// A value out of its band is shown as such.
    @Test func bandsAreShown() throws {
        let html = try page(Self.sample)
        #expect(html.contains("1 of 2 as expected"))
        #expect(html.matches(of: /✓ inside/).count == 1 && html.matches(of: /✗ outside/).count == 1)
        #expect(html.contains("2.298 to 2.3") && html.contains("0.2, 0.3") && html.contains("∞"))
        let all = try page(Self.sample.replacingOccurrences(of: "\"measured\": 2.4", with: "\"measured\": 2.299"))
        #expect(all.contains("all 2 as expected"))
    }

    /// A logarithmic axis has its decades at equal distances.
    @Test func horizontalLogarithm() {
        let axis = TimeAxis("rate", over: [0.002, 0.05], logarithmic: true)
        #expect(axis.kind == .logarithmic && axis.start == 0.002 && axis.end == 0.05)
        let frame = PlotFrame(
            size: .wide, height: 100, x: 0.01...1, xKind: .logarithmic, y: (.linear, 0...1), style: .number,
            margins: (top: 0, right: 0))
        #expect(abs(frame.x.position(0.1) - (frame.left + frame.right) / 2) < 1e-9)
        #expect(frame.geometry.hasSuffix(",0,1]"))
        let counts = TimeAxis("epoch", over: [1, 20], logarithmic: false)
        #expect(counts.start == 1 && counts.end == 20 && counts.marksWhole)
    }

    @Test func severalOnOnePage() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "lab-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["one", "two"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name), withIntermediateDirectories: true)
            try Data(Self.sample.utf8).write(to: folder.appending(path: "\(name)/lab.json"))
            #expect(try Report.writeLab(folder: folder.path + "/\(name)").hasSuffix("\(name)/report.html"))
        }
        let index = try Report.writeLabIndex(folder: folder.path, of: ["one", "two"])
        let html = try String(contentsOfFile: index, encoding: .utf8)
        #expect(html.contains("href=\"one/report.html\"") && html.contains("href=\"two/report.html\""))
        #expect(html.contains("2 of 4 as expected") && html.contains("2 min 3 s"))
        let error = #expect(throws: EspalierError.self) { try Report.writeLab(folder: folder.path) }
        #expect(error?.expected == "lab.json in it")
    }

    /// Files that were damaged at random are drawn or refused with the place, never a crash.
    @Test func damagedFiles() throws {
        var random = RandomStream(seed: 5, "lab fuzz"), drawn = 0, refused = 0
        let numbers = ["-1", "9223372036854775807", "1e308", "-1e308", "5e-324", "\"NaN\"", "0", "\"Infinity\""]
        for round in 0..<Fuzzing.count {
            var text = Self.sample
            let places = text.matches(of: /-?[0-9]+(\.[0-9]+)?/)
            if round % 2 == 0, let place = places.randomElement(using: &random) {
                text.replaceSubrange(place.range, with: numbers.randomElement(using: &random) ?? "0")
            }
            let bytes =
                round % 3 == 0
                ? Array(text.utf8) : random.damage(Array(text.utf8), with: "{}[]:,\"\\\n-0189.eE")
            do {
                let record = try LabRecord(EspalierSpec.JSON.parse(bytes, file: "lab.json"), at: "lab.json")
                #expect(LabPage(record: record).markup.html.hasSuffix("</html>\n"))
                drawn += 1
            } catch let error as EspalierError {
                #expect(error.location?.hasPrefix("lab.json") == true)
                refused += 1
            }
        }
        #expect(drawn > 0 && refused > 0)
    }
}
