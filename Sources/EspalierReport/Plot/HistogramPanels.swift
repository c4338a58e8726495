/// Distributions side by side: a row for each setting, a column for each place.
struct HistogramPanels: Plot {
    struct Row: Sendable {
        var name: String
        var range: ClosedRange<Double>
        /// For each column the counts of bins of equal width over the range.
        var counts: [[Int]]
    }

    var id: String
    var summary: String
    var columns: [String]
    var rows: [Row]

    // Shapes are compared, not counts.
    var data: String? { nil }

    private func grid(_ size: PlotSize) -> PanelGrid {
        let columns = max(1, rows.map(\.counts.count).max() ?? 1)
        var grid = PanelGrid(
            size: size, count: rows.count * columns, columns: columns, panelHeight: 54, left: 6, top: 18)
        grid.titleHeight = 22
        grid.below = 22
        return grid
    }

    func height(_ size: PlotSize) -> Double { grid(size).height + 4 }

    func draw(_ size: PlotSize) -> Drawing {
        let grid = grid(size)
        var shapes: [Markup] = []
        for (column, name) in columns.prefix(grid.columns).enumerated() {
            let place = grid.inside(column)
            shapes.append(
                SVG.text(
                    name, at: Point(x: (place.left + place.right) / 2, y: 11), anchor: .middle, class: "tick"))
        }
        for (number, row) in rows.enumerated() {
            let highest = Self.highest(row.counts)
            let first = number * grid.columns
            shapes.append(
                SVG.text(row.name, at: Point(x: 6, y: grid.inside(first).top - 6), class: "label"))
            for (column, counts) in row.counts.enumerated() {
                let index = first + column, place = grid.inside(index)
                let x = Scale(kind: .linear, domain: row.range, start: place.left, end: place.right)
                shapes += grid.axes(index, x: x, y: nil, style: .number, marksX: true)
                shapes.append(SVG.path(outline(counts, in: place, highest: max(highest, 1)), class: "amount"))
            }
        }
        return Drawing(shapes: shapes)
    }

    /// One scale for a row, so that what is collapsed onto one value is seen to be; but where one bin has nearly everything,
    /// as that of a rectifier's zeros, it is cut off for the others to be seen.
    private static func highest(_ counts: [[Int]]) -> Double {
        let seconds = counts.compactMap { $0.sorted(by: >).dropFirst().first }
        let first = Double(counts.joined().max() ?? 1), second = Double(seconds.max() ?? 0)
        return second > 0 ? min(first, 4 * second) : first
    }

    private func outline(
        _ counts: [Int], in place: (left: Double, top: Double, right: Double, bottom: Double), highest: Double
    ) -> String {
        let width = (place.right - place.left) / Double(max(counts.count, 1))
        return counts.enumerated().filter { $0.element > 0 }.map { bin, count in
            let x = place.left + Double(bin) * width
            // One value among thousands is still a value.
            let height = max(0.7, min(1, Double(count) / highest) * (place.bottom - place.top))
            return "M\(SVG.coordinate(x)) \(SVG.coordinate(place.bottom))v\(SVG.coordinate(-height))"
                + "h\(SVG.coordinate(max(width - 0.4, 0.4)))v\(SVG.coordinate(height))Z"
        }.joined()
    }
}
