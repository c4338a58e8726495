/// The signs of how much a finding matters: each of a shape of its own, so that colour is not needed to tell them apart.
enum Icon {
    static func sign(of severity: DiagnosisRecord.Severity) -> Markup {
        switch severity {
        case .error: drawn("M6 1h8l5 5v8l-5 5H6l-5-5V6z", "M7 7l6 6M13 7l-6 6", severity.label, class: "error")
        case .warning: drawn("M10 2l9 16H1z", "M10 8v5M10 15.5v.2", severity.label, class: "warning")
        case .info: drawn("M2 2h16v16H2z", "M10 9v6M10 5.5v.2", severity.label, class: "info")
        }
    }

    static var healthy: Markup {
        drawn("M10 1a9 9 0 1 0 .01 0z", "M5.5 10.5l3 3 6-7", "Healthy", class: "healthy")
    }

    private static func drawn(_ outline: String, _ strokes: String, _ label: String, class style: String) -> Markup {
        tag("svg", ["class": "icon \(style)", "viewBox": "0 0 20 20", "role": "img", "aria-label": label]) {
            SVG.path(outline, class: "shape")
            SVG.path(strokes, class: "strokes")
        }
    }
}
