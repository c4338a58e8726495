/// Curves over training time.
struct LinePlot: Plot {
    /// One curve; its points rise in x.
    struct Series: Sendable {
        var name: String
        /// The class that gives the curve its colour.
        var style: String
        var points: [Point]
        /// Whether the curve carries its name at its end.
        var isLabelled = true
        /// Whether a line goes through its points.
        var isConnected = true
        /// Between which bounds each point lies, shaded; none where that is not told.
        var intervals: [ClosedRange<Double>] = []
    }

    /// A moment that the plot points out; a line alone where its level is no number.
    struct Mark: Sendable {
        var point: Point
        var label: String
        /// Whether the label stands at the top, where falling curves leave room.
        var isLabelOnTop: Bool
    }

    /// A level that the eye compares with.
    struct Guide: Sendable {
        var level: Double
        var label: String
    }

    var id: String
    var summary: String
    var axis: TimeAxis
    var series: [Series]
    /// Faint curves that lie behind and have no part in the tooltip.
    var background: [Series] = []
    /// How many times smaller than the curves a faint one may become and still be shown as a whole.
    var backgroundReach = 3.0
    /// Whether the area between the first two curves is shaded.
    var shadesGap = false
    var mark: Mark?
    var guides: [Guide] = []
    /// How many times larger or smaller than all points a guide may be to be drawn.
    var guideReach = 10.0
    /// Levels between which the curves should lie.
    var band: ClosedRange<Double>?
    /// What the places of a layer axis are called, for the tooltip.
    var placeNames: [String] = []
    var style = Format.Style.number
    var anchoredAtZero = false
    var allowsLogarithm = true
    /// Whether the axis is one of the positive values alone: zeros lie below it.
    var leavesZerosBelow = false
    /// The axis, where it is not to follow the points.
    var domain: ClosedRange<Double>?
    /// The kind of the vertical axis, where it is not to follow the points.
    var scale: Scale.Kind?
    /// Whether a reader may choose it; each choice is drawn, so that a page of many plots leaves it out.
    var isSwitchable = true

    func height(_ size: PlotSize) -> Double { size == .wide ? 290 : 250 }

    func draw(_ size: PlotSize) -> Drawing {
        let frame = frame(size)
        let clip = "clip-\(id)-\(size.rawValue)\(scale == nil ? "" : "-other")"
        var shapes = [clipPath(frame, id: clip)]
        shapes += frame.axes(unit: axis.unit, whole: axis.marksWhole)
        shapes += stretchesNotFinite(frame)
        if let band { shapes.append(draw(band, in: frame)) }
        if shadesGap { shapes.append(SVG.path(gapOutline(frame), class: "gap", clip: clip)) }
        for series in series where series.intervals.count == series.points.count {
            shapes.append(SVG.path(intervalOutline(series, in: frame), class: "interval \(series.style)", clip: clip))
        }
        for series in background { shapes.append(curve(series, in: frame, class: "faint \(series.style)", clip: clip)) }
        for series in series { shapes += draw(series, in: frame, clip: clip) }
        shapes += drawGuides(in: frame)
        if let mark { shapes += draw(mark, in: frame) }
        shapes += size == .wide ? endLabels(frame) : legend(frame)
        return Drawing(shapes: shapes, geometry: frame.geometry)
    }

    /// The curves' points at no more than some hundreds of places; those of the longest hold for all curves that share
    /// them.
    var data: String? {
        guard let longest = series.max(by: { $0.points.count < $1.points.count }) else { return nil }
        let limit = max(20, min(400, 12_000 / max(series.count, 1)))
        let places = thinned(longest.points.count, to: limit)
        let columns = series.map { series in
            let isShared = series.points.count == longest.points.count && sharesPlaces(series, longest)
            let places = isShared ? places : thinned(series.points.count, to: limit)
            let own = isShared ? "" : "\"x\":\(JSON.array(places.map { JSON.number(series.points[$0].x) })),"
            return "{\"name\":\(JSON.string(series.name)),\"style\":\(JSON.string(series.style)),\(own)"
                + "\"y\":\(JSON.array(places.map { JSON.number(series.points[$0].y) }))}"
        }
        let x = JSON.array(places.map { JSON.number(longest.points[$0].x) })
        let format = style == .percent ? "percent" : "number"
        let names =
            placeNames.isEmpty ? "" : "\"names\":\(JSON.array(places.map { JSON.string(placeNames[$0]) })),"
        return "{\"kind\":\"lines\",\"unit\":\(JSON.string(axis.unit)),\"format\":\"\(format)\",\(names)\"x\":\(x),"
            + "\"series\":\(JSON.array(columns))}"
    }

