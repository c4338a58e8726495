/// Findings that show inside the layers.
extension ReportPage {
    private static let curves = 12

    /// The gradient that arrives at each layer, first to last, at three moments.
    func gradientOverDepth(_ finding: DiagnosisRecord.Finding, id: String) -> Proof? {
        guard probed.layers.count > 1 else { return nil }
        let moments = threeMoments(probed.steps.count)
        let absolute = moments.map { moment in probed.layers.map { $0.probes[moment]?.gradient ?? .nan } }
        guard absolute.joined().count(where: \.isFinite) > 1 else { return nil }
        let isRelative = absolute.allSatisfy { ($0.last ?? 0) > 0 && ($0.last ?? .nan).isFinite }
        let values = isRelative ? absolute.map { row in row.map { $0 / (row.last ?? 1) } } : absolute
        let guide = finding.evidence("threshold").flatMap { level in
            level > 0 && isRelative ? LinePlot.Guide(level: level, label: "threshold: \(Format.number(level))") : nil
        }
        let caption =
            "The loss's derivative by the outputs of each layer, from the first, 1, to the last, \(probed.layers.count)"
            + (isRelative ? ", as a multiple of the last one's." : ".") + " It should be about level."
        return Proof(
            title: "Gradient over depth", caption: caption,
            plot: depthPlot(id: id, caption, values, moments, finding, guides: [guide].compactMap { $0 }))
    }

    /// How far each layer's outputs are spread with the first weights.
    func spreadOverDepth(_ finding: DiagnosisRecord.Finding, id: String) -> Proof? {
        guard probed.layers.count > 1 else { return nil }
        // What has no mean has no spread.
        let values = probed.layers.map { layer in
            layer.probes[0].flatMap { ($0.mean ?? .nan).isFinite ? $0.deviation : nil } ?? .nan
        }
        guard values.count(where: \.isFinite) > 1 else { return nil }
        guard let first = values.first(where: { $0 > 0 && $0.isFinite }) else { return nil }
        let caption =
            "The standard deviation of each layer's outputs at the first probe, step \(probed.steps[0]). Between the dashed "
            + "lines, a tenth and ten times that of the first layer, it hardly shrinks or grows."
        return Proof(
            title: "Spread of the outputs over depth", caption: caption,
            plot: depthPlot(
                id: id, caption, [values], [0], finding,
                guides: [
                    .init(level: first / 10, label: "a tenth of the first"),
                    .init(level: first * 10, label: "ten times the first"),
                ]))
    }

    private func depthPlot(
        id: String, _ summary: String, _ values: [[Double]], _ moments: [Int], _ finding: DiagnosisRecord.Finding,
        guides: [LinePlot.Guide]
    ) -> LinePlot {
        let styles = ["many depth0", "many depth8", "many depth16"]
        let series = zip(values, moments).enumerated().map { index, row in
            LinePlot.Series(
                name: "step \(Format.count(probed.steps[row.1]))",
                style: values.count == 1 ? "plain" : styles[min(index, 2)],
                points: row.0.enumerated().map { Point(x: Double($0 + 1), y: $1) })
        }
        let mark = finding.location.flatMap(probed.index).map { place in
            let level = values.last?[place] ?? .nan
            let isLow = (values.last ?? []).count { $0 < level } * 2 < probed.layers.count
            return LinePlot.Mark(
                point: Point(x: Double(place + 1), y: level), label: "layer \(place + 1)", isLabelOnTop: isLow)
        }
        let names = labels(of: probed.layers.map(\.path)).enumerated().map { "layer \($0 + 1): \($1)" }
        return LinePlot(
            id: id, summary: summary, axis: TimeAxis(layers: probed.layers.count), series: series, mark: mark,
            guides: guides, guideReach: 1e4,
            placeNames: names, leavesZerosBelow: true, isSwitchable: false)
    }

    private func threeMoments(_ count: Int) -> [Int] {
        var moments: [Int] = []
        for moment in [0, count / 2, count - 1] where !moments.contains(moment) { moments.append(moment) }
        return moments
    }

    func deadShares(_ finding: DiagnosisRecord.Finding, id: String) -> Proof? {
        shares(
            finding, id: id, title: "Dead units",
            what: "Units of a layer that put out zero for every sample, probe after probe: no gradient reaches them.",
            { $0.dead ?? $0.silent })
    }

    func saturatedShares(_ finding: DiagnosisRecord.Finding, id: String) -> Proof? {
        shares(
            finding, id: id, title: "Saturated outputs",
            what: "Outputs of a layer where its activation is flat and lets hardly any gradient through.",
            \.saturated)
    }

    /// A share of each layer over time.
    func shares(
        _ finding: DiagnosisRecord.Finding?, id: String, title: String, what: String,
        _ share: (Event.Probe.Layer) -> Double?
    ) -> Proof? {
        let layers = probed.selection(of: Self.curves, with: finding?.location)
            .filter { $0.values(share).contains(where: \.isFinite) }
        guard !layers.isEmpty else { return nil }
        let names = labels(of: layers.map(\.path))
        let series = layers.enumerated().map { index, layer in
            LinePlot.Series(
                name: names[index], style: "many \(depthStyle(index, of: layers.count))",
                points: zip(probedTimes, layer.values(share)).map { Point(x: $0, y: $1) },
                isLabelled: layers.count <= 8)
        }
        let caption = what + (layers.count > 1 ? " Indigo: first layer; orange: last." : "")
        return Proof(
            title: title, caption: caption,
            plot: LinePlot(
                id: id, summary: caption, axis: axis, series: series, mark: finding.flatMap(moment),
                style: .percent, domain: 0...1))
    }

    /// What the layer at fault puts out.
    func outputs(_ finding: DiagnosisRecord.Finding, id: String) -> Proof? {
        let place = finding.location.flatMap(probed.index) ?? 0
        guard probed.layers.indices.contains(place) else { return nil }
        return outputs(probed.layers[place], id: id)
    }

    func outputs(_ layer: ProbedLayers.Layer, id: String) -> Proof? {
        let all = zip(probedTimes, layer.probes).compactMap { time, probe in
            probe.flatMap { HistogramMap.Moment($0, time: time) }
        }
        let moments = thinned(all.count, to: 60).map { all[$0] }
        guard let first = moments.first, let last = moments.last else { return nil }
        let name = labels(of: [layer.path])[0]
        let caption =
            "Mean \(Format.number(first.mean)) ± \(Format.number(first.deviation)) at first, "
            + "\(Format.number(last.mean)) ± \(Format.number(last.deviation)) at last."
        return Proof(
            title: "Outputs of \(name)", caption: caption,
            plot: HistogramMap(
                id: id, summary: "What layer \(name) puts out, over time. \(caption)", axis: axis, moments: moments))
    }

    var probedTimes: [Double] { probed.steps.map { axis.position(step: $0) } }

    func depthStyle(_ index: Int, of count: Int) -> String {
        let depth = count < 2 ? 0.5 : Double(index) / Double(count - 1)
        return "depth\(Int((depth * Double(Theme.heatLevels - 1)).rounded()))"
    }
}
