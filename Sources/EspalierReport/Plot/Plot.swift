/// A figure of the report that can be drawn at the widths of a desk and of a phone.
protocol Plot {
    /// A name that is unique on the page.
    var id: String { get }
    /// What the figure shows, for those who cannot see it.
    var summary: String { get }
    /// The numbers behind the figure as JSON, for the tooltip; nothing where the figure needs none.
    var data: String? { get }
    func height(_ size: PlotSize) -> Double
    func draw(_ size: PlotSize) -> Drawing
}

/// The two widths at which every figure is drawn, so that its text has the same size on a phone as on a desk.
enum PlotSize: String, CaseIterable {
    case wide, narrow

    var width: Double { self == .wide ? 520 : 330 }
}

/// The shapes of a figure, and where its numbers lie, for the tooltip.
struct Drawing {
    var shapes: [Markup]
    var geometry: String?
}

extension Plot {
    /// The figure at both widths; the style sheet shows the one that fits.
    var markup: [Markup] {
        var parts = PlotSize.allCases.map { size in
            let drawing = draw(size)
            let extent = "0 0 \(SVG.coordinate(size.width)) \(SVG.coordinate(height(size)))"
            return tag(
                "svg",
                [
                    "class": "plot \(size.rawValue)", "viewBox": extent, "role": "img", "aria-label": summary,
                    "data-plot": data == nil ? nil : id, "data-geometry": drawing.geometry,
                ]
            ) { drawing.shapes }
        }
        if let data {
            parts.append(tag("script", ["type": "application/json", "id": "data-\(id)"]) { Markup.verbatim(data) })
        }
        return parts
    }
}

/// Numbers and names as JSON that may stand inside a script element.
enum JSON {
    static func string(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\", "<", ">", "&", "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{2028}", "\u{2029}", "\u{FFFE}",
                "\u{FFFF}":
                let digits = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }

    /// Four significant digits are more than a tooltip shows; what is not finite is a string, as in the run folder.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "\"NaN\"" : value > 0 ? "\"∞\"" : "\"−∞\"" }
        if value == value.rounded(), abs(value) < 1e6 { return String(Int(value)) }
        return Format.plain(value, digits: 5)
    }

    static func array(_ items: [String]) -> String { "[\(items.joined(separator: ","))]" }
}
