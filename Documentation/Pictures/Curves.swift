@testable import EspalierReport

/// Curves over one axis, with their names above them.
struct Curves {
    struct Curve {
        var name: String
        var style: String
        var points: [Point]
    }

    /// What stands below the horizontal axis.
    var unit: String
    var x: ClosedRange<Double>
    /// Values beyond are cut off.
    var limits: ClosedRange<Double>
    var anchoredAtZero = false
    var curves: [Curve]

    static let height = 200.0

    var shapes: [Markup] {
        let values = curves.flatMap { $0.points.map(\.y) }.filter(\.isFinite).map { $0.clamped(to: limits) }
        let frame = PlotFrame(
            size: .narrow, height: Self.height, x: x,
            y: Scale.fitting(values, anchoredAtZero: anchoredAtZero, allowsLogarithm: false), style: .number,
            margins: (top: 28, right: 18))
        let inside = tag("clipPath", ["id": "inside"]) {
            SVG.rectangle(
                x: frame.left, y: frame.top - 2, width: frame.right - frame.left, height: frame.bottom - frame.top + 4,
                class: "clip")
        }
        return [inside] + frame.axes(unit: unit) + names(frame)
            + curves.map { curve in
                let points = curve.points.map(frame.point).split { !$0.isFinite }.map { simplified(Array($0)) }
                return SVG.path(points.map(SVG.polyline).joined(), class: "curve \(curve.style)", clip: "inside")
            }
    }

    private func names(_ frame: PlotFrame) -> [Markup] {
        var x = frame.left
        return curves.flatMap { curve -> [Markup] in
            defer { x += SVG.width(of: curve.name) + 34 }
            return [
                SVG.line(from: Point(x: x, y: 12), to: Point(x: x + 14, y: 12), class: "curve \(curve.style)"),
                SVG.text(curve.name, at: Point(x: x + 18, y: 16), class: "label \(curve.style)"),
            ]
        }
    }
}

/// The points without those that lie within a twentieth of a pixel of the line through the others.
///
/// Source: Douglas and Peucker 1973, "Algorithms for the reduction of the number of points required to represent a
/// digitized line or its caricature".
func simplified(_ points: [Point]) -> [Point] {
    guard points.count > 2, let first = points.first, let last = points.last else { return points }
    let (dx, dy) = (last.x - first.x, last.y - first.y)
    let length = (dx * dx + dy * dy).squareRoot()
    func distance(_ point: Point) -> Double {
        abs(dy * (point.x - first.x) - dx * (point.y - first.y)) / max(length, .leastNormalMagnitude)
    }
    guard let far = points.indices.max(by: { distance(points[$0]) < distance(points[$1]) }),
        distance(points[far]) > 0.05
    else { return [first, last] }
    return simplified(Array(points[...far])).dropLast() + simplified(Array(points[far...]))
}

/// The points of a function that is known at these places, with a gap wherever it jumps.
func points(_ x: [Double], _ y: [Double]) -> [Point] {
    var points: [Point] = []
    for (x, y) in zip(x, y) {
        if let last = points.last, abs(y - last.y) > 0.1 { points.append(Point(x: x, y: .nan)) }
        points.append(Point(x: x, y: y))
    }
    return points
}
