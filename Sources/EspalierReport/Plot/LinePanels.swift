/// Curves in several panels that share both axes.
struct LinePanels: Plot {
    struct Panel: Sendable {
        var name: String
        var series: [LinePlot.Series]
    }

    var id: String
    var summary: String
    var axis: TimeAxis
    var panels: [Panel]
    var style = Format.Style.number
    var allowsLogarithm = true

    // Small panels are looked at together, not point by point.
    var data: String? { nil }

    private func grid(_ size: PlotSize) -> PanelGrid {
        let columns = min(panels.count, size == .wide ? (panels.count > 9 || panels.count == 4 ? 4 : 3) : 2)
        return PanelGrid(
            size: size, count: panels.count, columns: max(columns, 1), panelHeight: panels.count > 9 ? 62 : 92,
            left: labelWidth + 10, top: 26)
    }

    private var domain: (kind: Scale.Kind, domain: ClosedRange<Double>) {
        Scale.fitting(
            panels.flatMap { $0.series.flatMap { $0.points.map(\.y) } }, anchoredAtZero: style == .percent,
            allowsLogarithm: allowsLogarithm)
    }

    private var labelWidth: Double {
        let (kind, domain) = domain
        let ticks = Scale(kind: kind, domain: domain, start: 1, end: 0).ticks(about: 4)
        return Format.ticks(ticks, style: style, kind: kind).map(SVG.width).max() ?? 20
    }

    func height(_ size: PlotSize) -> Double { grid(size).height + 36 }

    func draw(_ size: PlotSize) -> Drawing {
        let grid = grid(size), (kind, domain) = domain
        var shapes = legend(size)
        for (index, panel) in panels.enumerated() {
            let place = grid.inside(index)
            let x = Scale(
                kind: axis.kind, domain: axis.start...axis.end, start: place.left, end: place.right)
            let y = Scale(kind: kind, domain: domain, start: place.bottom, end: place.top)
            shapes.append(grid.title(panel.name, index))
            shapes += grid.axes(index, x: x, y: y, style: style, marksX: grid.isLowest(index))
            for series in panel.series {
                let points = series.points.map {
                    Point(
                        x: x.position($0.x), y: y.position($0.y).clampedIfFinite(to: place.top - 1...place.bottom + 1))
                }
                if series.isConnected {
                    let shown = downsampled(points, into: 60)
                    shapes.append(SVG.path(SVG.polyline(shown), class: "curve many \(series.style)"))
                } else {
                    shapes += points.filter(\.isFinite).prefix(400).map {
                        SVG.circle(at: $0, radius: 1.6, class: "dot \(series.style)")
                    }
                }
            }
        }
        shapes.append(
            SVG.text(
                axis.unit, at: Point(x: size.width / 2, y: height(size) - 4), anchor: .middle, class: "tick"))
        return Drawing(shapes: shapes)
    }

    private func legend(_ size: PlotSize) -> [Markup] {
        var x = labelWidth + 10, shapes: [Markup] = []
        for series in panels.first?.series ?? [] where series.isLabelled {
            let name = shortened(series.name, to: 16), width = SVG.width(of: name) + 34
            guard x + width <= size.width + 16 else { break }
            shapes.append(
                SVG.line(from: Point(x: x, y: 8), to: Point(x: x + 14, y: 8), class: "curve \(series.style)"))
            shapes.append(SVG.text(name, at: Point(x: x + 18, y: 12), class: "label \(series.style)"))
            x += width
        }
        return shapes
    }
}

extension Double {
    /// As it is where it is no number.
    func clampedIfFinite(to range: ClosedRange<Double>) -> Double { isNaN ? self : clamped(to: range) }
}
