/// The layers, with their shapes and sizes.
extension ReportPage {
    var modelCard: Markup? {
        guard let model = run.start?.model, !model.isEmpty else { return nil }
        let total = model.reduce(0) { $0 + ($1.parameters ?? 0) }
        return tag("div", ["class": "card full long"]) {
            tag("p") { sizes(total) }
            scrolling("Layers of the model") {
                tag("table") {
                    tag("thead") {
                        tag("tr") {
                            tag("th", ["scope": "col"]) { "Path" }
                            tag("th", ["scope": "col"]) { "Layer" }
                            tag("th", ["scope": "col"]) { "Output" }
                            tag("th", ["scope": "col", "class": "number"]) { "Parameters" }
                            tag("th", ["scope": "col", "class": "share"]) { "Share" }
                        }
                    }
                    tag("tbody") { model.map { row($0, total: total) } }
                }
            }
        }
    }

    private func sizes(_ total: Int) -> String {
        let statistics = run.start?.statistics.flatMap { $0 > 0 ? $0 : nil }
        return "\(Format.count(run.start?.parameters ?? total, "trained parameter"))"
            + (statistics.map { ", \(Format.count($0)) running statistics" } ?? "")
            + ", \(Format.bytes(4 * ((run.start?.parameters ?? total) + (statistics ?? 0)))) in Float32."
    }

    private func row(_ layer: Event.Layer, total: Int) -> Markup {
        let parameters = layer.parameters ?? 0
        let share = total > 0 ? Double(parameters) / Double(total) : 0
        return tag("tr") {
            tag("td", ["class": "path"]) { layer.path }
            tag("td") {
                layer.layer
                if let note = layer.note, !note.isEmpty { tag("small") { note } }
            }
            tag("td") { layer.output.map { $0.map(String.init).joined(separator: " × ") } ?? "" }
            tag("td", ["class": "number"]) { parameters == 0 ? "–" : Format.count(parameters) }
            tag("td", ["class": "share", "title": parameters == 0 ? nil : Format.percent(share)]) {
                if parameters > 0 {
                    tag("span", ["class": "bar", "style": "width:\(SVG.coordinate(share * 100))%"])
                    tag("span", ["class": "unseen"]) { Format.percent(share) }
                }
            }
        }
    }
}
