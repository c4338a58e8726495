/// Several runs on one page: how they ended, their curves over each other, what their configurations differ in, and what
/// was found in each.
struct ComparisonPage {
    let runs: [ComparedRun]
    let axis: TimeAxis
    /// The measure that the runs are compared by, and the set that it was taken on.
    let metric: Metric
    let set: String

    /// - Parameter links: From the page to each run's report.
    init(_ records: [RunRecord], links: [String?]) {
        runs = ComparedRun.all(records, links: links)
        let areEpochs = records.allSatisfy { !$0.epochs.isEmpty }
        axis =
            areEpochs
            ? TimeAxis(unit: "epoch", end: runs.map(\.page.axis.end).max() ?? 1)
            : TimeAxis(steps: records.map(\.lastStep).max() ?? 1)
        let shared = records.reduce(Set(records.first?.metrics ?? [])) { $0.intersection($1.metrics) }
        let metric = records.first?.metrics.first { shared.contains($0) } ?? .loss
        self.metric = metric
        set = runs.allSatisfy { $0.score(metric, on: "test") != nil } ? "test" : "validation"
    }

    var markup: Markup {
        document(
            title: "Comparison of \(Format.count(runs.count, "run"))", brand: "comparison",
            footer: "Written by Espalier from the files in the run folders; this page loads nothing else."
        ) {
            tag("header") {
                tag("h1") { tag("span") { "Comparison of \(Format.count(runs.count, "run"))" } }
                tag("p", ["class": "verdict"]) { headline }
                tag("p", ["class": "remarks"]) { remark }
            }
            tag("main") {
                section("Results", cards: [scoreCard, summaryTable].compactMap { $0 })
                section("Learning", cards: curveCards)
                section("What differs", cards: [differenceTable])
                section("Diagnoses", cards: runs.map(diagnosisCard))
            }
        }
    }
}

// In words

extension ComparisonPage {
    /// The runs that have the measure, the best first.
    private var ranked: [(run: ComparedRun, value: Double, interval: ClosedRange<Double>?)] {
        let scored = runs.compactMap { run in
            run.score(metric, on: set).flatMap { $0.value.isFinite ? (run, $0.value, $0.interval) : nil }
        }
        return scored.sorted { metric.isHigherBetter ? $0.1 > $1.1 : $0.1 < $1.1 }
    }

    private var headline: String {
        guard let best = ranked.first else { return "None of the runs has a result yet." }
        return "\(best.run.name) is best: \(metric.style(best.value)) \(set) \(metric.name)."
    }

    /// Whether the best is more than luck.
    private var remark: String {
        let ranked = ranked
        guard ranked.count > 1, let interval = ranked[0].interval else {
            return ranked.count > 1 ? "Without intervals it is not known how much of the difference is chance." : ""
        }
        let close = ranked.dropFirst().filter { $0.interval.map(interval.overlaps) ?? true }.map(\.run.name)
        let bounds = "\(metric.style(interval.lowerBound)) to \(metric.style(interval.upperBound))"
        return close.isEmpty
            ? "Its 95 % interval, \(bounds), lies apart from those of all others."
            : "Its 95 % interval, \(bounds), overlaps with \(close.prefix(6).joined(separator: ", "))"
                + "\(close.count > 6 ? " and others" : ""): on so few samples these may differ by chance."
    }
}

// Results

extension ComparisonPage {
    private var scoreCard: Markup? {
        let rows = runs.compactMap { run in
            run.score(metric, on: set).map {
                IntervalDots.Row(name: run.name, style: run.style, value: $0.value, interval: $0.interval)
            }
        }
        guard rows.contains(where: { $0.value.isFinite }) else { return nil }
        let title = "\(Words.title(set)) \(metric.name)"
        let caption =
            rows.contains { $0.interval != nil }
            ? "Lines: 95 % intervals over samples." : "Of the weights that were kept."
        let values = rows.map { "\($0.name) \(metric.style($0.value))" }.joined(separator: ", ")
        return card(
            title, caption,
            plot: IntervalDots(id: "scores", summary: "\(title): \(values).", rows: rows, style: metric.style))
    }

    private var summaryTable: Markup {
        tag("div", ["class": "card full long"]) {
            tag("h3") { "Summary" }
            tag("p") { "Measures are those of the weights that were kept; in brackets 95 % intervals." }
            scrolling("Summary of the runs") {
                table(
                    [
                        "Run", "Status", "Test \(metric.name)", "Validation \(metric.name)", "Epochs", "Best at",
                        "Time", "Parameters", "Found",
                    ],
                    numbers: [2, 3, 4, 5, 6, 7], lines: [0]
                ) { runs.map(summaryRow) }
            }
        }
    }

    private func summaryRow(_ compared: ComparedRun) -> [[Markup]] {
        let run = compared.run
        func score(_ set: String) -> String {
            guard let score = compared.score(metric, on: set) else { return "–" }
            let bounds = score.interval.map { " [\(metric.style($0.lowerBound)), \(metric.style($0.upperBound))]" }
            return metric.style(score.value) + (bounds ?? "")
        }
        let best = run.summary?.best?.epoch ?? run.bestEpoch?.epoch
        let texts = [
            compared.page.verdict.status.label, score("test"), score("validation"),
            (run.summary?.epochs ?? run.epochs.last?.epoch).map(Format.count) ?? "–", best.map(Format.count) ?? "–",
            compared.page.trainingSeconds.map(Format.duration) ?? "–",
            (run.summary?.parameters ?? run.start?.parameters).map(Format.count) ?? "–",
            compared.page.diagnosis?.label ?? "–",
        ]
        return [[name(compared)]] + texts.map { [.text($0)] }
    }

