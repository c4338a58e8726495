/// The learning rate as it was planned, and how often gradients were clipped.
extension ReportPage {
    /// The planned rate over all steps of the training, also those that an early end left out.
    var scheduleCard: Markup? {
        guard let schedule = run.start?.schedule, schedule.steps.count == schedule.rates.count,
            let first = schedule.rates.first, let lastStep = schedule.steps.last, let last = schedule.rates.last,
            schedule.rates.contains(where: { $0 != first })
        else { return nil }
        let highest = schedule.rates.max() ?? first
        let watch = schedule.followsLoss == true ? " Lower where the loss no longer falls." : ""
        let caption =
            "Planned over \(Format.count(lastStep + 1, "step")): from \(Format.number(first)) to "
            + "\(Format.number(last)), at most \(Format.number(highest)).\(watch)"
        let points = zip(schedule.steps, schedule.rates).map { Point(x: Double($0), y: $1) }
        let series = LinePlot.Series(name: "learning rate", style: "plain", points: points, isLabelled: false)
        return card(
            "Schedule", caption,
            plot: LinePlot(
                id: "schedule", summary: caption, axis: TimeAxis(steps: lastStep), series: [series],
                anchoredAtZero: true))
    }

    /// The share of clipped steps, an epoch a point.
    var clippingCard: Markup? {
        let points = run.epochs.compactMap { epoch in
            epoch.clippedShare.map { Point(x: Double(epoch.epoch), y: $0) }
        }
        guard let highest = points.map(\.y).max() else { return nil }
        let mean = points.reduce(0) { $0 + $1.y } / Double(points.count)
        let caption =
            "\(Format.percent(mean)) of the steps, at most \(Format.percent(highest)) in an epoch. Where most "
            + "are, the learning rate is rather too high than the gradient too long."
        let series = LinePlot.Series(name: "clipped", style: "plain", points: points, isLabelled: false)
        return card(
            "Clipped steps", caption,
            plot: LinePlot(
                id: "clipped", summary: caption, axis: axis, series: [series], style: .percent, anchoredAtZero: true,
                allowsLogarithm: false))
    }
}
