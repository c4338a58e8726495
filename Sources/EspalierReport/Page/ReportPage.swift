/// The report's document: header, then sections in the order in which one asks.
struct ReportPage {
    let run: RunRecord
    let axis: TimeAxis
    let verdict: Verdict
    let probed: ProbedLayers

    /// - Parameter activity: Whether the run still goes, where that is known: then axes end at round values, so that they
    ///   seldom change.
    init(_ run: RunRecord, activity: RunActivity? = nil) {
        self.run = run
        probed = ProbedLayers(run.probes)
        axis = activity?.isRunning == true ? TimeAxis(run).rounded : TimeAxis(run)
        verdict = Verdict(run, activity)
    }

    var markup: Markup {
        document(
            title: "\(run.name) · training report", brand: "training report",
            footer: "Written by Espalier from the files in the run folder; this page loads nothing else."
        ) {
            tag("header") { heading }
            tag("main") {
                times
                diagnosisSection
                parts.prefix(1).map { section($0.title, cards: $0.cards) }
                tileList
                parts.dropFirst().map { section($0.title, cards: $0.cards) }
            }
        }
    }

    /// The sections below the diagnosis, in their order; the tiles stand behind the first.
    var parts: [(title: String, cards: [Markup])] {
        [
            ("Repair", repairCards),
            ("Learning", [lossCard, smoothnessCard].compactMap { $0 } + metricCards),
            ("Optimisation", optimizationCards),
            ("Inside the layers", insideCards),
            ("Mistakes", confusionCards + mistakeCards),
            ("Augmentation", augmentationCards),
            ("Model", [modelCard].compactMap { $0 }),
            ("Time", timeCards),
            ("Plan", planCards),
            ("Set-up", setUpCards),
            ("Numbers", [epochTable].compactMap { $0 }),
        ]
    }

    var tileList: Markup { tiles.isEmpty ? .empty : tag("dl", ["class": "tiles"]) { tiles } }

    /// Which step was taken when an epoch ended, so that plots over steps and plots over epochs share a cursor.
    var times: Markup {
        tag("script", ["type": "application/json", "id": "time"]) { Markup.verbatim(axis.anchors(atMost: 200)) }
    }
}

/// A section of a page; nothing where it has no cards.
func section(_ title: String, cards: [Markup]) -> Markup {
    guard !cards.isEmpty else { return .empty }
    return tag("section") {
        tag("h2") { title }
        tag("div", ["class": "cards"]) { cards }
    }
}

extension ReportPage {
    /// Name, state and verdict.
    var heading: [Markup] {
        [
            tag("h1") {
                tag("span") { run.name }
                tag("span", ["class": "status \(verdict.status.rawValue)"]) { verdict.status.label }
                if let diagnosis { tag("span", ["class": "status \(diagnosis.style)"]) { diagnosis.label } }
            },
            tag("p", ["class": "verdict"]) { verdict.headline },
            tag("p", ["class": "remarks"]) { verdict.remarks.joined(separator: " ") },
        ]
    }

    private var tiles: [Markup] {
        let summary = run.summary
        let metric = run.metrics.first ?? .loss
        var tiles: [Markup] = []
        if let test = summary?.test, let value = test[metric.key] {
            let loss = metric == .loss ? nil : test["loss"].map { "loss \(Format.number($0))" }
            let details = [interval(of: metric, on: "test"), loss].compactMap { $0 }
            let detail = details.isEmpty ? nil : details.joined(separator: "; ")
            tiles.append(tile("Test \(metric.name)", metric.style(value), detail))
        }
        if let best = run.bestEpoch, let value = best.validation?[metric.key] {
            tiles.append(
                tile("Validation \(metric.name)", metric.style(value), "best, epoch \(Format.count(best.epoch))"))
        }
        if let epochs = summary?.epochs ?? run.epochs.last?.epoch {
            let steps = summary?.steps ?? run.epochs.last?.step
            tiles.append(tile("Epochs", Format.count(epochs), steps.map { Format.count($0, "step") }))
        }
        if let seconds = trainingSeconds {
            let pace = summary?.stepsPerSecond.map { "\(Format.number($0)) steps/s" }
            tiles.append(tile("Time", Format.duration(seconds), pace))
        }
        if let parameters = summary?.parameters ?? run.start?.parameters {
            let perSample = run.start?.samples?["train"].map { samples in
                "\(Format.number(Double(parameters) / Double(max(samples, 1)), digits: 2)) per training sample"
            }
            tiles.append(tile("Parameters", Format.count(parameters), perSample))
        }
        if let bytes = summary?.peakBytes {
            tiles.append(tile("Tensor memory", Format.bytes(bytes), nil))
        }
        return tiles
    }

    /// `95 %: 0.91 to 0.97`.
    private func interval(of metric: Metric, on set: String) -> String? {
        guard let bounds = run.summary?.intervals?[set]?[metric.key], bounds.count == 2 else { return nil }
        return "95 %: \(metric.style(bounds[0])) to \(metric.style(bounds[1]))"
    }

    private func tile(_ name: String, _ value: String, _ detail: String?) -> Markup {
        tag("div") {
            tag("dt") { name }
            tag("dd") {
                value
                if let detail { tag("small") { detail } }
            }
        }
    }

    var trainingSeconds: Double? {
        if let seconds = run.summary?.seconds { return seconds }
        let seconds = run.epochs.compactMap(\.seconds).filter(\.isFinite)
        return seconds.isEmpty ? nil : seconds.reduce(0, +)
    }
}

/// A figure in a card: its title, a sentence that says what is to be seen, and the plot.
func card(_ title: String, _ caption: String, plot: some Plot) -> Markup {
    tag("figure", ["class": "card"]) {
        tag("figcaption") {
            tag("h3") { title }
            tag("p") { caption }
        }
        plot.markup
    }
}

/// Names and values, one below the other.
func facts(_ facts: [(name: String, value: String?)]) -> Markup {
    tag("dl", ["class": "facts"]) {
        facts.flatMap { fact in
            fact.value.map { value in [tag("dt") { fact.name }, tag("dd") { value }] } ?? []
        }
    }
}
