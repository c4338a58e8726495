/// How what a layer puts out is spread, over training time: colours for how many outputs have a value, and the mean with
/// one standard deviation around it.
struct HistogramMap: Plot {
    /// The outputs at one moment.
    struct Moment: Sendable {
        var time: Double
        var mean: Double
        var deviation: Double
        /// In bins of equal width over `range`.
        var counts: [Int]
        var range: ClosedRange<Double>
    }

    var id: String
    var summary: String
    var axis: TimeAxis
    /// Rising in time.
    let moments: [Moment]
    private let domain: ClosedRange<Double>

    /// Into how many bins the values are put, whatever the probes' own.
    static let bins = 24

    init(id: String, summary: String, axis: TimeAxis, moments: [Moment]) {
        self.id = id
        self.summary = summary
        self.axis = axis
        self.moments = moments
        // One probe with an output far out must not squeeze all others flat.
        let lows = moments.map(\.range.lowerBound).sorted(), highs = moments.map(\.range.upperBound).sorted()
        let low = lows.isEmpty ? 0 : lows[lows.count / 20], high = highs.isEmpty ? 1 : highs[highs.count * 19 / 20]
        domain = Scale.fitting([min(low, high), max(low, high)], allowsLogarithm: false).domain
    }

    func height(_ size: PlotSize) -> Double { size == .wide ? 250 : 220 }

    func draw(_ size: PlotSize) -> Drawing {
        let frame = PlotFrame(
            size: size, height: height(size), x: axis.start...axis.end, y: (.linear, domain), style: .number,
            margins: (top: 12, right: 18))
        let clip = "clip-\(id)-\(size.rawValue)"
        var shapes = [
            tag("clipPath", ["id": clip]) {
                SVG.rectangle(
                    x: frame.left, y: frame.top - 2, width: frame.right - frame.left + 2,
                    height: frame.bottom - frame.top + 4, class: "clip")
            }
        ]
        shapes += frame.axes(unit: axis.unit) + cells(frame)
        for (index, curve) in curves.enumerated() {
            let points = curve.points.map(frame.point)
            shapes.append(
                SVG.path(SVG.polyline(points), class: index == 0 ? "curve over" : "curve over spread", clip: clip))
        }
        return Drawing(shapes: shapes, geometry: frame.geometry)
    }

    var data: String? {
        let columns = curves.map { curve in
            "{\"name\":\(JSON.string(curve.name)),\"style\":\"\","
                + "\"y\":\(JSON.array(curve.points.map { JSON.number($0.y) }))}"
        }
        return "{\"kind\":\"lines\",\"unit\":\(JSON.string(axis.unit)),\"format\":\"number\","
            + "\"x\":\(JSON.array(moments.map { JSON.number($0.time) })),\"series\":\(JSON.array(columns))}"
    }
}

extension HistogramMap {
    private var curves: [(name: String, points: [Point])] {
        [
            ("mean", moments.map { Point(x: $0.time, y: $0.mean) }),
            ("mean + deviation", moments.map { Point(x: $0.time, y: $0.mean + $0.deviation) }),
            ("mean − deviation", moments.map { Point(x: $0.time, y: $0.mean - $0.deviation) }),
        ]
    }

    private func cells(_ frame: PlotFrame) -> [Markup] {
        let shares = moments.map(shares)
        let highest = shares.joined().max() ?? 0
        guard highest > 0 else { return [] }
        var edges = [axis.start]
        for (before, after) in zip(moments, moments.dropFirst()) { edges.append((before.time + after.time) / 2) }
        edges.append(axis.end)
        let positions = edges.map { SVG.coordinate(frame.x.position($0)) }
        let height = (frame.bottom - frame.top) / Double(Self.bins)
        // The root, since most outputs of a rectified layer are in one bin.
        let levels = (0..<Self.bins).map { bin in
            shares.map { share -> Int? in
                guard share[bin] > 0 else { return nil }
                return Int((share[bin] / highest).squareRoot() * Double(Theme.heatLevels - 1))
            }
        }
        return colouredCells(
            levels, edges: positions, top: { frame.bottom - Double($0 + 1) * height }, height: height
        )
        .compactMap { level, outline in level.map { SVG.path(outline, class: "q\($0)") } }
    }

    /// The share of a moment's outputs in each bin of the plot, each of the probe's bins spread over those that it meets.
    private func shares(_ moment: Moment) -> [Double] {
        var shares = [Double](repeating: 0, count: Self.bins)
        let total = moment.counts.reduce(0.0) { $0 + Double($1) }
        guard total > 0 else { return shares }
        let width = (domain.upperBound - domain.lowerBound) / Double(Self.bins)
        func place(_ value: Double) -> Double {
            let place = (value - domain.lowerBound) / width
            return place.isFinite ? place.clamped(to: 0...Double(Self.bins)) : 0
        }
        let step = (moment.range.upperBound - moment.range.lowerBound) / Double(moment.counts.count)
        for (index, count) in moment.counts.enumerated() where count > 0 {
            let start = place(moment.range.lowerBound + Double(index) * step)
            let end = place(moment.range.lowerBound + Double(index + 1) * step)
            let share = Double(count) / total
            guard end - start > 1e-9 else {
                shares[min(Int(start), Self.bins - 1)] += share
                continue
            }
            for bin in Int(start)..<min(Int(end.rounded(.up)), Self.bins) {
                let overlap = min(end, Double(bin + 1)) - max(start, Double(bin))
                shares[bin] += share * overlap / (end - start)
            }
        }
        return shares
    }
}

extension HistogramMap.Moment {
    /// A probe's view of a layer; nothing where it counted nothing or what it counted has no width that a number holds.
    init?(_ probe: Event.Probe.Layer, time: Double) {
        guard let counts = probe.histogram, !counts.isEmpty, counts.count <= 256, let low = probe.low,
            let high = probe.high, low <= high, max(abs(low), abs(high)) < 1e300
        else { return nil }
        self.init(
            time: time, mean: probe.mean ?? .nan, deviation: probe.deviation ?? .nan, counts: counts, range: low...high)
    }
}
