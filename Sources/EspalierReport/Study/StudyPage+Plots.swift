/// The figures of a search.
extension StudyPage {
    /// The most trials that a figure draws; of more, evenly chosen ones and the best.
    private static let limit = 400

    private var shown: [StudyRecord.Trial] {
        let trials = study.measured
        let best = study.ranking.first?.number
        let kept = Set(thinned(trials.count, to: Self.limit))
        return trials.enumerated().filter { kept.contains($0.offset) || $0.element.number == best }.map(\.element)
    }

    private func title(_ trial: StudyRecord.Trial) -> String {
        let settings = zip(study.parameters, trial.settings).map { "\($0.path) \($1)" }
        let value = trial.value.map { study.metric.style($0) } ?? "no value"
        return (["trial \(trial.number), \(trial.state): \(value)"] + settings).joined(separator: "\n")
    }

    private func style(_ trial: StudyRecord.Trial) -> String {
        trial.number == study.ranking.first?.number ? "best" : trial.state == "completed" ? "dot whole" : "dot pruned"
    }

    private var allowsLogarithm: Bool { !study.isHigherBetter }

    /// Every trial by its number, and the best so far.
    var historyCard: Markup? {
        let trials = shown
        guard let last = study.trials.map(\.number).max(), !trials.isEmpty else { return nil }
        let width = Double(max(last, 1))
        var best: [Point] = []
        for trial in study.measured where trial.state == "completed" {
            guard let value = trial.value else { continue }
            let place = Double(trial.number) / width
            guard let previous = best.last else {
                best.append(Point(x: place, y: value))
                continue
            }
            guard study.isBetter(value, than: previous.y) else { continue }
            best += [Point(x: place, y: previous.y), Point(x: place, y: value)]
        }
        if let previous = best.last { best.append(Point(x: 1, y: previous.y)) }
        let caption =
            "Each trial by its number: filled dots were completed, empty ones ended early. The line is the best so far."
        return card(
            "Optimisation history", caption,
            plot: TrialScatter(
                id: "history", summary: caption,
                dots: trials.map {
                    .init(place: Double($0.number) / width, value: $0.value ?? .nan, style: style($0), title: title($0))
                }, curve: best,
                ticks: { size in
                    let scale = Scale(kind: .linear, domain: 0...width, start: 0, end: 1)
                    let values = scale.ticks(about: size == .wide ? 8 : 5, whole: true)
                    return zip(values, Format.ticks(values, style: .number, kind: .linear)).map {
                        (scale.position($0), $1)
                    }
                }, unit: "trial", style: study.metric.style, allowsLogarithm: allowsLogarithm))
    }

    /// What each trial had reached after each epoch.
    var courseCard: Markup? {
        let trials = shown.filter { $0.course.count > 1 }
        guard let best = study.ranking.first, best.course.count > 1 else { return nil }
        let end = trials.flatMap { $0.course.map(\.x) }.max() ?? 1
        guard end < 1e7 else { return nil }
        let caption =
            "What each trial would have been worth had it ended after so many epochs; the strong line is the best trial."
        return card(
            "Courses", caption,
            plot: LinePlot(
                id: "courses", summary: caption, axis: TimeAxis(unit: "epoch", from: 1, end: max(end, 2)),
                series: [.init(name: "best", style: "plain", points: best.course)],
                background: trials.prefix(300).filter { $0.number != best.number }.map {
                    .init(name: "\($0.number)", style: "train", points: $0.course, isLabelled: false)
                }, backgroundReach: .infinity, style: study.metric.style, allowsLogarithm: allowsLogarithm))
    }

    var importanceCard: Markup? {
        guard !study.importances.isEmpty else { return nil }
        let sorted = study.importances.filter(\.value.isFinite).sorted { $0.value > $1.value }.prefix(20)
        let caption =
            "How much the best tenth of the trials differs from all of them in each setting (PED-ANOVA); the shares add up "
            + "to 100 %."
        return card(
            "What matters", caption,
            plot: BarPlot(
                id: "importances", summary: caption,
                bars: sorted.map { one in
                    let parameter = study.parameters.first { $0.path == one.name }
                    return .init(name: parameter?.shortName ?? one.name, value: max(0, one.value))
                }, style: .percent))
    }

