import EspalierSpec

/// A figure in `lab.json`.
struct LabFigureRecord: Sendable {
    var title: String
    var caption: String
    var content: Content

    enum Content: Sendable {
        case lines(Lines)
        case histograms(columns: [String], rows: [HistogramPanels.Row])
        case heatMap(axis: String, columns: [Double], rows: [HeatMap.Row], quantity: String)
        case dots(Axis, [DotPlot.Row])
        case plane(PlanePlot.Plane)
        case blocks(extents: [Int], [BlockPlot.Block])
    }

    struct Axis: Sendable {
        var name: String
        var isLogarithmic: Bool
        var isShare: Bool
    }

    struct Lines: Sendable {
        var x: Axis
        var y: Axis
        var panels: [LinePanels.Panel]
        var guides: [LinePlot.Guide]
        var mark: LinePlot.Mark?
    }
}

extension LabFigureRecord {
    /// Points of a curve, panels, rows: of more than so many, the others are left out.
    private static let mostPoints = 20_000, mostPanels = 64, mostRows = 400

    /// - Throws: `EspalierError` for what no lab writes.
    init(_ value: ConfigurationValue, at place: String) throws {
        let figure = Fields(value, at: place)
        try figure.requireMap()
        title = try figure.text("title") ?? ""
        caption = try figure.text("caption") ?? ""
        let content = Fields(figure["content"] ?? .null, at: place)
        try content.requireMap()
        switch try figure.text("kind") {
        case "lines": self.content = .lines(try Self.lines(content))
        case "histograms":
            self.content = .histograms(
                columns: try content.texts("columns"), rows: try content.maps("rows", most: 40).map(Self.histogram))
        case "heatMap":
            let columns = try content.values("columns", most: 2000)
            let rows = try content.maps("rows", most: Self.mostRows).map { row in
                HeatMap.Row(name: try row.text("name") ?? "", values: try row.values("values", most: 2000))
            }
            guard columns.first ?? 0 > 0, Self.rise(columns), rows.allSatisfy({ $0.values.count == columns.count })
            else {
                throw content.error("rows", expected: "columns above 0 that rise, and as many values")
            }
            self.content = .heatMap(
                axis: try content.text("axis") ?? "", columns: columns, rows: rows,
                quantity: try content.text("quantity") ?? "")
        case "dots":
            let rows = try content.maps("rows", most: Self.mostRows).map { row in
                guard let value = row["value"]?.doubleValue else { throw row.error("value", expected: "a number") }
                return DotPlot.Row(name: try row.text("name") ?? "", value: value, interval: try row.range("interval"))
            }
            self.content = .dots(try Self.axis(content, "axis"), rows)
        case "plane":
            guard let x = try content.range("x"), let y = try content.range("y"), x.lowerBound < x.upperBound,
                y.lowerBound < y.upperBound
            else { throw content.error("x", expected: "the ends of both axes") }
            self.content = .plane(
                PlanePlot.Plane(
                    x: x, y: y, contours: try content.maps("contours", most: 100).map(Self.path),
                    paths: try content.maps("paths", most: 12).map(Self.path)))
        case "blocks":
            let extents = try Self.counts(content, "extents", most: 3)
            guard extents.count == 3, extents.allSatisfy((1...12).contains) else {
                throw content.error("extents", expected: "three numbers from 1 to 12")
            }
            self.content = .blocks(
                extents: extents,
                try content.maps("blocks", most: 16).map { block in
                    let shared = try (block.list("shared") ?? []).prefix(2000).map { try Self.numbers($0, of: block) }
                    return BlockPlot.Block(
                        name: try block.text("name") ?? "", detail: try block.text("detail") ?? "",
                        shared: Set(shared))
                })
        default: throw figure.error("kind", expected: "a kind of figure")
        }
    }

    /// Whether numbers are finite and none is below the one before it.
    private static func rise(_ numbers: [Double]) -> Bool {
        numbers.allSatisfy { abs($0) < 1e300 } && zip(numbers, numbers.dropFirst()).allSatisfy { $0 <= $1 }
    }

