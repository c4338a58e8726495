/// Loss and metrics over the epochs.
extension ReportPage {
    var lossCard: Markup? {
        guard let plot = lossPlot(id: "loss") else { return nil }
        let caption = [story(.loss), plot.background.isEmpty ? nil : "Faint: the loss of single steps."]
        return card("Loss", caption.compactMap { $0 }.joined(separator: " "), plot: plot)
    }

    /// The loss of epochs over that of single steps, or the latter alone.
    func lossPlot(id: String) -> LinePlot? {
        let raw = stepPoints { $0.loss ?? .nan }
        let hasRaw = raw.contains(where: \.isFinite)
        var series = epochSeries(.loss)
        var background = [LinePlot.Series(name: "step", style: "train", points: raw)]
        if series.isEmpty {
            guard hasRaw else { return nil }
            series = [LinePlot.Series(name: "train", style: "train", points: raw)]
            background = []
        }
        return LinePlot(
            id: id, summary: story(.loss) ?? "The loss of every step.", axis: axis, series: series,
            background: hasRaw ? background : [], shadesGap: series.count == 2, mark: mark(.loss))
    }

    /// How far the losses of steps scatter, epoch by epoch.
    var smoothnessCard: Markup? {
        let points = run.epochs.map { Point(x: Double($0.epoch), y: $0.lossVariation ?? .nan) }
        let finite = points.filter(\.isFinite)
        guard finite.count > 1, let first = finite.first, let last = finite.last else { return nil }
        let percent = Format.Style.percent
        let caption =
            "By what share the loss of a step lies off the trend of its epoch: \(percent(first.y)) at first, "
            + "\(percent(last.y)) at last. It rises where the loss nears zero, and where steps are too large or too few "
            + "samples decide them."
        return card(
            "Scatter of the loss", caption,
            plot: LinePlot(
                id: "smoothness", summary: caption, axis: axis,
                series: [.init(name: "scatter", style: "train", points: points, isLabelled: false)], style: percent,
                anchoredAtZero: true))
    }

    /// A number of single steps, where they have it: so many of them that a plot looks the same.
    func stepPoints(_ value: (Event.Step) -> Double?) -> [Point] {
        let points = run.steps.compactMap { step in
            value(step).map { Point(x: axis.position(step: step.step), y: $0) }
        }
        return downsampled(points, into: 1_500)
    }

    var metricCards: [Markup] {
        run.metrics.prefix(5).enumerated().compactMap { index, metric in
            let series = epochSeries(metric)
            guard !series.isEmpty else { return nil }
            return card(
                metric.title, story(metric) ?? "",
                plot: LinePlot(
                    id: "metric-\(index)", summary: story(metric) ?? metric.title, axis: axis, series: series,
                    shadesGap: series.count == 2, mark: mark(metric), style: metric.style,
                    allowsLogarithm: !metric.isHigherBetter))
        }
    }

    /// The metric on the training and on the validation set, where it was measured.
    func epochSeries(_ metric: Metric) -> [LinePlot.Series] {
        let sets: [(name: String, values: (Event.Epoch) -> Double?)] = [
            ("train", { $0.train?[metric.key] }), ("validation", { $0.validation?[metric.key] }),
        ]
        return sets.compactMap { set in
            let within = set.name == "validation" ? validationsWithinEpochs(metric) : []
            guard within.isEmpty else {
                return LinePlot.Series(name: set.name, style: set.name, points: within)
            }
            guard run.epochs.contains(where: { set.values($0) != nil }) else { return nil }
            let points = run.epochs.map { Point(x: Double($0.epoch), y: set.values($0) ?? .nan) }
            return LinePlot.Series(name: set.name, style: set.name, points: points)
        }
    }

    /// What was measured every so many steps; an epoch only repeats the last of that, unless it is the last one.
    private func validationsWithinEpochs(_ metric: Metric) -> [Point] {
        guard let last = run.validations.last else { return [] }
        var points = run.validations.map { record in
            Point(x: axis.position(step: record.step), y: record.validation[metric.key] ?? .nan)
        }
        if let end = run.epochs.last, end.epoch == run.start?.epochs, end.step > last.step {
            points.append(Point(x: Double(end.epoch), y: end.validation?[metric.key] ?? .nan))
        }
        return points
    }

    func mark(_ metric: Metric) -> LinePlot.Mark? {
        if let mark = markWithinEpochs(metric) { return mark }
        guard let best = run.bestEpoch, let value = best.validation?[metric.key] else { return nil }
        return LinePlot.Mark(
            point: Point(x: Double(best.epoch), y: value),
            label: "best: epoch \(Format.count(best.epoch)), \(metric.style(value))",
            isLabelOnTop: !metric.isHigherBetter)
    }

    /// The step between two epochs whose weights were kept.
    private func markWithinEpochs(_ metric: Metric) -> LinePlot.Mark? {
        guard let best = bestValidation, let value = best.validation[metric.key] else { return nil }
        return LinePlot.Mark(
            point: Point(x: axis.position(step: best.step), y: value),
            label: "best: step \(Format.count(best.step)), \(metric.style(value))",
            isLabelOnTop: !metric.isHigherBetter)
    }

    /// Of those within epochs: the summary's, else that of the lowest finite loss.
    private var bestValidation: Event.Validation? {
        if let step = run.summary?.best?.step { return run.validations.last { $0.step == step } }
        return run.validations.filter { ($0.validation["loss"] ?? .nan).isFinite }
            .min { ($0.validation["loss"] ?? .nan) < ($1.validation["loss"] ?? .nan) }
    }

    /// From where to where the curves went, as a sentence.
    func story(_ metric: Metric) -> String? {
        let ways = epochSeries(metric).compactMap { series -> String? in
            let finite = series.points.filter(\.isFinite)
            guard let first = finite.first, let last = finite.last else { return nil }
            let set = series.name == "train" ? "Training" : "validation"
            guard finite.count > 1 else { return "\(set) \(metric.name) \(metric.style(last.y))" }
            let verb = last.y > first.y ? "rose" : last.y < first.y ? "fell" : "went"
            return "\(set) \(metric.name) \(verb) from \(metric.style(first.y)) to \(metric.style(last.y))"
        }
        guard !ways.isEmpty else { return nil }
        let sentence = ways.joined(separator: ", ")
        return sentence.prefix(1).uppercased() + sentence.dropFirst() + "."
    }
}
