/// What probes saw inside the layers: outputs and their spread, shares that are dead or saturated, gradients.
extension ReportPage {
    /// So many layers have a figure of their own.
    private static let figures = 6

    var insideCards: [Markup] {
        guard !probed.isEmpty else { return [] }
        let chosen = probed.selection(of: Self.figures)
        let hasDead = probed.layers.contains { $0.values(\.dead).contains { $0 > 0 } }
        let proofs =
            [
                outputGradients,
                hasDead
                    ? shares(
                        nil, id: "inside-dead", title: "Dead units",
                        what: "The share of a layer's units that put out zero for every sample, probe after probe.",
                        \.dead) : nil,
                shares(
                    nil, id: "inside-saturated", title: "Saturated outputs",
                    what: "The share of a layer's outputs where its activation is flat; of a ReLU, half is usual.",
                    \.saturated),
                drifts,
            ] + chosen.enumerated().map { outputs($1, id: "inside-\($0)") }
        let note =
            "Colours: how many of a layer's outputs have a value, the stronger the more. The line is their mean, the dashed "
            + "ones lie one standard deviation from it."
        let left = probed.layers.count - chosen.count
        let cards = proofs.compactMap { $0 }.map { proof in
            tag("figure", ["class": "card"]) {
                tag("figcaption") {
                    tag("h3") { proof.title }
                    tag("p") { proof.caption }
                }
                proof.plot.markup
            }
        }
        return cards + [
            tag("p", ["class": "full aside"]) {
                left > 0 ? "\(note) \(Format.count(left, "layer")) between these are left out." : note
            }
        ]
    }

    private var drifts: Proof? {
        let layers = probed.selection(of: 12).filter { $0.values(\.drift).contains(where: \.isFinite) }
        guard !layers.isEmpty else { return nil }
        let series = zip(labels(of: layers.map(\.path)), layers).enumerated().map { index, row in
            LinePlot.Series(
                name: row.0, style: "many \(depthStyle(index, of: layers.count))",
                // Before the first probe there is none to have moved from.
                points: Array(
                    zip(probedTimes, row.1.values(\.drift)).map { Point(x: $0, y: $1) }.drop { !$0.y.isFinite }),
                isLabelled: layers.count <= 8)
        }
        let caption =
            "How far the mean and the spread of a layer's units moved from one probe to the next, in units of the spread: what "
            + "the layers after it have to follow. Samples of a batch account for some of it."
            + (layers.count > 1 ? " Indigo: first layer; orange: last." : "")
        return Proof(
            title: "Drift of the outputs", caption: caption,
            plot: LinePlot(id: "inside-drift", summary: caption, axis: axis, series: series, anchoredAtZero: true))
    }

    private var outputGradients: Proof? {
        let layers = probed.selection(of: 24)
        let gradients = layers.map { $0.values(\.gradient) }
        guard gradients.joined().contains(where: \.isFinite) else { return nil }
        let rows = zip(labels(of: layers.map(\.path)), gradients).map { HeatMap.Row(name: $0, values: $1) }
        return Proof(
            title: "Gradient at each layer's outputs",
            caption:
                "What of the loss's derivative arrives at each layer's outputs; the first layer is at the top. From row to "
                + "row it should hardly change.",
            plot: HeatMap(
                id: "inside-gradients",
                summary: "The loss's derivative by the outputs of \(Format.count(rows.count, "layer")) over time.",
                axis: axis, rows: rows, times: probedTimes, quantity: "gradient"))
    }
}
