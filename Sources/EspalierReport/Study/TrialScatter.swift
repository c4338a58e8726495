/// Values of trials over one thing that tells them apart: their number, or the value of a setting.
struct TrialScatter: Plot {
    struct Dot: Sendable {
        var place: Double
        var value: Double
        /// The class that gives it its look.
        var style: String
        /// What is read of it when one points at it.
        var title: String
    }

    var id: String
    var summary: String
    var dots: [Dot]
    /// A curve through places and values, such as the best so far.
    var curve: [Point] = []
    /// Marks of the horizontal axis, whose places reach from 0 to 1.
    var ticks: (PlotSize) -> [(place: Double, label: String)]
    var unit: String
    var style = Format.Style.number
    var allowsLogarithm = false

    // Every dot says its own.
    var data: String? { nil }

    func height(_ size: PlotSize) -> Double { size == .wide ? 270 : 240 }

    func draw(_ size: PlotSize) -> Drawing {
        let scale = Scale.fitting(dots.map(\.value), allowsLogarithm: allowsLogarithm)
        let frame = PlotFrame(
            size: size, height: height(size), x: 0...1, y: scale, style: style, margins: (top: 12, right: 18))
        var shapes = frame.verticalAxis() + marks(frame)
        if !curve.isEmpty {
            shapes.append(SVG.path(SVG.polyline(curve.map(frame.point)), class: "curve plain"))
        }
        for dot in dots {
            shapes.append(
                tag("g") {
                    tag("title") { dot.title }
                    SVG.circle(
                        at: frame.point(Point(x: dot.place, y: dot.value)), radius: dots.count > 200 ? 2.5 : 4,
                        class: dot.style)
                })
        }
        return Drawing(shapes: shapes)
    }

    private func marks(_ frame: PlotFrame) -> [Markup] {
        var shapes: [Markup] = []
        var free = -Double.infinity
        for tick in ticks(frame.size) {
            let x = frame.x.position(tick.place), width = SVG.width(of: tick.label)
            shapes.append(
                SVG.line(from: Point(x: x, y: frame.bottom), to: Point(x: x, y: frame.bottom + 4), class: "axis"))
            // A label that would run into the one before is left out; its mark stays.
            guard x - width / 2 > free else { continue }
            free = x + width / 2 + 6
            shapes.append(SVG.text(tick.label, at: Point(x: x, y: frame.bottom + 17), anchor: .middle, class: "tick"))
        }
        let middle = Point(x: (frame.left + frame.right) / 2, y: frame.bottom + 32)
        return shapes + [SVG.text(unit, at: middle, anchor: .middle, class: "tick")]
    }
}
