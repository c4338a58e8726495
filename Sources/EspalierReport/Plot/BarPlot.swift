/// Numbers of one kind beside each other, as bars from zero.
struct BarPlot: Plot {
    struct Bar: Sendable {
        var name: String
        var value: Double
    }

    var id: String
    var summary: String
    var bars: [Bar]
    var style = Format.Style.number

    // Every bar has its number beside it.
    var data: String? { nil }

    private let rowHeight = 30.0

    func height(_ size: PlotSize) -> Double { Double(bars.count) * rowHeight + 8 }

    func draw(_ size: PlotSize) -> Drawing {
        let limit = size == .wide ? 28 : 20
        let left = (bars.map { SVG.width(of: shortened($0.name, to: limit)) }.max() ?? 0) + 12
        let room = (bars.map { SVG.width(of: style($0.value)) }.max() ?? 0) + 12
        let highest = bars.map(\.value).max() ?? 1
        let shapes = bars.enumerated().flatMap { index, bar in
            let top = 4 + Double(index) * rowHeight, middle = top + rowHeight / 2 + 4
            let length = max(1, bar.value / max(highest, .leastNormalMagnitude) * (size.width - left - room))
            return [
                SVG.text(
                    shortened(bar.name, to: limit), at: Point(x: left - 8, y: middle), anchor: .end, class: "tick",
                    title: bar.name.count > limit ? bar.name : nil),
                SVG.rectangle(x: left, y: top + 5, width: length, height: rowHeight - 10, class: "amount"),
                SVG.text(style(bar.value), at: Point(x: left + length + 7, y: middle), class: "label"),
            ]
        }
        return Drawing(shapes: shapes)
    }
}
