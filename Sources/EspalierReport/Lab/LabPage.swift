/// The page of an experiment: what it teaches, what was measured beside what was expected, its figures.
struct LabPage {
    let record: LabRecord

    var markup: Markup {
        let (status, style) = Self.verdict(record)
        return document(
            title: "\(record.name) · lab", brand: "lab",
            footer: "Written by Espalier from lab.json; this page loads nothing else."
        ) {
            tag("header") {
                tag("h1") {
                    tag("span") { record.name }
                    tag("span", ["class": "status \(style)"]) { status }
                }
                tag("p", ["class": "verdict"]) { record.summary }
                tag("p", ["class": "remarks lesson"]) { record.lesson }
            }
            tag("main") {
                // An odd figure leaves room beside it.
                section(
                    figures.count % 2 == 1 ? "Figures, measured and expected" : "Figures",
                    cards: figures + (figures.count % 2 == 1 ? [measurements(full: false)] : []))
                section("Measured and expected", cards: figures.count % 2 == 1 ? [] : [measurements(full: true)])
                section("Set-up", cards: (record.notes.isEmpty ? [] : [notes]) + [settings])
            }
        }
    }

    /// How much is as expected, in words and as a style.
    static func verdict(_ record: LabRecord) -> (words: String, style: String) {
        let (expected, inside) = record.counts
        guard expected > 0 else { return ("nothing to compare with", "") }
        return inside == expected
            ? ("all \(expected) as expected", "") : ("\(inside) of \(expected) as expected", "warning")
    }
}

extension LabPage {
    private func measurements(full isFull: Bool) -> Markup {
        let hasValues = record.measurements.contains { $0.values.count > 1 }
        return tag("div", ["class": isFull ? "card full long" : "card long"]) {
            scrolling("Measured and expected") {
                table(
                    ["What", "Measured"] + (hasValues ? ["By seed"] : []) + ["Expected", ""], numbers: [1],
                    lines: [0]
                ) {
                    record.measurements.map { one -> [[Markup]] in
                        var row: [[Markup]] = [[.text(one.name)], [.text(Format.number(one.measured, digits: 4))]]
                        if hasValues {
                            row.append([.text(one.values.map { Format.number($0, digits: 4) }.joined(separator: ", "))])
                        }
                        return row + [[.text(Self.band(one))], [Self.sign(one)]]
                    }
                }
            }
        }
    }

    /// `0.225 to 0.3`.
    static func band(_ one: LabRecord.Measurement) -> String {
        guard let band = one.expected else { return "–" }
        let ends = [band.lowerBound, band.upperBound].map { Format.number($0, digits: 4) }
        return ends[0] == ends[1] ? ends[0] : "\(ends[0]) to \(ends[1])"
    }

    static func sign(_ one: LabRecord.Measurement) -> Markup {
        switch one.isInside {
        case true?: tag("span", ["class": "inside"]) { "✓ inside" }
        case false?: tag("span", ["class": "outside"]) { "✗ outside" }
        case nil: .empty
        }
    }

    private var notes: Markup {
        tag("div", ["class": "card"]) {
            tag("h3") { "Notes" }
            record.notes.map { note in tag("p") { note } }
        }
    }

    private var settings: Markup {
        tag("div", ["class": "card"]) {
            tag("h3") { "Settings" }
            facts(
                [("data", record.data), ("time", record.seconds.map(Format.duration))]
                    + record.settings.map { (name: $0.name, value: $0.value) })
        }
    }

    private var figures: [Markup] {
        record.figures.enumerated().map { index, figure in
            let id = "figure-\(index)", summary = "\(figure.title). \(figure.caption)"
            func plot(_ plot: some Plot) -> Markup { card(figure.title, figure.caption, plot: plot) }
            switch figure.content {
            case .lines(let lines) where lines.panels.count == 1:
                return plot(LinePlot(lines, id: id, summary: summary))
            case .lines(let lines): return plot(LinePanels(lines, id: id, summary: summary))
            case .histograms(let columns, let rows):
                return plot(HistogramPanels(id: id, summary: summary, columns: columns, rows: rows))
            case .heatMap(let axis, let columns, let rows, let quantity):
                return plot(
                    HeatMap(
                        id: id, summary: summary, axis: TimeAxis(axis, over: [0] + columns, logarithmic: false),
                        rows: rows, times: columns, quantity: quantity))
            case .dots(let axis, let rows):
                return plot(
                    DotPlot(
                        id: id, summary: summary, axis: axis.name, rows: rows, style: axis.style,
                        isLogarithmic: axis.isLogarithmic))
            case .plane(let plane): return plot(PlanePlot(id: id, summary: summary, plane: plane))
            case .blocks(let extents, let blocks):
                return plot(BlockPlot(id: id, summary: summary, extents: extents, blocks: blocks))
            }
        }
    }
}

extension LabFigureRecord.Axis {
    fileprivate var style: Format.Style { isShare ? .percent : .number }
}

extension LabFigureRecord.Lines {
    fileprivate var axis: TimeAxis {
        TimeAxis(
            x.name, over: panels.flatMap { $0.series.flatMap { $0.points.map(\.x) } }, logarithmic: x.isLogarithmic)
    }
}

extension LinePlot {
    fileprivate init(_ lines: LabFigureRecord.Lines, id: String, summary: String) {
        self.init(
            id: id, summary: summary, axis: lines.axis, series: lines.panels[0].series, mark: lines.mark,
            guides: lines.guides, style: lines.y.style, allowsLogarithm: lines.y.isLogarithmic,
            leavesZerosBelow: lines.y.isLogarithmic)
    }
}

extension LinePanels {
    fileprivate init(_ lines: LabFigureRecord.Lines, id: String, summary: String) {
        self.init(
            id: id, summary: summary, axis: lines.axis, panels: lines.panels, style: lines.y.style,
            allowsLogarithm: lines.y.isLogarithmic)
    }
}
