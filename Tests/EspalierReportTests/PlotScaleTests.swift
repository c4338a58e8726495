import Foundation
import FoundationXML
import Testing

@testable import EspalierReport

/// Plots that can be switched from one scale to the other, and validations between the steps of an epoch.
@Suite struct PlotScaleTests {
    private func plot(_ values: [Double], style: String = "train") -> LinePlot {
        let points = values.enumerated().map { Point(x: Double($0), y: $1) }
        return LinePlot(
            id: "p", summary: "a plot", axis: TimeAxis(steps: values.count),
            series: [.init(name: "loss", style: style, points: points)])
    }

    private func geometry(_ plot: any Plot) throws -> [Double] {
        let text = try #require(plot.draw(.wide).geometry)
        return try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [Double])
    }

    @Test func aPlotOfPositiveValuesHasBothScales() throws {
        let steep = plot([100, 10, 1, 0.1]), flat = plot([3, 2, 1])
        #expect(steep.isLogarithmic && !flat.isLogarithmic)
        let linear = try #require(steep.otherScale), logarithmic = try #require(flat.otherScale)
        #expect(!linear.isLogarithmic && logarithmic.isLogarithmic)
        #expect(try geometry(steep)[8] == 1)
        #expect(try geometry(linear)[8] == 0)
        #expect(try geometry(logarithmic)[8] == 1)
        // The domain takes in all values.
        let (low, high) = try (geometry(logarithmic)[6], geometry(logarithmic)[7])
        #expect(low <= 1 && low > 0 && high >= 3)
        let switched = steep.markup.map(\.rendered).joined()
        #expect(switched.contains("<input type=\"checkbox\" checked=\"checked\"/>Log scale"))
        #expect(!flat.markup.map(\.rendered).joined().contains("checked=\"checked\""))
        #expect(switched.components(separatedBy: "<script").count == 2, "the numbers are there once")
    }

    @Test func otherPlotsHaveTheirOneScale() {
        #expect(plot([1, 0, 2]).otherScale == nil)
        #expect(plot([-1, 2]).otherScale == nil)
        #expect(plot([2, 2, 2]).otherScale == nil)
        #expect(plot([.nan, .infinity]).otherScale == nil)
        var share = plot([0.9, 0.1])
        share.domain = 0...1
        #expect(share.otherScale == nil)
        share.domain = nil
        share.isSwitchable = false
        #expect(share.otherScale == nil)
        share.isSwitchable = true
        #expect(share.otherScale != nil)
        share.allowsLogarithm = false
        #expect(share.otherScale == nil)
    }

    /// Measured every so many steps, the validation has points where it was measured, and its best is one of them.
    @Test func validationsBetweenStepsAreShownWhereTheyWere() throws {
        let lines = [
            #"{"event":"start","step":0,"epoch":0,"epochs":2,"stepsPerEpoch":100}"#,
            #"{"event":"validation","step":40,"epoch":1,"validation":{"loss":0.9,"accuracy":0.5}}"#,
            #"{"event":"validation","step":80,"epoch":1,"validation":{"loss":0.5,"accuracy":0.7}}"#,
            #"{"event":"epoch","step":100,"epoch":1,"train":{"loss":0.8},"validation":{"loss":0.5,"accuracy":0.7}}"#,
            #"{"event":"validation","step":120,"epoch":2,"validation":{"loss":0.7,"accuracy":0.6}}"#,
            #"{"event":"epoch","step":200,"epoch":2,"train":{"loss":0.6},"validation":{"loss":0.6,"accuracy":0.65}}"#,
        ]
        try withFolder { folder in
            try Data((lines.joined(separator: "\n") + "\n").utf8)
                .write(to: folder.appendingPathComponent("events.jsonl"))
            let page = ReportPage(try RunRecord(folder: folder.path))
            let series = page.epochSeries(.loss)
            #expect(series.map(\.name) == ["train", "validation"])
            #expect(series[1].points.map(\.x) == [0.4, 0.8, 1.2, 2])
            #expect(series[1].points.map(\.y) == [0.9, 0.5, 0.7, 0.6])
            let mark = try #require(page.mark(.loss))
            #expect(mark.point.x == 0.8 && mark.label == "best: step 80, 0.5")
            #expect(page.mark(Metric(key: "accuracy"))?.point.y == 0.7)
            // Where the training was to go on, its last epoch only repeats what was measured before.
            let unfinished = lines.map { $0.replacingOccurrences(of: "\"epochs\":2", with: "\"epochs\":3") }
            try Data((unfinished.joined(separator: "\n") + "\n").utf8)
                .write(to: folder.appendingPathComponent("events.jsonl"))
            let early = ReportPage(try RunRecord(folder: folder.path)).epochSeries(.loss)
            #expect(early[1].points.map(\.x) == [0.4, 0.8, 1.2])
            // A cursor over steps and one over epochs meet.
            #expect(page.axis.anchors(atMost: 10) == #"{"step":[0,100,200],"epoch":[0,1,2]}"#)
        }
    }
}
