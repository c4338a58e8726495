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
