/// A number of several things, each with the interval that it lies in, one below the other.
struct IntervalDots: Plot {
    struct Row: Sendable {
        var name: String
        var style: String
        var value: Double
        var interval: ClosedRange<Double>?
    }

    var id: String
    var summary: String
    var rows: [Row]
    var style: Format.Style

    // Every dot has its number beside it.
    var data: String? { nil }

    private let rowHeight = 32.0

    func height(_ size: PlotSize) -> Double { Double(rows.count) * rowHeight + 40 }

    func draw(_ size: PlotSize) -> Drawing {
        let ends = rows.flatMap { row in
            [row.value, row.interval?.lowerBound, row.interval?.upperBound].compactMap { $0 }
        }
        let (kind, domain) = Scale.fitting(ends, allowsLogarithm: false)
        let limit = size == .wide ? 28 : 20
        let left = (rows.map { SVG.width(of: shortened($0.name, to: limit)) }.max() ?? 0) + 14
        let x = Scale(kind: kind, domain: domain, start: left, end: size.width - 64)
        let bottom = Double(rows.count) * rowHeight + 6
        let ticks = x.ticks(about: size == .wide ? 5 : 3)
        var shapes = zip(ticks, Format.ticks(ticks, style: style, kind: kind)).flatMap { tick, label in
            let position = x.position(tick)
            return [
                SVG.line(from: Point(x: position, y: 4), to: Point(x: position, y: bottom), class: "grid"),
                SVG.text(label, at: Point(x: position, y: bottom + 17), anchor: .middle, class: "tick"),
            ]
        }
        for (index, row) in rows.enumerated() {
            shapes += draw(row, at: 4 + (Double(index) + 0.5) * rowHeight, left: left, limit: limit, x)
        }
        return Drawing(shapes: shapes)
    }

    private func draw(_ row: Row, at level: Double, left: Double, limit: Int, _ x: Scale) -> [Markup] {
        var shapes = [
            SVG.text(
                shortened(row.name, to: limit), at: Point(x: left - 10, y: level + 4), anchor: .end,
                class: "label \(row.style)", title: row.name.count > limit ? row.name : nil)
        ]
        var end = x.position(row.value)
        if let interval = row.interval {
            let (low, high) = (x.position(interval.lowerBound), x.position(interval.upperBound))
            shapes.append(
                SVG.path(
                    SVG.polyline([Point(x: low, y: level), Point(x: high, y: level)]), class: "curve \(row.style)"))
            end = max(end, high)
        }
        guard row.value.isFinite else { return shapes }
        shapes.append(SVG.circle(at: Point(x: x.position(row.value), y: level), radius: 4.5, class: "dot \(row.style)"))
        shapes.append(SVG.text(style(row.value), at: Point(x: end + 9, y: level + 4), class: "note strong"))
        return shapes
    }
}
