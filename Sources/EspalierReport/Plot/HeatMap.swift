import Foundation

/// Positive values of several rows over training time, as colours on a logarithmic scale.
struct HeatMap: Plot {
    struct Row: Sendable {
        var name: String
        /// One value for each column.
        var values: [Double]
    }

    var id: String
    var summary: String
    var axis: TimeAxis
    var rows: [Row]
    /// When each column was measured; rising.
    var times: [Double]
    /// What the values are, for the tooltip.
    var quantity = "gradient norm"

    func height(_ size: PlotSize) -> Double { top + Double(rows.count) * rowHeight + 36 }

    func draw(_ size: PlotSize) -> Drawing {
        let frame = frame(size)
        let edges = columns.edges.map { SVG.coordinate(frame.x.position($0)) }
        let shapes =
            legend(frame) + rowLabels(frame) + cells(frame, edges: edges) + frame.horizontalAxis(unit: axis.unit)
        let lines = (0...rows.count).map { SVG.coordinate(top + Double($0) * rowHeight) }
        return Drawing(shapes: shapes, geometry: "{\"x\":\(JSON.array(edges)),\"y\":\(JSON.array(lines))}")
    }

    var data: String? {
        let columns = columns
        let names = JSON.array(rows.map { JSON.string($0.name) })
        let values = JSON.array(columns.values.map { JSON.array($0.map(JSON.number)) })
        let times = JSON.array(columns.times.map(JSON.number))
        return "{\"kind\":\"cells\",\"unit\":\(JSON.string(axis.unit)),\"rows\":\(names),\"x\":\(times),"
            + "\"quantity\":\(JSON.string(quantity)),\"values\":\(values)}"
    }
}

extension HeatMap {
    private var top: Double { 46 }
    private var rowHeight: Double {
        (max(208, min(270, Double(rows.count) * 13.5)) / Double(max(rows.count, 1))).clamped(to: 4...44)
    }

    private func frame(_ size: PlotSize) -> PlotFrame {
        var frame = PlotFrame(
            size: size, height: height(size), x: 0...axis.end, y: (.linear, 0...1), style: .number,
            margins: (top: top, right: 18))
        let limit = labelLimit(size)
        frame.left = (rows.map { SVG.width(of: shortened($0.name, to: limit)) }.max() ?? 0) + 12
        frame.x.start = frame.left
        return frame
    }

    private func labelLimit(_ size: PlotSize) -> Int { size == .wide ? 20 : 13 }

    /// Neighbouring probes merged until there are at most some 120 columns: the geometric mean, since colours are
    /// logarithms; a value that is not finite stays visible in its column.
    private var columns: (edges: [Double], times: [Double], values: [[Double]]) {
        let limit = max(20, min(120, 24_000 / max(rows.count, 1)))
        let width = max(1, (times.count + limit - 1) / limit)
        let groups = stride(from: 0, to: times.count, by: width).map { $0..<min($0 + width, times.count) }
        let centers = groups.map { group in times[group].reduce(0, +) / Double(group.count) }
        var edges = [0.0]
        for (before, after) in zip(centers, centers.dropFirst()) { edges.append((before + after) / 2) }
        edges.append(axis.end)
        let values = rows.map { row in groups.map { Self.geometricMean(row.values[$0]) } }
        return (edges, centers, values)
    }

    private static func geometricMean(_ values: ArraySlice<Double>) -> Double {
        if let gone = values.first(where: { !$0.isFinite }) { return gone }
        guard values.count > 1 else { return values.first ?? .nan }
        return exp(values.map(log).reduce(0, +) / Double(values.count))
    }

    /// The decades that the colours span; what lies further than ten decades below the top is drawn as the lowest.
    private var span: ClosedRange<Double> {
        let positive = columns.values.flatMap { $0 }.filter { $0.isFinite && $0 > 0 }
        guard let low = positive.min(), let high = positive.max() else { return 0...1 }
        let upper = Scale.roundedOutward(high, up: true)
        let lower = max(Scale.roundedOutward(low), upper * 1e-10)
        return lower < upper ? log10(lower)...log10(upper) : log10(upper) - 1...log10(upper)
    }

    private func level(_ value: Double, in span: ClosedRange<Double>) -> Int? {
        guard value.isFinite else { return nil }
        guard value > 0 else { return 0 }
        let fraction = (log10(value) - span.lowerBound) / (span.upperBound - span.lowerBound)
        return Int(fraction * Double(Theme.heatLevels)).clamped(to: 0...Theme.heatLevels - 1)
    }

    private func cells(_ frame: PlotFrame, edges: [String]) -> [Markup] {
        let span = span
        let levels = columns.values.map { values in values.map { level($0, in: span) } }
        let order = colouredCells(
            levels, edges: edges, top: { top + Double($0) * rowHeight },
            height: rowHeight - (rowHeight > 12 ? 1.5 : 0.5))
        return order.map { level, outline in
            SVG.path(outline, class: level.map { "q\($0)" } ?? "not-finite solid")
        }
    }

    private func rowLabels(_ frame: PlotFrame) -> [Markup] {
        let skip = max(1, Int((13 / rowHeight).rounded(.up)))
        let limit = labelLimit(frame.size)
        return rows.indices.filter { $0 % skip == 0 }.map { row in
            let name = rows[row].name
            let y = top + (Double(row) + 0.5) * rowHeight + 4
            return SVG.text(
                shortened(name, to: limit), at: Point(x: frame.left - 8, y: y), anchor: .end, class: "tick",
                title: name.count > limit ? name : nil)
        }
    }

    /// The colours with their values, above the map.
    private func legend(_ frame: PlotFrame) -> [Markup] {
        let span = span
        let width = min(260, frame.right - frame.left) / Double(Theme.heatLevels)
        let start = frame.right - width * Double(Theme.heatLevels)
        var shapes = (0..<Theme.heatLevels).map { level in
            SVG.rectangle(
                x: start + Double(level) * width, y: 2, width: width + 0.3, height: 9, class: "q\(level)")
        }
        let scale = Scale(
            kind: .logarithmic, domain: pow(10, span.lowerBound)...pow(10, span.upperBound), start: start,
            end: frame.right)
        let ticks = scale.ticks(about: 5)
        for (tick, label) in zip(ticks, Format.ticks(ticks, style: .number, kind: .logarithmic)) {
            let x = scale.position(tick)
            let half = SVG.width(of: label) / 2
            let text = Point(x: min(x, frame.size.width - half), y: 26)
            shapes.append(SVG.line(from: Point(x: x, y: 11), to: Point(x: x, y: 15), class: "axis"))
            shapes.append(SVG.text(label, at: text, anchor: .middle, class: "tick"))
        }
        return shapes
    }
}

/// The outlines of cells by their levels, equal neighbours in a row as one, in the order of levels.
///
/// One path for each colour: a rectangle for each cell would be ten times as long.
func colouredCells(
    _ levels: [[Int?]], edges: [String], top: (Int) -> Double, height: Double
) -> [(level: Int?, outline: String)] {
    var outlines: [Int?: String] = [:]
    for (row, levels) in levels.enumerated() {
        let y = SVG.coordinate(top(row)), height = SVG.coordinate(height)
        var start = 0
        for column in levels.indices where column + 1 == levels.count || levels[column + 1] != levels[column] {
            outlines[levels[column], default: ""] +=
                "M\(edges[start]) \(y)H\(edges[column + 1])v\(height)H\(edges[start])Z"
            start = column + 1
        }
    }
    return outlines.sorted { ($0.key ?? -1) < ($1.key ?? -1) }.map { (level: $0.key, outline: $0.value) }
}
