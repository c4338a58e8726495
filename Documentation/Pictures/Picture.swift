@testable import EspalierReport

/// A drawing in a file of its own, in the colours of the report.
struct Picture {
    /// The folder, which is the kind of what is shown as `espalier list` spells it.
    var kind: String
    var name: String
    /// What is to be seen, for those who cannot see it.
    var summary: String
    var width = PlotSize.narrow.width
    var height: Double
    var shapes: [Markup]

    /// The file's text.
    var document: String {
        let extent = "0 0 \(SVG.coordinate(width)) \(SVG.coordinate(height))"
        let drawing = tag(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "viewBox": extent, "width": SVG.coordinate(width),
                "height": SVG.coordinate(height), "role": "img",
            ]
        ) {
            tag("title") { summary }
            tag("style") { Markup.verbatim(Self.style) }
            SVG.rectangle(x: 0, y: 0, width: width, height: height, class: "card")
            shapes
        }
        return drawing.rendered + "\n"
    }

    private static let style = """
        svg{\(colors(of: Theme.light))font-family:sans-serif}
        @media (prefers-color-scheme:dark){svg{\(colors(of: Theme.dark))}}
        .card{fill:var(--card)}.grid{stroke:var(--grid)}.axis{stroke:var(--rule)}
        text{font-size:12px;fill:var(--ink)}.tick{fill:var(--muted);font-size:11px}
        .curve{fill:none;stroke-width:2;stroke-linejoin:round}
        .train{stroke:var(--train)}.validation{stroke:var(--validation)}.plain{stroke:var(--muted);stroke-width:1.2}
        .label{font-weight:600}.label.train{stroke:none;fill:var(--train)}.label.validation{stroke:none;fill:var(--validation)}
        .label.plain{stroke:none;fill:var(--muted)}
        .bar{fill:var(--train)}
        .cell{fill:var(--card);stroke:var(--muted);stroke-width:.7;stroke-linejoin:round}.cell.shared{fill:var(--train)}
        .cell.one{fill:var(--validation)}
        """

    /// Those of the theme's variables that are used here.
    private static func colors(of theme: String) -> String {
        let used: Set = ["card", "ink", "muted", "rule", "grid", "train", "validation"]
        return theme.split(separator: ";").filter { variable in
            used.contains(String(variable.dropFirst(2).prefix { $0 != ":" }))
        }
        .map { "\($0);" }.joined()
    }
}