    private static func axis(_ fields: Fields, _ name: String) throws -> Axis {
        let axis = Fields(fields[name] ?? .null, at: fields.place)
        try axis.requireMap()
        return Axis(
            name: try axis.text("name") ?? "", isLogarithmic: try axis.flag("logarithmic") ?? false,
            isShare: try axis.flag("share") ?? false)
    }

    private static func lines(_ fields: Fields) throws -> Lines {
        let panels = try fields.maps("panels", most: mostPanels).map { panel in
            let series = try panel.maps("series", most: 40).map { series in
                let x = try series.values("x", most: mostPoints), y = try series.values("y", most: mostPoints)
                guard x.count == y.count, rise(x) else {
                    throw series.error("x", expected: "as many numbers as in y, which rise")
                }
                return LinePlot.Series(
                    name: try series.text("name") ?? "", style: "", points: zip(x, y).map { Point(x: $0, y: $1) },
                    isConnected: try series.flag("connected") ?? true)
            }
            return LinePanels.Panel(name: try panel.text("name") ?? "", series: styled(series))
        }
        let guides = try fields.maps("guides", most: 8).map { guide in
            guard let level = guide["level"]?.doubleValue else { throw guide.error("level", expected: "a number") }
            return LinePlot.Guide(level: level, label: try guide.text("label") ?? "")
        }
        let mark = try fields["mark"].map { value in
            let mark = Fields(value, at: fields.place)
            guard let x = mark["x"]?.doubleValue, let y = mark["y"]?.doubleValue else {
                throw mark.error("x", expected: "a place")
            }
            return LinePlot.Mark(point: Point(x: x, y: y), label: try mark.text("label") ?? "", isLabelOnTop: true)
        }
        return Lines(x: try axis(fields, "x"), y: try axis(fields, "y"), panels: panels, guides: guides, mark: mark)
    }

    /// Two curves in the colours of training and validation, more of them along the colours of depth; those of one name are
    /// of one kind, and named once.
    private static func styled(_ series: [LinePlot.Series]) -> [LinePlot.Series] {
        var names: [String] = []
        for one in series where !names.contains(one.name) { names.append(one.name) }
        var named: Set<String> = []
        return series.map { series in
            var copy = series
            let index = names.firstIndex(of: series.name) ?? 0
            copy.style =
                names.count <= 2
                ? ["train", "validation"][index] : "depth\(index * (Theme.heatLevels - 1) / (names.count - 1))"
            copy.isLabelled = named.insert(series.name).inserted
            return copy
        }
    }

    private static func histogram(_ row: Fields) throws -> HistogramPanels.Row {
        guard let range = try row.range("range"), range.lowerBound < range.upperBound else {
            throw row.error("range", expected: "two numbers that differ")
        }
        return HistogramPanels.Row(
            name: try row.text("name") ?? "", range: range,
            counts: try (row.list("counts") ?? []).prefix(12).map { try numbers($0, of: row) })
    }

    private static func path(_ fields: Fields) throws -> PlanePlot.Path {
        let x = try fields.values("x", most: mostPoints), y = try fields.values("y", most: mostPoints)
        return PlanePlot.Path(name: try fields.text("name") ?? "", points: zip(x, y).map { Point(x: $0, y: $1) })
    }

    private static func counts(_ fields: Fields, _ name: String, most limit: Int) throws -> [Int] {
        try numbers(.list(fields.list(name) ?? []), of: fields)
    }

    private static func numbers(_ value: ConfigurationValue, of fields: Fields) throws -> [Int] {
        guard case .list(let items) = value else { throw fields.error("counts", expected: "a list of counts") }
        return try items.prefix(200).map { item in
            guard case .integer(let count) = item, Event.counts.contains(count) else {
                throw fields.error("counts", expected: "a list of counts")
            }
            return count
        }
    }
}
