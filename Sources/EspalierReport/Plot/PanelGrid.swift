/// Several small plots side by side in rows, with the marks of shared axes at the left and below.
struct PanelGrid {
    var size: PlotSize
    var count: Int
    var columns: Int
    /// Of one panel's inside.
    var panelHeight: Double
    /// Left of the first column.
    var left: Double
    /// Above all panels.
    var top: Double
    /// Above each panel, for its name.
    var titleHeight = 17.0
    /// Below each row, for marks.
    var below = 6.0
    private let gap = 16.0

    var rows: Int { (count + columns - 1) / max(columns, 1) }
    private var rowHeight: Double { titleHeight + panelHeight + below }
    /// Of everything, without what stands below the last row.
    var height: Double { top + Double(rows) * rowHeight }

    var panelWidth: Double { (size.width - left - 8 - gap * Double(columns - 1)) / Double(columns) }

    /// Where panel number `index` lies.
    func inside(_ index: Int) -> (left: Double, top: Double, right: Double, bottom: Double) {
        let (row, column) = index.quotientAndRemainder(dividingBy: columns)
        let x = left + Double(column) * (panelWidth + gap), y = top + Double(row) * rowHeight + titleHeight
        return (x, y, x + panelWidth, y + panelHeight)
    }

    func isFirstInRow(_ index: Int) -> Bool { index % columns == 0 }
    /// Whether nothing is below it.
    func isLowest(_ index: Int) -> Bool { index + columns >= count }

    func title(_ name: String, _ index: Int) -> Markup {
        let place = inside(index)
        let limit = max(4, Int(panelWidth / 6.6))
        return SVG.text(
            shortened(name, to: limit), at: Point(x: place.left + 2, y: place.top - 5), class: "tick",
            title: name.count > limit ? name : nil)
    }

    /// The frame of a panel with its grid, and labels where no other panel is before or below it.
    func axes(_ index: Int, x: Scale, y: Scale?, style: Format.Style, marksX: Bool) -> [Markup] {
        let place = inside(index)
        var shapes = [
            SVG.line(
                from: Point(x: place.left, y: place.bottom), to: Point(x: place.right, y: place.bottom), class: "axis")
        ]
        if let y {
            let ticks = y.ticks(about: panelHeight > 90 ? 4 : 2)
            for (tick, label) in zip(ticks, Format.ticks(ticks, style: style, kind: y.kind)) {
                let level = y.position(tick)
                shapes.append(
                    SVG.line(
                        from: Point(x: place.left, y: level), to: Point(x: place.right, y: level), class: "grid"))
                guard isFirstInRow(index) else { continue }
                shapes.append(
                    SVG.text(label, at: Point(x: place.left - 6, y: level + 4), anchor: .end, class: "tick"))
            }
        }
        guard marksX else { return shapes }
        let ticks = x.ticks(about: 2)
        for (tick, label) in zip(ticks, Format.ticks(ticks, style: .number, kind: x.kind)) {
            let position = x.position(tick), half = SVG.width(of: label) / 2
            shapes.append(
                SVG.line(
                    from: Point(x: position, y: place.bottom), to: Point(x: position, y: place.bottom + 3),
                    class: "axis"))
            shapes.append(
                SVG.text(
                    label,
                    at: Point(
                        x: position.clamped(to: place.left + half - 6...max(place.left + half, place.right - half + 6)),
                        y: place.bottom + 15), anchor: .middle, class: "tick"))
        }
        return shapes
    }
}
