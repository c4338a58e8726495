import EspalierSpec
import Foundation

extension Report {
    /// Writes a page of what a range test of learning rates has seen, whole or not at all.
    ///
    /// - Parameters:
    ///   - range: What `espalier range --json` prints.
    ///   - name: What was tried.
    ///   - setting: The path of the learning rate in the configuration.
    ///   - present: What it is there.
    ///   - file: The file to write.
    /// - Returns: The path of the file.
    /// - Throws: `EspalierError` where `range` holds no points that rise in rate, or the file cannot be written.
    @discardableResult
    public static func write(
        range: ConfigurationValue, name: String, setting: String, present: Double, to file: String
    ) throws -> String {
        let fields = Fields(range, at: "range")
        let points = try (fields.list("points") ?? []).map { point in
            let numbers = ["rate", "loss", "smoothed"].compactMap { point[$0]?.doubleValue }.filter(\.isFinite)
            guard numbers.count == 3, numbers[0] > 0 else {
                throw fields.error("points", expected: "finite numbers rate, loss and smoothed")
            }
            return (rate: numbers[0], loss: numbers[1], smoothed: numbers[2])
        }
        guard zip(points, points.dropFirst()).allSatisfy({ $0.rate < $1.rate }) else {
            throw fields.error("points", expected: "rates that rise")
        }
        let page = RangePage(
            name: name, setting: setting, present: present, points: points,
            suggestion: fields["suggestion"]?.doubleValue)
        return try write(page.markup.html, to: URL(fileURLWithPath: file))
    }
}

/// The loss over rising learning rates, and which to begin with.
struct RangePage {
    let name: String
    let setting: String
    let present: Double
    let points: [(rate: Double, loss: Double, smoothed: Double)]
    let suggestion: Double?

    var markup: Markup {
        document(
            title: "\(name) · learning rates", brand: "learning rates",
            footer: "Written by Espalier; this page loads nothing else."
        ) {
            tag("header") {
                tag("h1") { tag("span") { name } }
                tag("p", ["class": "verdict"]) { verdict }
                tag("p", ["class": "remarks"]) { remarks }
            }
            tag("main") { [section("Range test", cards: [curve].compactMap(\.self))] }
        }
    }

    private var verdict: String {
        suggestion.map { "Begin with a learning rate of \(Self.rounded($0))." }
            ?? "The loss falls at none of these rates."
    }

    private var remarks: String {
        let now = "Now \(setting) is \(Self.rounded(present))."
        return suggestion.map {
            "\(now) To set it: --set \(setting)=\(Self.rounded($0)). It is for the first steps: a schedule that falls "
                + "later, and perhaps a warm-up, belong to it."
        } ?? now
    }

    /// As a configuration takes it.
    private static func rounded(_ rate: Double) -> String { String(format: "%.2g", rate) }

    private var curve: Markup? {
        guard points.count > 1 else { return nil }
        let caption =
            "From the first weights one step at each rate, the rate rising from step to step, until the loss explodes. The faint "
            + "curve is the loss of each batch, the other is smoothed."
        func series(_ name: String, _ values: [Double]) -> LinePlot.Series {
            LinePlot.Series(
                name: name, style: "train", points: zip(points, values).map { Point(x: $0.rate, y: $1) },
                isLabelled: false)
        }
        let best = suggestion.flatMap { rate in points.first { $0.rate >= rate } }
        return card(
            "Loss by learning rate", caption,
            plot: LinePlot(
                id: "range", summary: caption,
                axis: TimeAxis("learning rate", over: points.map(\.rate), logarithmic: true),
                series: [series("loss, smoothed", points.map(\.smoothed))],
                background: [series("loss", points.map(\.loss))],
                mark: best.map {
                    .init(
                        point: Point(x: $0.rate, y: $0.smoothed),
                        label: "begin with \(Self.rounded(suggestion ?? $0.rate))", isLabelOnTop: true)
                }))
    }
}