    private func sharesPlaces(_ series: Series, _ other: Series) -> Bool {
        zip(series.points, other.points).allSatisfy { $0.x == $1.x }
    }

    /// The same curves on the other kind of axis, where the points suit both and are few enough to be drawn twice.
    var otherScale: (any Plot)? {
        guard isSwitchable, scale == nil, domain == nil, allowsLogarithm, series.count <= 12 else { return nil }
        let values = series.joined().filter(\.isFinite)
        guard let low = values.min(), let high = values.max(), low > 0, high / low > 1.5 else { return nil }
        var other = self
        other.scale = isLogarithmic ? .linear : .logarithmic
        return other
    }

    var isLogarithmic: Bool { verticalDomain.kind == .logarithmic }
}

extension [LinePlot.Series] {
    /// The levels of all points.
    fileprivate func joined() -> [Double] { flatMap { $0.points.map(\.y) } }
}

extension LinePlot {
    private var labelled: [Series] { series.filter { $0.isLabelled && $0.points.contains(where: \.isFinite) } }

    private func frame(_ size: PlotSize) -> PlotFrame {
        let labelWidth = labelled.map { SVG.width(of: shortened($0.name, to: 16)) }.max() ?? 0
        let right = size == .wide && labelWidth > 0 ? labelWidth + 12 : 18
        let top: Double = size == .narrow && !labelled.isEmpty ? 28 : 12
        return PlotFrame(
            size: size, height: height(size), x: axis.start...axis.end, xKind: axis.kind, y: verticalDomain,
            style: style, margins: (top: top, right: right))
    }

    private var verticalDomain: (kind: Scale.Kind, domain: ClosedRange<Double>) {
        if let domain { return (.linear, domain) }
        let bounds = series.flatMap { $0.intervals.flatMap { [$0.lowerBound, $0.upperBound] } }
        var values = (series.flatMap { $0.points.map(\.y) } + bounds).filter(\.isFinite)
        if leavesZerosBelow, let high = values.max(), high > 0 { values = values.filter { $0 > high * 1e-20 } }
        if let low = values.min(), let high = values.max() {
            let levels = guides.map(\.level) + [band?.lowerBound, band?.upperBound].compactMap { $0 }
            values += levels.filter { $0 > low / guideReach && $0 < high * guideReach }
        }
        // A single lucky batch may lie decades below every average; it must not squeeze the curves flat.
        let floor = (values.filter { $0 > 0 }.min() ?? 0) / backgroundReach
        values += background.flatMap { $0.points.map(\.y) }.filter { $0.isFinite && $0 >= floor }
        guard let scale else {
            return Scale.fitting(values, anchoredAtZero: anchoredAtZero, allowsLogarithm: allowsLogarithm)
        }
        return scale == .linear
            ? Scale.fitting(values, anchoredAtZero: anchoredAtZero, allowsLogarithm: false)
            : Scale.logarithmic(values)
    }

    private func clipPath(_ frame: PlotFrame, id: String) -> Markup {
        tag("clipPath", ["id": id]) {
            SVG.rectangle(
                x: frame.left, y: frame.top - 2, width: frame.right - frame.left + 2,
                height: frame.bottom - frame.top + 4, class: "clip")
        }
    }

    // About 12,000 points over all curves: the page stays small however many layers there are.
    private func curve(_ series: Series, in frame: PlotFrame, class style: String, clip: String) -> Markup {
        let buckets = min(Int(frame.right - frame.left) / 2, max(20, 2400 / max(self.series.count, 1)))
        let points = downsampled(series.points, into: buckets).map(frame.point)
        return SVG.path(SVG.polyline(points), class: "curve \(style)", clip: clip)
    }

