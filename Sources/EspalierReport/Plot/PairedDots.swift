/// A measure before and after a change, a line for each seed.
struct PairedDots: Plot {
    var id: String
    var summary: String
    var before: [Double]
    var after: [Double]
    var style: Format.Style

    // The table says the numbers.
    var data: String? { nil }

    func height(_ size: PlotSize) -> Double { 230 }

    func draw(_ size: PlotSize) -> Drawing {
        let scale = Scale.fitting(before + after, allowsLogarithm: false)
        var frame = PlotFrame(
            size: size, height: height(size), x: 0...1, y: scale, style: style, margins: (top: 12, right: 18))
        frame.bottom = height(size) - 26
        frame.y.start = frame.bottom
        let places = [0.25, 0.75].map(frame.x.position)
        var shapes = frame.verticalAxis()
        for (first, second) in zip(before, after) {
            let points = [
                Point(x: places[0], y: frame.y.position(first)), Point(x: places[1], y: frame.y.position(second)),
            ]
            shapes.append(SVG.path(SVG.polyline(points), class: "curve thin plain"))
        }
        for (place, values) in zip(places, [before, after]) {
            shapes += values.filter(\.isFinite).map {
                SVG.circle(at: Point(x: place, y: frame.y.position($0)), radius: 4, class: "dot plain")
            }
        }
        for (place, name) in zip(places, ["before", "after"]) {
            shapes.append(SVG.text(name, at: Point(x: place, y: frame.bottom + 18), anchor: .middle, class: "label"))
        }
        return Drawing(shapes: shapes)
    }
}
