/// The few SVG shapes that the plots are drawn with.
enum SVG {
    /// A coordinate with one decimal: finer than a screen shows, and a third of the bytes.
    ///
    /// What numbers at the end of their range leave without a place is drawn at 0.
    static func coordinate(_ value: Double) -> String {
        let tenths = value.isNaN ? 0 : Int((value.clamped(to: -1e6...1e6) * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let (whole, tenth) = abs(tenths).quotientAndRemainder(dividingBy: 10)
        return tenth == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(tenth)"
    }

    static func line(from start: Point, to end: Point, class style: String) -> Markup {
        tag(
            "line",
            [
                "x1": coordinate(start.x), "y1": coordinate(start.y), "x2": coordinate(end.x), "y2": coordinate(end.y),
                "class": style,
            ])
    }

    static func circle(at center: Point, radius: Double, class style: String) -> Markup {
        tag(
            "circle",
            ["cx": coordinate(center.x), "cy": coordinate(center.y), "r": coordinate(radius), "class": style])
    }

    static func rectangle(
        x: Double, y: Double, width: Double, height: Double, class style: String, title: String? = nil
    ) -> Markup {
        tag(
            "rect",
            [
                "x": coordinate(x), "y": coordinate(y), "width": coordinate(width), "height": coordinate(height),
                "class": style,
            ]
        ) {
            if let title { tag("title") { title } }
        }
    }

    static func path(_ data: String, class style: String, clip: String? = nil) -> Markup {
        tag("path", ["d": data, "class": style, "clip-path": clip.map { "url(#\($0))" }])
    }

    /// Where a text stands relative to its point.
    enum Anchor: String {
        case start, middle, end
    }

    static func text(
        _ content: String, at point: Point, anchor: Anchor = .start, class style: String? = nil,
        title: String? = nil, rotated degrees: Double? = nil
    ) -> Markup {
        let (x, y) = (coordinate(point.x), coordinate(point.y))
        return tag(
            "text",
            [
                "x": x, "y": y, "text-anchor": anchor == .start ? nil : anchor.rawValue, "class": style,
                "transform": degrees.map { "rotate(\(coordinate($0)) \(x) \(y))" },
            ]
        ) {
            if let title { tag("title") { title } }
            content
        }
    }

    /// The outline through `points`: one stroke for each stretch of finite values.
    static func polyline(_ points: [Point]) -> String {
        var data = "", isDrawing = false
        for point in points {
            if point.isFinite {
                data += "\(isDrawing ? "L" : "M")\(coordinate(point.x)) \(coordinate(point.y))"
            }
            isDrawing = point.isFinite
        }
        return data
    }

    /// The width that `text` takes at 12 px, as a rule of thumb; no font is at hand to measure it.
    static func width(of text: String) -> Double {
        text.reduce(0) { $0 + ("iljtfr.,:;'|()[] ".contains($1) ? 4.4 : 7.4) }
    }
}

/// A point of a plot, in data units or in pixels.
struct Point: Hashable, Sendable {
    var x: Double
    var y: Double

    var isFinite: Bool { x.isFinite && y.isFinite }
}

extension Comparable {
    func clamped(to range: ClosedRange<Self>) -> Self {
        min(max(self, range.lowerBound), range.upperBound)
    }
}