    /// All settings of all trials at once.
    var parallelCard: Markup? {
        let ranked = shown.sorted { study.isBetter($1.value ?? .nan, than: $0.value ?? .nan) }
        let lines = ranked.suffix(400)
        guard lines.count > 1, !study.parameters.isEmpty else { return nil }
        let values = lines.compactMap(\.value)
        let scale = Scale.fitting(values, allowsLogarithm: allowsLogarithm)
        let position = Scale(kind: scale.kind, domain: scale.domain, start: 0, end: 1)
        let ticks = position.ticks(about: 5)
        let labels = Format.ticks(ticks, style: study.metric.style, kind: scale.kind)
        let axes =
            study.parameters.prefix(12).map { ParallelPlot.Axis(name: $0.shortName, ticks: $0.ticks(about: 5)) }
            + [.init(name: study.metric.name, ticks: zip(ticks, labels).map { (position.position($0), $1) })]
        let caption =
            "A line for each trial, through its settings to its value. Orange ones are the best, indigo ones the worst."
        return tag("figure", ["class": "card full broad"]) {
            tag("figcaption") {
                tag("h3") { "Parallel coordinates" }
                tag("p") { caption }
            }
            ParallelPlot(
                id: "parallel", summary: caption, axes: axes,
                lines: lines.enumerated().map { rank, trial in
                    let level = lines.count > 1 ? rank * (Theme.heatLevels - 1) / (lines.count - 1) : 0
                    return .init(
                        places: trial.places.prefix(12) + [position.position(trial.value ?? .nan).clamped(to: 0...1)],
                        style: "depth\(level)\(rank < lines.count * 3 / 4 ? " dim" : "")", title: title(trial))
                }
            ).markup
        }
    }

    /// The values of trials over each setting.
    var sliceCards: [Markup] {
        let trials = shown
        guard trials.count > 1 else { return [] }
        return study.parameters.prefix(40).enumerated().map { index, parameter in
            let caption = "The value of each trial by \(parameter.path)."
            return card(
                parameter.path, caption,
                plot: TrialScatter(
                    id: "slice-\(index)", summary: caption,
                    dots: trials.map {
                        .init(place: $0.places[index], value: $0.value ?? .nan, style: style($0), title: title($0))
                    }, ticks: { parameter.ticks(about: $0 == .wide ? 7 : 4) }, unit: parameter.path,
                    style: study.metric.style, allowsLogarithm: allowsLogarithm))
        }
    }

    /// The best trials, and what is wrong with each.
    var trialCard: Markup? {
        let rest = study.trials.filter { $0.state != "completed" }.suffix(20)
        let rows = study.ranking.prefix(30) + (study.ranking.count < 10 ? rest : [])
        guard !rows.isEmpty else { return nil }
        let head =
            ["Trial", study.metric.title] + study.parameters.map(\.shortName) + ["Epochs", "What the doctor found"]
        return tag("div", ["class": "card full long trials"]) {
            tag("h3") { "The best trials" }
            tag("p") { "With what the doctor found in each: a good value does not make a training healthy." }
            scrolling("The best trials") {
                table(head, numbers: Set(0...study.parameters.count + 2)) {
                    rows.map { trial -> [[Markup]] in
                        let value = trial.value.map { study.metric.style($0) } ?? "–"
                        let cells =
                            [String(trial.number), value] + trial.settings + [
                                Format.count(Int(trial.course.last?.x.clamped(to: 0...1e9) ?? 0))
                            ]
                        return cells.map { [.text($0)] } + [findings(of: trial)]
                    }
                }
            }
        }
    }

    private func findings(of trial: StudyRecord.Trial) -> [Markup] {
        let problems = trial.findings.filter { $0.severity > .info }
        if trial.state == "failed" { return [.text("failed: \(trial.message?.prefix(200) ?? "")")] }
        if problems.isEmpty { return [.text(trial.state == "pruned" ? "ended early" : "✓ healthy")] }
        var names: [String] = []
        for problem in problems where !names.contains(Words.of(problem.symptom)) {
            names.append(Words.of(problem.symptom))
        }
        return [.text(names.joined(separator: ", "))]
    }
}
