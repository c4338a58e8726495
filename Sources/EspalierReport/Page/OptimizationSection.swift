import Foundation

/// Learning rate, gradients and updates over time.
extension ReportPage {
    var optimizationCards: [Markup] {
        [heatMapCard, updateCard, learningRateCard, gradientNormCard].compactMap { $0 }
    }

    private var learningRateCard: Markup? {
        let stepwise = run.steps.compactMap { step in
            step.learningRate.map { Point(x: axis.position(step: step.step), y: $0) }
        }
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
        let points = run.steps.compactMap { step in
            step.gradientNorm.map { Point(x: axis.position(step: step.step), y: $0) }
        }
        let finite = points.map(\.y).filter(\.isFinite).sorted()
        guard let highest = finite.last else { return nil }
        let caption =
            "All parameters together, at every recorded step: median \(Format.number(finite[finite.count / 2])), "
            + "highest \(Format.number(highest))."
        let series = LinePlot.Series(name: "gradient norm", style: "plain", points: points, isLabelled: false)
        return card(
            "Gradient norm", caption,
            plot: LinePlot(id: "gradient", summary: caption, axis: axis, series: [series], anchoredAtZero: true))
    }

    private var heatMapCard: Markup? {
        let layers = layerHistories
        guard layers.contains(where: { $0.gradients.contains { $0.isFinite } }) else { return nil }
        let rows = layers.map { HeatMap.Row(name: label(of: $0.path), values: $0.gradients) }
        let caption =
            "From the first layer at the top to the last. Rows that pale towards the top mean a vanishing gradient, "
            + "rows that deepen an exploding one."
        return card(
            "Gradient norm by layer", caption,
            plot: HeatMap(
                id: "layers", summary: "Gradient norm of \(Format.count(rows.count, "layer")) over time.", axis: axis,
                rows: rows, times: probeTimes))
    }

    private var updateCard: Markup? {
        let layers = layerHistories.filter { $0.ratios.contains { $0.isFinite } }
        guard !layers.isEmpty else { return nil }
        let series = layers.enumerated().map { index, layer in
            let depth = layers.count < 2 ? 0.5 : Double(index) / Double(layers.count - 1)
            return LinePlot.Series(
                name: label(of: layer.path), style: "many depth\(Int((depth * Double(Theme.heatLevels - 1)).rounded()))",
                points: zip(probeTimes, layer.ratios).map { Point(x: $0, y: $1) }, isLabelled: layers.count <= 8)
        }
        let caption =
            "Size of one update relative to the weights. About 10⁻³ is usual; far above, training is rough, far below, "
            + "it hardly moves."
        return card(
            "Update-to-weight ratio by layer", caption,
            plot: LinePlot(
                id: "updates", summary: "Update-to-weight ratio of \(Format.count(layers.count, "layer")) over time.",
                axis: axis, series: series, guide: LinePlot.Guide(level: 1e-3, label: "10⁻³")))
    }
}

extension ReportPage {
    private var probeTimes: [Double] { run.probes.map { axis.position(step: $0.step) } }

    /// One value a probe for each layer that any probe saw, in the order of the model.
    private var layerHistories: [(path: String, gradients: [Double], ratios: [Double])] {
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

    /// `2 BatchNorm`: the path alone says little where layers are numbered.
    private func label(of path: String) -> String {
        let kind = run.start?.model?.first { $0.path == path }?.layer.prefix { $0 != "(" }
        return kind.map { "\(path) \($0)" } ?? path
    }
}
