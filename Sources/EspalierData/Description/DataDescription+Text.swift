import EspalierSpec
import Foundation

// The description for people, on a screen or two, and for programs.
extension DataDescription {
    /// More columns and classes than that are not shown.
    private static let mostColumns = 24, mostClasses = 12

    /// As text of at most 100 characters a line.
    public var text: String {
        let sections = [[head], columnLines, imageLines, targetLines, remarks]
        return sections.filter { !$0.isEmpty }.map { lines in lines.map { $0.trimmed + "\n" }.joined() }
            .joined(separator: "\n")
    }

    private var head: String {
        let shape = sampleShape.map(String.init).joined(separator: ", ")
        let test = testSamples.map { ", and \($0) for the test" } ?? ""
        return "\(name): \(samples) samples\(test), each [\(shape)]; \(task.rawValue)"
    }

    // MARK: Columns

    private var columnLines: [String] {
        guard !features.isEmpty else { return [] }
        let header = ["feature", "missing", "distinct", "from", "to", "mean", "deviation", "how many"]
        let rows = features.prefix(Self.mostColumns).map(cells)
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        var lines = ([header] + rows).map { cells in
            zip(cells, widths).enumerated().map { column, cell in
                column == 0 || column == cells.count - 1
                    ? cell.0.padded(column == 0 ? cell.1 : 0)
                    : String(repeating: " ", count: cell.1 - cell.0.count) + cell.0
            }.joined(separator: "  ")
        }
        let hidden = features.count - rows.count
        if hidden > 0 { lines.append("… and \(hidden) more columns, which --json shows") }
        return lines
    }

    private func cells(_ column: ColumnSummary) -> [String] {
        let start = [
            column.name.shortened(24), column.missing == 0 ? "" : "\(column.missing)",
            column.distinct.map { "\($0)" } ?? "> \(ColumnSummary.mostDistinct)",
        ]
        switch column.content {
        case .numbers(let range, let mean, let deviation, let histogram):
            return start + [range.lowerBound, range.upperBound].map { Self.number(Double($0)) }
                + [Self.number(mean), Self.number(deviation), Self.blocks(histogram)]
        case .categories(let categories):
            let shown = categories.prefix(3).map {
                "\($0.name.shortened(12)) \(Self.percent($0.count, of: column.count))"
            }
            return start + ["", "", "", "", shown.joined(separator: ", ") + (categories.count > 3 ? ", …" : "")]
        case .nothing: return start + ["", "", "", "", ""]
        }
    }

    // MARK: Images

    private var imageLines: [String] {
        guard let images else { return [] }
        let channels = images.channels.enumerated().map { index, channel in
            let name = images.channels.count == 1 ? "pixels" : "channel \(index + 1)"
            return "\(name): \(Self.number(Double(channel.range.lowerBound))) to "
                + "\(Self.number(Double(channel.range.upperBound))), mean \(Self.number(channel.mean)), "
                + "deviation \(Self.number(channel.deviation))"
        }
        let width = images.pictures.first?.lines.first?.count ?? 0
        guard width > 0 else { return channels }
        let perLine = max(1, 101 / (width + 2))
        let rows = stride(from: 0, to: images.pictures.count, by: perLine).flatMap { start -> [String] in
            let pictures = images.pictures[start..<min(start + perLine, images.pictures.count)]
            let height = pictures.map(\.lines.count).max() ?? 0
            let titles = pictures.map { $0.title.shortened(width).padded(width) }.joined(separator: "  ")
            return ["", titles]
                + (0..<height).map { line in pictures.map { $0.lines[line] }.joined(separator: "  ") }
        }
        return channels + rows
    }

    // MARK: Targets

    private var targetLines: [String] {
        guard task == .classification, let classes = targets.first, case .categories(let found) = classes.content else {
            return ["to predict:"]
                + targets.prefix(Self.mostClasses).map { target in
                    let cells = cells(target)
                    return
                        "  \(cells[0])  \(cells[3]) to \(cells[4]), mean \(cells[5]), deviation \(cells[6])  \(cells[7])"
                }
        }
        let width = found.prefix(Self.mostClasses).map { $0.name.shortened(30).count }.max() ?? 0
        let most = found.first?.count ?? 1
        var lines = ["\(found.count) classes:"]
        lines += found.prefix(Self.mostClasses).map { category in
            let bar = String(repeating: "█", count: max(category.count > 0 ? 1 : 0, 40 * category.count / max(most, 1)))
            let count = "\(category.count)"
            return "  \(category.name.shortened(30).padded(width))  "
                + String(repeating: " ", count: max(0, "\(most)".count - count.count)) + "\(count)  "
                + "\(Self.percent(category.count, of: classes.count).padded(6))  \(bar)"
        }
        if found.count > Self.mostClasses { lines.append("  … and \(found.count - Self.mostClasses) more") }
        return lines
    }

