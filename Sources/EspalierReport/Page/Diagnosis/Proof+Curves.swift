/// Findings that show in the loss, the metric and the steps' sizes over time.
extension ReportPage {
    /// The loss against what needs no network to reach.
    func lossCourse(_ finding: DiagnosisRecord.Finding, id: String) -> Proof? {
        guard var plot = lossPlot(id: id) else { return nil }
        plot.guides = lossGuides
        plot.guideReach = 100
        plot.mark = moment(finding)
        plot.shadesGap = false
        plot.isSwitchable = false
        // The course is that of epochs; the loss of steps is in the section on learning.
        plot.background = []
        let levels = plot.guides.isEmpty ? "" : " Dashed: what needs no network to reach."
        return Proof(title: "Loss", caption: (story(.loss) ?? "The loss of every step.") + levels, plot: plot)
    }

    /// The first metric against what simple models reach.
    func metricCourse(_ finding: DiagnosisRecord.Finding, id: String) -> Proof? {
        guard let metric = run.metrics.first, let baselines = run.baselines else { return nil }
        let series = epochSeries(metric), guides = guides(of: metric, baselines)
        guard !series.isEmpty, !guides.isEmpty else { return nil }
        let caption = (story(metric) ?? "") + " Dashed: what needs no network to reach on the same data."
        return Proof(
            title: metric.title, caption: caption,
            plot: LinePlot(
                id: id, summary: caption, axis: axis, series: series, mark: moment(finding), guides: guides,
                guideReach: 100, style: metric.style, allowsLogarithm: !metric.isHigherBetter, isSwitchable: false))
    }

    private var lossGuides: [LinePlot.Guide] {
        guard let constant = run.baselines?.constantLoss, constant.isFinite else { return [] }
        var guides = [LinePlot.Guide(level: constant, label: "the best constant answer")]
        // Of the mean square, R² says what a simple model leaves.
        if run.start?.loss?.hasPrefix("mse") == true, let baselines = run.baselines {
            guides += Self.simpleModels(baselines).map { name, skill in
                .init(level: constant * (1 - skill), label: name)
            }
        }
        return guides
    }

    private func guides(of metric: Metric, _ baselines: Event.Baselines) -> [LinePlot.Guide] {
        switch metric.key {
        case "accuracy":
            guard let majority = baselines.majority, (0...1).contains(majority) else { return [] }
            return [.init(level: majority, label: "always the most frequent class")]
                + Self.simpleModels(baselines).map { .init(level: majority + $1 * (1 - majority), label: $0) }
        case "r2":
            return [.init(level: 0, label: "the best constant answer")]
                + Self.simpleModels(baselines).map { .init(level: $1, label: $0) }
        default: return []
        }
    }

    private static func simpleModels(_ baselines: Event.Baselines) -> [(name: String, skill: Double)] {
        [("5 nearest neighbours", baselines.nearestNeighbours), ("a linear model", baselines.linear)]
            .compactMap { name, skill in skill.flatMap { $0.isFinite && $0 <= 1 ? (name, $0) : nil } }
    }

    /// Training and validation loss, with the epoch after which nothing was gained.
    func trainAgainstValidation(id: String) -> Proof? {
        let series = epochSeries(.loss)
        guard series.count == 2, let story = story(.loss) else { return nil }
        let caption = "\(story) Shaded: the gap between them."
        return Proof(
            title: "Training and validation loss", caption: caption,
            plot: LinePlot(
                id: id, summary: caption, axis: axis, series: series, shadesGap: true, mark: mark(.loss),
                isSwitchable: false))
    }

    /// The loss of single steps up to the one that had no number any more.
    func lossUntil(_ finding: DiagnosisRecord.Finding, id: String) -> Proof? {
        let last = run.nonFinite.first?.step ?? finding.step ?? run.stop?.step ?? .max
        let steps = run.steps.filter { $0.step <= last }.suffix(400)
        guard let first = steps.first, let end = steps.last, steps.contains(where: { $0.loss?.isFinite ?? false })
        else { return nil }
        let points = steps.map { Point(x: Double($0.step), y: $0.loss ?? .nan) }
        let cause = run.nonFinite.first?.cause.map { " Then \(cut($0, to: 300))." } ?? ""
        let caption =
            "The loss of single steps up to step \(Format.count(min(last, end.step))), from "
            + "\(Format.number(first.loss ?? .nan)).\(cause)"
        return Proof(
            title: "Loss until it was lost", caption: caption,
            plot: LinePlot(
                id: id, summary: caption, axis: TimeAxis(steps: end.step, from: first.step),
                series: [.init(name: "loss", style: "train", points: points, isLabelled: false)],
                mark: .init(
                    point: Point(x: Double(end.step), y: .nan), label: "step \(Format.count(end.step))",
                    isLabelOnTop: true),
                isSwitchable: false))
    }

    /// How large steps are for the weights.
    func updates(_ finding: DiagnosisRecord.Finding, id: String) -> Proof? {
        guard var plot = updatePlot(id: id, limit: 12) else { return nil }
        plot.guides = [
            .init(level: 0.1, label: "too large above 10⁻¹"), .init(level: 1e-4, label: "too small below 10⁻⁴"),
        ]
        plot.band = 1e-4...0.1
        plot.guideReach = 1e6
        plot.leavesZerosBelow = true
        plot.isSwitchable = false
        plot.mark = moment(finding)
        return Proof(
            title: "Size of a step relative to the weights",
            caption:
                "By layer, on a logarithmic scale; between the dashed lines is where trainings usually do well. Indigo: first "
                + "layer; orange: last.",
            plot: plot)
    }

    /// When the finding was seen.
    func moment(_ finding: DiagnosisRecord.Finding) -> LinePlot.Mark? {
        guard let step = finding.step, step > 0 else { return nil }
        let position = axis.position(step: step)
        guard position <= axis.end else { return nil }
        return .init(
            point: Point(x: position, y: .nan), label: "seen at step \(Format.count(step))", isLabelOnTop: false)
    }
}