    private func draw(_ series: Series, in frame: PlotFrame, clip: String) -> [Markup] {
        let isSparse = !series.isConnected || series.points.count <= 40 && self.series.count <= 4
        return (series.isConnected ? [curve(series, in: frame, class: series.style, clip: clip)] : [])
            + lonePoints(series.points, all: isSparse).map {
                SVG.circle(at: frame.point($0), radius: isSparse ? 2.5 : 1.5, class: "dot \(series.style)")
            }
    }

    /// Points without a finite neighbour have no line and would vanish; few points are all worth a dot.
    private func lonePoints(_ points: [Point], all: Bool) -> [Point] {
        let lone = points.indices.filter { index in
            let hasLine =
                (index > 0 && points[index - 1].isFinite)
                || (index + 1 < points.count && points[index + 1].isFinite)
            return points[index].isFinite && (all || !hasLine)
        }
        return thinned(lone.count, to: 200).map { points[lone[$0]] }
    }

    private func intervalOutline(_ series: Series, in frame: PlotFrame) -> String {
        let ends = zip(series.points, series.intervals).map { point, interval in
            [interval.lowerBound, interval.upperBound].map { frame.point(Point(x: point.x, y: $0)) }
        }
        return ends.isEmpty ? "" : SVG.polyline(ends.map { $0[0] } + ends.reversed().map { $0[1] }) + "Z"
    }

    /// One closed outline for each stretch over which both curves are finite.
    private func gapOutline(_ frame: PlotFrame) -> String {
        guard series.count > 1, series[0].points.count == series[1].points.count else { return "" }
        let places = thinned(series[0].points.count, to: 500)
        let pairs = places.map { (series[0].points[$0], series[1].points[$0]) }
        return pairs.split { !($0.0.isFinite && $0.1.isFinite) }.filter { $0.count > 1 }
            .map { stretch in
                let outline = stretch.map { frame.point($0.0) } + stretch.reversed().map { frame.point($0.1) }
                return SVG.polyline(outline) + "Z"
            }
            .joined()
    }

    /// Bands over the times at which a curve had no finite value.
    private func stretchesNotFinite(_ frame: PlotFrame) -> [Markup] {
        let stretches = series.map { lostStretches($0.points) }.max { $0.count < $1.count } ?? []
        guard let first = stretches.first else { return [] }
        let bands = thinned(stretches.count, to: 200).map { stretches[$0] }.map { stretch in
            let start = frame.x.position(stretch.lowerBound)
            let end = max(frame.x.position(stretch.upperBound), start + 2)
            return SVG.rectangle(
                x: start, y: frame.top, width: end - start, height: frame.bottom - frame.top, class: "not-finite",
                title: "not finite until \(axis.unit) \(Format.number(stretch.upperBound))")
        }
        let position = frame.x.position(first.lowerBound)
        let isLeft = position < (frame.left + frame.right) / 2
        let isOnTop = !(mark?.isLabelOnTop ?? false)
        let label = SVG.text(
            "not finite", at: Point(x: position + (isLeft ? 5 : -5), y: isOnTop ? frame.top + 12 : frame.bottom - 8),
            anchor: isLeft ? .start : .end, class: "note bad")
        return bands + [label]
    }

    /// From the last point before each run of values that are not finite to the last point in it.
    private func lostStretches(_ points: [Point]) -> [ClosedRange<Double>] {
        var stretches: [ClosedRange<Double>] = []
        for (index, point) in points.enumerated() where !point.y.isFinite {
            let before = index == 0 ? point.x : points[index - 1].x
            if index > 0, !points[index - 1].y.isFinite, let last = stretches.popLast() {
                stretches.append(last.lowerBound...point.x)
            } else {
                stretches.append(before...point.x)
            }
        }
        return stretches
    }

    private func draw(_ band: ClosedRange<Double>, in frame: PlotFrame) -> Markup {
        let (top, bottom) = (frame.y.position(band.upperBound), frame.y.position(band.lowerBound))
        let upper = top.clamped(to: frame.top...frame.bottom), lower = bottom.clamped(to: frame.top...frame.bottom)
        return SVG.rectangle(
            x: frame.left, y: upper, width: frame.right - frame.left, height: lower - upper, class: "band")
    }