    /// The run's name in its colour, with the way to its own report.
    private func name(_ run: ComparedRun) -> Markup {
        tag("span", ["class": "name"]) {
            tag("svg", ["class": "key-line", "viewBox": "0 0 22 8", "role": "presentation"]) {
                SVG.path("M1 4H21", class: "curve \(run.style)")
            }
            if let link = run.link { tag("a", ["href": link]) { run.name } } else { run.name }
        }
    }
}

// Curves

extension ComparisonPage {
    private var curveCards: [Markup] {
        let shown = [Metric.loss] + (metric == .loss ? [] : [metric])
        let curves = shown.flatMap { metric in
            ["validation", "train"].map { set in
                curveCard(
                    "\(set == "train" ? "Training" : "Validation") \(metric.name)", id: "\(metric.key)-\(set)", metric
                ) {
                    series($0, metric, set)
                }
            }
        }
        return (curves + [curveCard("Learning rate", id: "rate", nil, rates)]).compactMap { $0 }
    }

    private func curveCard(
        _ title: String, id: String, _ metric: Metric?, _ points: (ComparedRun) -> [Point]
    ) -> Markup? {
        let series = runs.compactMap { run in
            let points = points(run)
            return points.contains(where: \.isFinite)
                ? LinePlot.Series(name: run.name, style: run.style, points: points, isLabelled: runs.count <= 12) : nil
        }
        guard !series.isEmpty else { return nil }
        let ends = series.compactMap { one in
            one.points.last(where: \.isFinite).map { "\(one.name) \(metric?.style($0.y) ?? Format.number($0.y))" }
        }
        let caption = "In the end: \(ends.prefix(4).joined(separator: ", "))\(ends.count > 4 ? ", …" : "")."
        return card(
            title, caption,
            plot: LinePlot(
                id: id, summary: "\(title). \(caption)", axis: axis, series: series, style: metric?.style ?? .number,
                allowsLogarithm: !(metric?.isHigherBetter ?? false)))
    }

    private func series(_ compared: ComparedRun, _ metric: Metric, _ set: String) -> [Point] {
        if axis.unit == "step" {
            guard set == "train", metric == .loss else { return [] }
            return compared.run.steps.map { Point(x: Double($0.step), y: $0.loss ?? .nan) }
        }
        return compared.page.epochSeries(metric).first { $0.name == set }?.points ?? []
    }

    private func rates(_ compared: ComparedRun) -> [Point] {
        compared.run.steps.compactMap { step in
            step.learningRate.map { rate in
                Point(
                    x: axis.unit == "step" ? Double(step.step) : compared.page.axis.position(step: step.step), y: rate)
            }
        }
    }
}

// Differences

extension ComparisonPage {
    private static let shownDifferences = 80

    private var differenceTable: Markup {
        let rows = configurationDifferences(runs.map { $0.run.configuration ?? "" })
        return tag("div", ["class": "card full long"]) {
            tag("h3") { "Configuration" }
            tag("p") {
                rows.isEmpty
                    ? "The configurations are the same."
                    : "The settings that are not the same in all runs, with the paths that --set takes."
            }
            if !rows.isEmpty {
                scrolling("Settings that differ") {
                    table(["Setting"] + runs.map(\.name), numbers: [], lines: [0]) {
                        rows.prefix(Self.shownDifferences).map { row in
                            [[tag("code") { row.path }]]
                                + row.values.map { [.text($0.map { runs[0].page.cut($0, to: 200) } ?? "–")] }
                        }
                    }
                }
            }
            if rows.count > Self.shownDifferences {
                tag("p") { "\(Format.count(rows.count - Self.shownDifferences, "setting")) more differ." }
            }
        }
    }

    private func diagnosisCard(_ compared: ComparedRun) -> Markup {
        let diagnosis = compared.page.diagnosis
        return tag("article", ["class": "card"]) {
            tag("h3") {
                name(compared)
                if let diagnosis { tag("span", ["class": "status \(diagnosis.style)"]) { diagnosis.label } }
            }
            if let diagnosis {
                if diagnosis.findings.isEmpty { tag("p") { "Nothing that matters was found." } }
                tag("ul", ["class": "found"]) {
                    diagnosis.findings.prefix(6).map { finding in
                        tag("li") {
                            tag("b") { "\(finding.severity.label): \(Words.of(finding.symptom))" }
                            " \(compared.page.cut(finding.explanation, to: 220))"
                        }
                    }
                }
            } else {
                tag("p") { "Nobody has looked: espalier doctor \(compared.run.folder.shellWord)" }
            }
        }
    }
}

/// The settings that are not the same in all of the texts, in the order in which they come up.
func configurationDifferences(_ texts: [String]) -> [(path: String, values: [String?])] {
    let all = texts.map { text in
        Dictionary(configurationLeaves(text).map { ($0.path, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
    var seen: Set<String> = []
    let paths = texts.flatMap { configurationLeaves($0).map(\.path) }.filter { seen.insert($0).inserted }
    return paths.compactMap { path in
        let values = all.map { $0[path] }
        return values.allSatisfy { $0 == values[0] } ? nil : (path, values)
    }
}
