/// Paths over the contours of a function of two variables, a panel for each path.
struct PlanePlot: Plot {
    struct Path: Sendable {
        var name: String
        var points: [Point]
    }

    struct Plane: Sendable {
        var x: ClosedRange<Double>
        var y: ClosedRange<Double>
        var contours: [Path]
        var paths: [Path]
    }

    var id: String
    var summary: String
    var plane: Plane

    // The table says where the paths end.
    var data: String? { nil }

    private func grid(_ size: PlotSize) -> PanelGrid {
        var grid = PanelGrid(
            size: size, count: plane.paths.count, columns: size == .wide ? 2 : 1,
            panelHeight: size == .wide ? 150 : 170, left: 30, top: 4)
        grid.below = 24
        return grid
    }

    func height(_ size: PlotSize) -> Double { grid(size).height }

    func draw(_ size: PlotSize) -> Drawing {
        let grid = grid(size)
        let shapes = plane.paths.enumerated().flatMap { index, path -> [Markup] in
            let place = grid.inside(index), clip = "clip-\(id)-\(size.rawValue)-\(index)"
            let x = Scale(kind: .linear, domain: plane.x, start: place.left, end: place.right)
            let y = Scale(kind: .linear, domain: plane.y, start: place.bottom, end: place.top)
            func shown(_ points: [Point]) -> [Point] { points.map { Point(x: x.position($0.x), y: y.position($0.y)) } }
            let lowest = Point(x: x.position(0), y: y.position(0))
            let window = tag("clipPath", ["id": clip]) {
                SVG.rectangle(
                    x: place.left, y: place.top, width: place.right - place.left, height: place.bottom - place.top,
                    class: "clip")
            }
            return [window] + [grid.title(path.name, index)]
                + grid.axes(index, x: x, y: y, style: .number, marksX: true)
                + plane.contours.map { SVG.path(SVG.polyline(shown($0.points)), class: "contour", clip: clip) }
                + [SVG.path(SVG.polyline(shown(path.points)), class: "curve train", clip: clip)]
                + shown(path.points).filter {
                    (place.left...place.right).contains($0.x) && (place.top...place.bottom).contains($0.y)
                }.prefix(300).map { SVG.circle(at: $0, radius: 2.4, class: "dot train") }
                + [SVG.text("+", at: Point(x: lowest.x, y: lowest.y + 5), anchor: .middle, class: "note strong")]
        }
        return Drawing(shapes: shapes)
    }
}