    // MARK: Remarks

    private var remarks: [String] {
        var remarks: [String] = []
        if task == .classification, case .categories(let found)? = targets.first?.content, let most = found.first,
            let least = found.last, least.count > 0, most.count >= 3 * least.count
        {
            remarks.append(
                "unbalanced: \"\(most.name)\" has \(Self.number(Double(most.count) / Double(least.count))) times the "
                    + "samples of \"\(least.name)\"")
        }
        let constant = features.filter(\.isConstant).map(\.name)
        if !constant.isEmpty {
            remarks.append("constant, so that nothing can be learned from them: \(Self.list(constant))")
        }
        let gaps = features.filter { $0.missing > 0 }.map(\.name)
        if !gaps.isEmpty {
            remarks.append("values are missing in \(Self.list(gaps)): see the setting missing (mean, median, drop, …)")
        }
        if withoutTarget > 0 {
            remarks.append("\(withoutTarget) row\(withoutTarget == 1 ? " has" : "s have") no target, left out here")
        }
        if duplicates > 0 {
            remarks.append("\(duplicates) sample\(duplicates == 1 ? " is" : "s are") the same as an earlier one")
        }
        return remarks
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(6).joined(separator: ", ")
        return names.count > 6 ? "\(shown) and \(names.count - 6) more" : shown
    }

    // MARK: Numbers

    private static let blockCharacters: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// A histogram, the highest part eight eighths; a part without any is a space.
    private static func blocks(_ histogram: [Int]) -> String {
        let most = max(1, histogram.max() ?? 1)
        return String(histogram.map { $0 == 0 ? " " : blockCharacters[min(7, $0 * 8 / most)] })
    }

    private static func percent(_ count: Int, of all: Int) -> String {
        if count > 0, 2000 * count < all { return "<0.1%" }
        return String(format: "%.1f%%", 100 * Double(count) / Double(max(1, all)))
    }

    /// Four significant digits.
    private static func number(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e7 { return String(Int(value)) }
        return String(format: "%.4g", value)
    }

    // MARK: JSON

    public var configuration: ConfigurationValue {
        [
            "name": .string(name), "samples": .integer(samples), "testSamples": testSamples.configuration,
            "sampleShape": sampleShape.configuration, "task": task.configuration,
            "features": .list(features.map(\.configuration)), "targets": .list(targets.map(\.configuration)),
            "constant": features.filter(\.isConstant).map(\.name).configuration, "duplicates": .integer(duplicates),
            "withoutTarget": .integer(withoutTarget), "images": images?.configuration ?? .null,
        ]
    }
}

extension ColumnSummary {
    fileprivate var configuration: ConfigurationValue {
        var entries: [ConfigurationValue.Entry] = [
            .init("name", .string(name)), .init("count", .integer(count)), .init("missing", .integer(missing)),
            .init("distinct", distinct.configuration),
        ]
        switch content {
        case .numbers(let range, let mean, let deviation, let histogram):
            entries += [
                .init("type", "number"), .init("minimum", range.lowerBound.configuration),
                .init("maximum", range.upperBound.configuration), .init("mean", .number(mean)),
                .init("standardDeviation", .number(deviation)), .init("histogram", histogram.configuration),
            ]
        case .categories(let categories):
            entries += [
                .init("type", "category"),
                .init(
                    "categories",
                    .list(
                        categories.map { category in
                            [
                                "name": .string(category.name), "count": .integer(category.count),
                                "share": .number(Double(category.count) / Double(max(1, count))),
                            ]
                        })),
            ]
        case .nothing: entries.append(.init("type", .null))
        }
        return .map(entries)
    }
}

extension ImageSummary {
    fileprivate var configuration: ConfigurationValue {
        [
            "channels": .list(
                channels.map { channel in
                    [
                        "minimum": channel.range.lowerBound.configuration,
                        "maximum": channel.range.upperBound.configuration, "mean": .number(channel.mean),
                        "standardDeviation": .number(channel.deviation),
                    ]
                }),
            "pictures": .list(
                pictures.map { ["title": .string($0.title), "lines": $0.lines.configuration] }),
        ]
    }
}

extension Float {
    /// In as few digits as tell it from its neighbours, as it stood in the data.
    fileprivate var configuration: ConfigurationValue { .number(Double("\(self)") ?? Double(self)) }
}

extension String {
    /// Without spaces at its end.
    fileprivate var trimmed: Substring { self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)] }

    /// With spaces behind it up to `width` characters.
    fileprivate func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    /// At most `width` characters, on one line.
    fileprivate func shortened(_ width: Int) -> String {
        let line = map { $0.isNewline ? " " : $0 }
        return line.count > width ? String(line.prefix(width - 1)) + "…" : String(line)
    }
}
