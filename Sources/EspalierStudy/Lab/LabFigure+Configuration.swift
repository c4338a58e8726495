import EspalierSpec

// Figures as they stand in `lab.json`.
extension LabFigure {
    public var configuration: ConfigurationValue {
        let (kind, value) =
            switch content {
            case .lines(let lines): ("lines", lines.configuration)
            case .histograms(let histograms): ("histograms", histograms.configuration)
            case .heatMap(let map): ("heatMap", map.configuration)
            case .dots(let dots): ("dots", dots.configuration)
            case .plane(let plane): ("plane", plane.configuration)
            case .blocks(let blocks): ("blocks", blocks.configuration)
            }
        return ["title": .string(title), "caption": .string(caption), "kind": .string(kind), "content": value]
    }
}

private func numbers(_ values: [Double]) -> ConfigurationValue { .list(values.map { .number($0) }) }
private func ends(_ range: ClosedRange<Double>) -> ConfigurationValue {
    numbers([range.lowerBound, range.upperBound])
}

extension LabFigure.Axis {
    var configuration: ConfigurationValue {
        ["name": .string(name), "logarithmic": .boolean(isLogarithmic), "share": .boolean(isShare)]
    }
}

extension LabFigure.Lines {
    var configuration: ConfigurationValue {
        [
            "x": x.configuration, "y": y.configuration,
            "panels": .list(
                panels.map { ["name": .string($0.name), "series": .list($0.series.map(\.configuration))] }),
            "guides": .list(guides.map { ["level": .number($0.level), "label": .string($0.label)] }),
            "mark": mark.map { ["x": .number($0.x), "y": .number($0.y), "label": .string($0.label)] } ?? .null,
        ]
    }
}

extension LabFigure.Lines.Series {
    fileprivate var configuration: ConfigurationValue {
        ["name": .string(name), "connected": .boolean(isConnected), "x": numbers(x), "y": numbers(y)]
    }
}

extension LabFigure.Histograms {
    var configuration: ConfigurationValue {
        [
            "columns": .list(columns.map { .string($0) }),
            "rows": .list(
                rows.map { row in
                    [
                        "name": .string(row.name), "range": ends(row.range),
                        "counts": .list(row.counts.map { .list($0.map { .integer($0) }) }),
                    ]
                }),
        ]
    }
}

extension LabFigure.HeatMap {
    var configuration: ConfigurationValue {
        [
            "axis": .string(axis), "quantity": .string(quantity), "columns": numbers(columns),
            "rows": .list(rows.map { ["name": .string($0.name), "values": numbers($0.values)] }),
        ]
    }
}

extension LabFigure.Dots {
    var configuration: ConfigurationValue {
        [
            "axis": axis.configuration,
            "rows": .list(
                rows.map { row in
                    [
                        "name": .string(row.name), "value": .number(row.value),
                        "interval": row.interval.map(ends) ?? .null,
                    ]
                }),
        ]
    }
}

extension LabFigure.Plane {
    var configuration: ConfigurationValue {
        [
            "x": ends(x), "y": ends(y), "contours": .list(contours.map(\.configuration)),
            "paths": .list(paths.map(\.configuration)),
        ]
    }
}

extension LabFigure.Plane.Path {
    fileprivate var configuration: ConfigurationValue { ["name": .string(name), "x": numbers(x), "y": numbers(y)] }
}

extension LabFigure.Blocks {
    var configuration: ConfigurationValue {
        [
            "extents": .list(extents.map { .integer($0) }),
            "blocks": .list(
                blocks.map { block in
                    [
                        "name": .string(block.name), "detail": .string(block.detail),
                        "shared": .list(block.shared.map { .list($0.map { .integer($0) }) }),
                    ]
                }),
        ]
    }
}
