/// A figure of the report that can be drawn at the widths of a desk and of a phone.
protocol Plot {
    /// A name that is unique on the page.
    var id: String { get }
    /// What the figure shows, for those who cannot see it.
    var summary: String { get }
    /// The numbers behind the figure as JSON, for the tooltip; nothing where the figure needs none.
    var data: String? { get }
    /// The same figure on a logarithmic axis where this one's is linear, or the other way round; nothing where the
    /// figure is best as it is.
    var otherScale: (any Plot)? { get }
    var isLogarithmic: Bool { get }
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
    var otherScale: (any Plot)? { nil }
    var isLogarithmic: Bool { false }

    /// The figure at both widths, of which the style sheet shows the one that fits; with a switch where it has two axes.
    var markup: [Markup] {
        let data = data.map { data in
            tag("script", ["type": "application/json", "id": "data-\(id)"]) { Markup.verbatim(data) }
        }
        guard let otherScale else { return drawings + [data ?? .empty] }
        let (linear, logarithmic) =
            isLogarithmic ? (otherScale.drawings, drawings) : (drawings, otherScale.drawings)
        let switched = tag("div", ["class": "scales"]) {
            tag("label") {
                tag("input", ["type": "checkbox", "checked": isLogarithmic ? "checked" : nil])
                "Log scale"
            }
            tag("div", ["class": "linear"]) { linear }
            tag("div", ["class": "logarithmic"]) { logarithmic }
        }
        return [switched, data ?? .empty]
    }

    fileprivate var drawings: [Markup] {
        let hasCursor = data != nil
        return PlotSize.allCases.map { size in
            let drawing = draw(size)
            let extent = "0 0 \(SVG.coordinate(size.width)) \(SVG.coordinate(height(size)))"
            return tag(
                "svg",
                [
                    "class": "plot \(size.rawValue)", "viewBox": extent, "role": "img", "aria-label": summary,
                    "data-plot": hasCursor ? id : nil, "data-geometry": drawing.geometry,
                    "tabindex": hasCursor ? "0" : nil,
                    "aria-keyshortcuts": hasCursor ? "ArrowLeft ArrowRight Home End Escape" : nil,
                ]
            ) { drawing.shapes }
        }
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

    /// A whole number with all its digits.
    static func exact(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? number(value) }

    static func array(_ items: [String]) -> String { "[\(items.joined(separator: ","))]" }
}