    /// The guides that lie within the axis, with the levels of their lines and of their labels.
    private func shownGuides(_ frame: PlotFrame) -> [(guide: Guide, line: Double, label: Double)] {
        let shown = guides.filter {
            let level = frame.y.position($0.level)
            return level >= frame.top - 0.5 && level <= frame.bottom + 0.5
        }
        let lines = shown.map { frame.y.position($0.level) }
        // From below: the lowest label stays at its line, others move up.
        let labels = spread(lines.map { 5 - $0 }, gap: 15, within: 4 - frame.bottom ... -10 - frame.top).map { -$0 }
        return zip(shown, zip(lines, labels)).map { ($0, $1.0, $1.1) }
    }

    /// Labels stand at the right, or at the left where the mark has its own there.
    private func drawGuides(in frame: PlotFrame) -> [Markup] {
        let isLeft = mark.map { frame.point($0.point).x > (frame.left + frame.right) / 2 } ?? false
        return shownGuides(frame).flatMap { guide, line, label in
            [
                SVG.line(from: Point(x: frame.left, y: line), to: Point(x: frame.right, y: line), class: "guide"),
                SVG.text(
                    guide.label, at: Point(x: isLeft ? frame.left + 4 : frame.right - 4, y: label),
                    anchor: isLeft ? .start : .end, class: "note"),
            ]
        }
    }

    /// Where the label of the mark meets that of no guide: at the end where it should be, at the other, or between.
    private func labelLevel(_ mark: Mark, in frame: PlotFrame) -> Double {
        let ends = [frame.top + 12, frame.bottom - 10], taken = shownGuides(frame).map(\.label)
        let places = (mark.isLabelOnTop ? ends : ends.reversed()) + [(frame.top + frame.bottom) / 2]
        return places.first { place in taken.allSatisfy { abs($0 - place) >= 15 } } ?? places[0]
    }

    private func draw(_ mark: Mark, in frame: PlotFrame) -> [Markup] {
        let point = frame.point(mark.point)
        guard point.x.isFinite else { return [] }
        let isLeft = point.x < (frame.left + frame.right) / 2
        let level = labelLevel(mark, in: frame)
        let line = SVG.line(
            from: Point(x: point.x, y: frame.top), to: Point(x: point.x, y: frame.bottom), class: "mark")
        let ring = point.y.isFinite ? [SVG.circle(at: point, radius: 5, class: "best")] : []
        return [line] + ring + [
            SVG.text(
                mark.label, at: Point(x: point.x + (isLeft ? 8 : -8), y: level), anchor: isLeft ? .start : .end,
                class: "note strong")
        ]
    }

    private func endLabels(_ frame: PlotFrame) -> [Markup] {
        let ends = labelled.map { series in series.points.last { $0.isFinite } ?? Point(x: 0, y: 0) }
        let levels = spread(
            ends.map { frame.point($0).y.clamped(to: frame.top...frame.bottom) }, gap: 15,
            within: frame.top...frame.bottom)
        return zip(labelled, levels).map { series, level in
            SVG.text(
                shortened(series.name, to: 16), at: Point(x: frame.right + 8, y: level + 4),
                class: "label \(series.style)", title: series.name.count > 16 ? series.name : nil)
        }
    }

    // On a phone the curves need the width, so that their names stand above them.
    private func legend(_ frame: PlotFrame) -> [Markup] {
        var x = frame.left
        var shapes: [Markup] = []
        for series in labelled {
            let name = shortened(series.name, to: 14)
            let width = SVG.width(of: name) + 34
            guard x + width <= frame.size.width + 16 else { break }
            shapes.append(
                SVG.line(from: Point(x: x, y: 10), to: Point(x: x + 14, y: 10), class: "curve \(series.style)"))
            shapes.append(SVG.text(name, at: Point(x: x + 18, y: 14), class: "label \(series.style)"))
            x += width
        }
        return shapes
    }
}
