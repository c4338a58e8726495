import Foundation

/// Learning rate, gradients and updates over time.
extension ReportPage {
    var optimizationCards: [Markup] {
        [heatMapCard, updateCard, learningRateCard, gradientNormCard, clippingCard, sharpnessCard, noiseCard].compactMap
        { $0 }
    }

    private var learningRateCard: Markup? {
        let stepwise = stepPoints(\.learningRate)
        let points =
            stepwise.isEmpty
            ? run.epochs.compactMap { epoch in epoch.learningRate.map { Point(x: Double(epoch.epoch), y: $0) } }
            : stepwise
        guard let first = points.first, let last = points.last else { return nil }
        let caption =
            points.allSatisfy { $0.y == first.y }
            ? "Constant at \(Format.number(first.y))."
            : "From \(Format.number(first.y)) to \(Format.number(last.y))."
        let series = LinePlot.Series(name: "learning rate", style: "plain", points: points, isLabelled: false)
        return card(
            "Learning rate", caption,
            plot: LinePlot(id: "rate", summary: caption, axis: axis, series: [series], anchoredAtZero: true))
    }

    private var gradientNormCard: Markup? {
        let points = stepPoints(\.gradientNorm)
        let finite = run.steps.compactMap(\.gradientNorm).filter(\.isFinite).sorted()
        guard let highest = finite.last else { return nil }
        let caption =
            "All parameters together, at every recorded step: median \(Format.number(finite[finite.count / 2])), "
            + "highest \(Format.number(highest))."
        let series = LinePlot.Series(name: "gradient norm", style: "plain thin", points: points, isLabelled: false)
        return card(
            "Gradient norm", caption,
            plot: LinePlot(id: "gradient", summary: caption, axis: axis, series: [series], anchoredAtZero: true))
    }

    private var heatMapCard: Markup? {
        let layers = layerHistories
        guard layers.contains(where: { $0.gradients.contains { $0.isFinite } }) else { return nil }
        let rows = zip(labels(of: layers.map(\.path)), layers).map { HeatMap.Row(name: $0, values: $1.gradients) }
        let caption =
            "The first layer is at the top. Gradients that shrink from row to row on the way up are vanishing; those that "
            + "grow are exploding."
        return card(
            "Gradient norm by layer", caption,
            plot: HeatMap(
                id: "layers", summary: "Gradient norm of \(Format.count(rows.count, "layer")) over time.", axis: axis,
                rows: rows, times: probeTimes))
    }

    private var updateCard: Markup? {
        guard let plot = updatePlot(id: "updates") else { return nil }
        let caption =
            "One update relative to the weights: far above 10⁻³ is rough, far below hardly moves. "
            + "Indigo: first layer; orange: last."
        return card("Update-to-weight ratio by layer", caption, plot: plot)
    }

    /// - Parameter limit: Of how many layers at most, evenly over the depth.
    func updatePlot(id: String, limit: Int = .max) -> LinePlot? {
        let all = layerHistories.filter { $0.ratios.contains { $0.isFinite } }
        guard !all.isEmpty else { return nil }
        let layers = thinned(all.count, to: limit).map { all[$0] }
        let names = labels(of: layers.map(\.path))
        let series = layers.enumerated().map { index, layer in
            LinePlot.Series(
                name: names[index], style: "many \(depthStyle(index, of: layers.count))",
                points: zip(probeTimes, layer.ratios).map { Point(x: $0, y: $1) }, isLabelled: layers.count <= 8)
        }
        return LinePlot(
            id: id, summary: "Update-to-weight ratio of \(Format.count(layers.count, "layer")) over time.",
            axis: axis, series: series, guides: [.init(level: 1e-3, label: "usual: 10⁻³")])
    }
}

extension ReportPage {
    var probeTimes: [Double] { run.probes.map { axis.position(step: $0.step) } }

    /// One value a probe for each layer that any probe saw, in the order of the model.
    var layerHistories: [(path: String, gradients: [Double], ratios: [Double])] {
        var order: [String: Int] = [:]
        var histories: [(path: String, gradients: [Double], ratios: [Double])] = []
        let missing = [Double](repeating: .nan, count: run.probes.count)
        for (time, probe) in run.probes.enumerated() {
            for norms in run.layerNorms(probe) {
                let index = order[norms.layer] ?? histories.count
                if index == histories.count {
                    order[norms.layer] = index
                    histories.append((norms.layer, missing, missing))
                }
                histories[index].gradients[time] = norms.gradient
                histories[index].ratios[time] = norms.updateRatio
            }
        }
        return histories
    }

    /// The layers' names for a plot.
    ///
    /// `2 BatchNorm` where layers are numbered, since the path alone says little; where they have names, the names
    /// without what all of them begin with.
    func labels(of paths: [String]) -> [String] {
        var names = paths.map { $0.split(separator: ".")[...] }
        while let first = names.first?.first, names.count > 1, names.allSatisfy({ $0.count > 1 && $0.first == first }) {
            names = names.map { $0.dropFirst() }
        }
        return zip(paths, names).map { path, name in
            let kind = run.start?.model?.first { $0.path == path }?.layer.prefix { $0 != "(" }
            let short = name.joined(separator: ".")
            return Int(short) == nil ? short : kind.map { "\(short) \($0)" } ?? short
        }
    }
}
