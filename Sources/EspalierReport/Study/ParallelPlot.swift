/// Parallel coordinates: an axis for each setting, a line for each trial.
struct ParallelPlot: Plot {
    struct Axis: Sendable {
        var name: String
        var ticks: [(place: Double, label: String)]
    }

    struct Line: Sendable {
        /// One place between 0 and 1 for each axis.
        var places: [Double]
        /// The class that gives it its colour.
        var style: String
        var title: String
    }

    var id: String
    var summary: String
    var axes: [Axis]
    /// The last is drawn on top.
    var lines: [Line]

    var data: String? { nil }

    func height(_ size: PlotSize) -> Double { size == .wide ? 300 : Double(max(axes.count, 1) - 1) * 74 + 46 }

    /// On a desk the axes stand, on a phone they lie below each other.
    func draw(_ size: PlotSize) -> Drawing {
        size == .wide ? standing : lying
    }

    private var standing: Drawing {
        let (top, bottom) = (34.0, height(.wide) - 16)
        let left = 14.0, right = PlotSize.wide.width - 40
        let step = (right - left) / Double(max(1, axes.count - 1))
        func point(_ axis: Int, _ place: Double) -> Point {
            Point(x: left + Double(axis) * step, y: bottom - place * (bottom - top))
        }
        var shapes = lines.map { draw($0, point) }
        for (index, axis) in axes.enumerated() {
            let x = point(index, 0).x
            shapes.append(SVG.line(from: Point(x: x, y: top), to: Point(x: x, y: bottom), class: "axis"))
            let name = shortened(axis.name, to: max(8, Int(step / 4)))
            shapes.append(
                SVG.text(
                    name, at: Point(x: index == 0 ? x - 10 : x, y: 24), anchor: index == 0 ? .start : .middle,
                    class: "label", title: axis.name))
            for tick in axis.ticks {
                let place = point(index, tick.place)
                shapes.append(
                    SVG.text(
                        shortened(tick.label, to: 9), at: Point(x: place.x + 5, y: place.y + 4), class: "note",
                        title: tick.label))
            }
        }
        return Drawing(shapes: shapes)
    }

    private var lying: Drawing {
        let size = PlotSize.narrow, left = 14.0, right = size.width - 18
        func point(_ axis: Int, _ place: Double) -> Point {
            Point(x: left + place * (right - left), y: 34 + Double(axis) * 74)
        }
        var shapes = lines.map { draw($0, point) }
        for (index, axis) in axes.enumerated() {
            let y = point(index, 0).y
            shapes.append(SVG.line(from: Point(x: left, y: y), to: Point(x: right, y: y), class: "axis"))
            shapes.append(
                SVG.text(shortened(axis.name, to: 34), at: Point(x: left - 8, y: y - 20), class: "note strong"))
            var free = -Double.infinity
            for tick in axis.ticks {
                let label = shortened(tick.label, to: 24), width = SVG.width(of: label)
                let x = max(width / 2, min(point(index, tick.place).x, size.width - width / 2))
                guard x - width / 2 > free else { continue }
                free = x + width / 2 + 6
                shapes.append(SVG.text(label, at: Point(x: x, y: y - 5), anchor: .middle, class: "note"))
            }
        }
        return Drawing(shapes: shapes)
    }

    private func draw(_ line: Line, _ point: (Int, Double) -> Point) -> Markup {
        let path = SVG.polyline(line.places.enumerated().map { point($0, $1) })
        return tag("g") {
            tag("title") { line.title }
            SVG.path(path, class: "curve thin \(line.style)")
        }
    }
}
