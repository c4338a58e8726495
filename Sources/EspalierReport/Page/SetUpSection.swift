/// Time, configuration and environment, and the table of all epochs.
extension ReportPage {
    var timeCards: [Markup] {
        let points = run.epochs.compactMap { epoch in
            epoch.seconds.map { Point(x: Double(epoch.epoch), y: $0) }
        }
        var cards: [Markup] = []
        let finite = points.map(\.y).filter(\.isFinite).sorted()
        if finite.count > 1 {
            let (median, slowest) = (finite[finite.count / 2], finite[finite.count - 1])
            let caption = "Median \(Format.duration(median)), slowest \(Format.duration(slowest))."
            let series = LinePlot.Series(name: "seconds", style: "plain", points: points, isLabelled: false)
            cards.append(
                card(
                    "Seconds per epoch", caption,
                    plot: LinePlot(
                        id: "seconds", summary: "Seconds per epoch. \(caption)", axis: axis, series: [series],
                        style: .seconds, anchoredAtZero: true, allowsLogarithm: false)))
        }
        let times = timeFacts
        if times.contains(where: { $0.value != nil }) {
            cards.append(
                tag("div", ["class": "card"]) {
                    tag("h3") { "Pace" }
                    tag("p") { "What the time was spent on." }
                    facts(times)
                })
        }
        return cards
    }

    private var timeFacts: [(name: String, value: String?)] {
        let seconds = trainingSeconds
        let samples = run.start?.samples?["train"].flatMap { samples in
            seconds.flatMap { $0 > 0 && !run.epochs.isEmpty ? Double(samples) * Double(run.epochs.count) / $0 : nil }
        }
        let byFunction = Dictionary(grouping: run.retraces, by: \.function).sorted { $0.key < $1.key }
        let traces = byFunction.map { function, traces in
            let reasons = traces.prefix(4).map(\.reason) + (traces.count > 4 ? ["…"] : [])
            return "\(function): \(Format.count(traces.count)) (\(reasons.joined(separator: "; ")))"
        }
        return [
            ("Started", run.startTime.map(Format.time)), ("Stopped", run.stop?.time.map(Format.time)),
            ("Training time", seconds.map(Format.duration)),
            ("Steps per second", run.summary?.stepsPerSecond.map { Format.number($0) }),
            ("Samples per second", samples.map { Format.number($0) }),
            ("Waiting for data", run.summary?.waitingShare.map(Format.percent)),
            ("Tensor memory", run.summary?.peakBytes.map(Format.bytes)),
            ("Graph traces", traces.isEmpty ? nil : traces.joined(separator: ", ")),
        ]
    }

    var setUpCards: [Markup] {
        var cards: [Markup] = []
        if let configuration = run.configuration {
            let limit = 60_000
            cards.append(
                tag("div", ["class": "card long"]) {
                    tag("h3") { "Configuration" }
                    tag("p") { "Complete, with every default filled in: it runs again as it stands." }
                    tag("pre", ["tabindex": "0", "aria-label": "config.yaml"]) {
                        tag("code") { highlighted(yaml: String(configuration.prefix(limit))) }
                    }
                    if configuration.count > limit { tag("p") { "Cut here; the rest is in config.yaml." } }
                })
        }
        if let scheduleCard { cards.append(scheduleCard) }
        let environment = environmentFacts
        if environment.contains(where: { $0.value != nil }) {
            cards.append(
                tag("div", ["class": "card"]) {
                    tag("h3") { "Run" }
                    tag("p") { "What this training was given." }
                    facts(environment)
                })
        }
        return cards
    }

    private var environmentFacts: [(name: String, value: String?)] {
        guard let start = run.start else { return [] }
        let order = ["train", "validation", "test"]
        let samples = start.samples.map { samples in
            func rank(_ set: String) -> Int { order.firstIndex(of: set) ?? order.count }
            return samples.sorted { (rank($0.key), $0.key) < (rank($1.key), $1.key) }
                .map { "\(Format.count($0.value)) \($0.key)" }.joined(separator: ", ")
        }
        let classes = start.classes.flatMap { classes in
            classes.isEmpty
                ? nil
                : "\(Format.count(classes.count)): \(classes.prefix(20).joined(separator: ", "))"
                    + "\(classes.count > 20 ? ", …" : "")"
        }
        return [
            ("Task", start.task), ("Samples", samples), ("Classes", classes), ("Loss", start.loss),
            ("Optimiser", start.optimizer), ("Schedule", start.schedule?.name),
            ("Batch size", start.batchSize.map(Format.count)),
            ("Seed", start.seed.map(String.init)), ("Threads", start.threads.map(Format.count)),
        ]
    }

    /// The numbers behind the curves, for those who would rather read them.
    var epochTable: Markup? {
        guard !run.epochs.isEmpty else { return nil }
        let metrics = [Metric.loss] + run.metrics
        let columns = metrics.flatMap { metric in ["train", "validation"].map { (set: $0, metric: metric) } }
            .filter { column in run.epochs.contains { value($0, column.set, column.metric) != nil } }
        let shown = thinned(run.epochs.count, to: 300).map { run.epochs[$0] }
        let best = run.bestEpoch?.epoch
        return tag("details", ["class": "card full long"]) {
            tag("summary") { shown.count < run.epochs.count ? "A selection of the epochs" : "Every epoch" }
            scrolling("Metrics by epoch") {
                table(
                    ["Epoch"] + columns.map { "\($0.set) \($0.metric.name)" } + ["learning rate", "time"],
                    numbers: Set(1...columns.count + 2)
                ) {
                    shown.map { epoch in
                        let name = Format.count(epoch.epoch) + (epoch.epoch == best ? " ★ best" : "")
                        let values = columns.map { column in
                            value(epoch, column.set, column.metric).map { column.metric.style($0) } ?? ""
                        }
                        let rest = [
                            epoch.learningRate.map { Format.number($0) } ?? "",
                            epoch.seconds.map(Format.duration) ?? "",
                        ]
                        return ([name] + values + rest).map { [.text($0)] }
                    }
                }
            }
        }
    }

    private func value(_ epoch: Event.Epoch, _ set: String, _ metric: Metric) -> Double? {
        (set == "train" ? epoch.train : epoch.validation)?[metric.key]
    }
}
