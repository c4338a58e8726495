/// The axes of a plot: where its inside lies, how values map into it, and the marks around it.
struct PlotFrame {
    var size: PlotSize
    var height: Double
    var x: Scale
    var y: Scale
    var left: Double
    var right: Double
    var top: Double
    var bottom: Double
    private let yTicks: [(value: Double, label: String)]

    init(
        size: PlotSize, height: Double, x: ClosedRange<Double>, xKind: Scale.Kind = .linear,
        y: (kind: Scale.Kind, domain: ClosedRange<Double>), style: Format.Style, margins: (top: Double, right: Double)
    ) {
        self.size = size
        self.height = height
        top = margins.top
        bottom = height - 36
        let yScale = Scale(kind: y.kind, domain: y.domain, start: bottom, end: top)
        let ticks = yScale.ticks(about: 5)
        yTicks = Array(zip(ticks, Format.ticks(ticks, style: style, kind: y.kind)))
        left = (yTicks.map { SVG.width(of: $0.label) }.max() ?? 0) + 12
        right = size.width - margins.right
        self.y = yScale
        self.x = Scale(kind: xKind, domain: x, start: left, end: right)
    }

    func point(_ point: Point) -> Point { Point(x: x.position(point.x), y: y.position(point.y)) }

    /// Grid lines, tick labels and the name of the horizontal axis.
    func axes(unit: String, whole: Bool = true) -> [Markup] {
        verticalAxis() + horizontalAxis(unit: unit, whole: whole)
    }

    /// Grid lines with their labels at the left, and the line below the plot.
    func verticalAxis() -> [Markup] {
        var shapes: [Markup] = []
        for tick in yTicks {
            let level = y.position(tick.value)
            shapes.append(SVG.line(from: Point(x: left, y: level), to: Point(x: right, y: level), class: "grid"))
            shapes.append(SVG.text(tick.label, at: Point(x: left - 8, y: level + 4), anchor: .end, class: "tick"))
        }
        shapes.append(SVG.line(from: Point(x: left, y: bottom), to: Point(x: right, y: bottom), class: "axis"))
        return shapes
    }

    /// The marks below the plot.
    func horizontalAxis(unit: String, whole: Bool = true) -> [Markup] {
        let ticks = x.ticks(about: size == .wide ? 8 : 5, whole: whole)
        let labels = Format.ticks(ticks, style: .number, kind: x.kind)
        var shapes: [Markup] = []
        for (tick, label) in zip(ticks, labels) {
            let position = x.position(tick)
            shapes.append(
                SVG.line(from: Point(x: position, y: bottom), to: Point(x: position, y: bottom + 4), class: "axis"))
            shapes.append(SVG.text(label, at: Point(x: position, y: bottom + 17), anchor: .middle, class: "tick"))
        }
        let middle = Point(x: (left + right) / 2, y: bottom + 32)
        return shapes + [SVG.text(unit, at: middle, anchor: .middle, class: "tick")]
    }

    /// The inside as `left,right,top,bottom`, the domains, and which is logarithmic, for the tooltip.
    var geometry: String {
        let inside = [left, right, top, bottom].map(SVG.coordinate)
        let domains = [x.domain, y.domain].flatMap { [$0.lowerBound, $0.upperBound] }.map(JSON.number)
        let kinds = [y, x].map { $0.kind == .logarithmic ? "1" : "0" }
        return JSON.array(inside + domains + kinds)
    }
}
