/// Which class was taken for which: rows are true classes, columns predicted ones.
struct ConfusionPlot: Plot {
    var id: String
    var summary: String
    var matrix: [[Int]]
    var classes: [String]

    // Every cell has a title of its own.
    var data: String? { nil }

    func height(_ size: PlotSize) -> Double {
        let layout = layout(size)
        return layout.top + layout.cell * Double(matrix.count) + 6
    }

    func draw(_ size: PlotSize) -> Drawing {
        let layout = layout(size)
        return Drawing(shapes: labels(layout) + cells(layout))
    }
}

extension ConfusionPlot {
    private struct Layout {
        var left: Double
        var top: Double
        var cell: Double
        var limit: Int
        var isTurned: Bool
    }

    private func layout(_ size: PlotSize) -> Layout {
        let limit = size == .wide ? 16 : 10
        let longest = classes.map { SVG.width(of: shortened($0, to: limit)) }.max() ?? 0
        let left = longest + 28
        let cell = min((size.width - left - 6) / Double(max(matrix.count, 1)), 64)
        let isTurned = longest > cell - 2
        return Layout(left: left, top: isTurned ? longest + 32 : 38, cell: cell, limit: limit, isTurned: isTurned)
    }

    private func labels(_ layout: Layout) -> [Markup] {
        let extent = layout.cell * Double(classes.count)
        var shapes = [
            SVG.text("predicted", at: Point(x: layout.left + extent / 2, y: 12), anchor: .middle, class: "tick"),
            SVG.text(
                "true", at: Point(x: 10, y: layout.top + extent / 2), anchor: .middle, class: "tick", rotated: -90),
        ]
        let skip = max(1, Int((13 / layout.cell).rounded(.up)))
        for index in classes.indices where index % skip == 0 {
            let center = (Double(index) + 0.5) * layout.cell
            let name = shortened(classes[index], to: layout.limit)
            shapes.append(
                SVG.text(
                    name, at: Point(x: layout.left - 8, y: layout.top + center + 4), anchor: .end, class: "tick"))
            shapes.append(
                SVG.text(
                    name, at: Point(x: layout.left + center + (layout.isTurned ? 4 : 0), y: layout.top - 8),
                    anchor: layout.isTurned ? .start : .middle, class: "tick", rotated: layout.isTurned ? -90 : nil))
        }
        return shapes
    }

    private func cells(_ layout: Layout) -> [Markup] {
        var shapes: [Markup] = []
        for (row, counts) in matrix.enumerated() {
            let total = counts.reduce(0, +)
            for (column, count) in counts.enumerated() {
                let share = total > 0 ? Double(count) / Double(total) : 0
                shapes += cell(row, column, count: count, share: share, layout)
            }
        }
        return shapes
    }

    private func cell(_ row: Int, _ column: Int, count: Int, share: Double, _ layout: Layout) -> [Markup] {
        let origin = Point(
            x: layout.left + Double(column) * layout.cell, y: layout.top + Double(row) * layout.cell)
        let gap = layout.cell > 14 ? 1.5 : 0.5
        // The root lets a single mistake among many stand out.
        let level = count == 0 ? 0 : max(1, Int((share.squareRoot() * 6).rounded()))
        let style = count == 0 ? "none" : "\(row == column ? "right" : "wrong")\(level)"
        let title = "\(classes[row]) taken for \(classes[column]): \(count) (\(Format.percent(share)))"
        let box = SVG.rectangle(
            x: origin.x, y: origin.y, width: layout.cell - gap, height: layout.cell - gap, class: style,
            title: count == 0 ? nil : title)
        let text = Format.count(count)
        guard count > 0, SVG.width(of: text) + 2 < layout.cell, layout.cell > 15 else { return [box] }
        let center = Point(x: origin.x + (layout.cell - gap) / 2, y: origin.y + (layout.cell - gap) / 2 + 4)
        let number = SVG.text(
            text, at: center, anchor: .middle, class: "count\(level > 4 ? " inverse" : level == 4 ? " middle" : "")")
        return [box, number]
    }
}
