/// Values of one kind, a row for each, with the intervals that they lie in.
struct DotPlot: Plot {
    struct Row: Sendable {
        var name: String
        var value: Double
        var interval: ClosedRange<Double>?
    }

    var id: String
    var summary: String
    var axis: String
    var rows: [Row]
    var style = Format.Style.number
    var isLogarithmic = false

    // Every dot has its number beside it.
    var data: String? { nil }

    private var rowHeight: Double { rows.count > 16 ? 22 : 27 }

    func height(_ size: PlotSize) -> Double { Double(rows.count) * rowHeight + 44 }

    func draw(_ size: PlotSize) -> Drawing {
        let limit = size == .wide ? 32 : 20
        let left = (rows.map { SVG.width(of: shortened($0.name, to: limit)) }.max() ?? 0) + 14
        let room = (rows.map { SVG.width(of: style($0.value)) }.max() ?? 0) + 16
        let values = rows.flatMap { [$0.value] + ($0.interval.map { [$0.lowerBound, $0.upperBound] } ?? []) }
        let positive = values.filter { $0 > 0 && $0.isFinite }
        let isLogarithmic = isLogarithmic && positive.max() ?? 1 > positive.min() ?? 1
        let domain =
            isLogarithmic
            ? Scale.roundedOutward(positive.min() ?? 1)...Scale.roundedOutward(positive.max() ?? 1, up: true)
            : Scale.fitting(values, allowsLogarithm: false).domain
        let x = Scale(
            kind: isLogarithmic ? .logarithmic : .linear, domain: domain, start: left, end: size.width - room)
        let bottom = Double(rows.count) * rowHeight + 8
        var shapes: [Markup] = []
        let ticks = x.ticks(about: size == .wide ? 5 : 3)
        for (tick, label) in zip(ticks, Format.ticks(ticks, style: style, kind: x.kind)) {
            let position = x.position(tick)
            shapes.append(SVG.line(from: Point(x: position, y: 4), to: Point(x: position, y: bottom), class: "grid"))
            shapes.append(
                SVG.text(label, at: Point(x: position, y: bottom + 15), anchor: .middle, class: "tick"))
        }
        shapes.append(
            SVG.text(axis, at: Point(x: (left + x.end) / 2, y: bottom + 32), anchor: .middle, class: "tick"))
        for (index, row) in rows.enumerated() { shapes += draw(row, index, x, limit: limit) }
        return Drawing(shapes: shapes)
    }

    private func draw(_ row: Row, _ index: Int, _ x: Scale, limit: Int) -> [Markup] {
        let level = 8 + (Double(index) + 0.5) * rowHeight
        let ends = x.start...x.end
        func place(_ value: Double) -> Double { x.position(value).clampedIfFinite(to: ends) }
        var shapes = [
            SVG.text(
                shortened(row.name, to: limit), at: Point(x: x.start - 10, y: level + 4), anchor: .end, class: "tick",
                title: row.name.count > limit ? row.name : nil)
        ]
        guard row.value.isFinite else {
            return shapes + [SVG.text("no number", at: Point(x: x.start + 8, y: level + 4), class: "note bad")]
        }
        if let interval = row.interval {
            shapes.append(
                SVG.line(
                    from: Point(x: place(interval.lowerBound), y: level),
                    to: Point(x: place(interval.upperBound), y: level), class: "curve train"))
        }
        let right = max(place(row.value), row.interval.map { place($0.upperBound) } ?? 0)
        return shapes + [
            SVG.circle(at: Point(x: place(row.value), y: level), radius: 4, class: "dot train"),
            SVG.text(style(row.value), at: Point(x: right + 10, y: level + 4), class: "label"),
        ]
    }
}
