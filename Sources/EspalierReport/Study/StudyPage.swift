/// The document of a search: what was found first, then how, then every trial.
struct StudyPage {
    let study: StudyRecord

    init(_ study: StudyRecord) { self.study = study }

    var markup: Markup {
        document(
            title: "\(study.name) · search report", brand: "search report",
            footer: "Written by Espalier from the study's own files; this page loads nothing else."
        ) {
            tag("header") {
                tag("h1") {
                    tag("span") { study.name }
                    tag("span", ["class": "status \(isDone ? "" : "unfinished")"]) { isDone ? "Done" : "Unfinished" }
                }
                tag("p", ["class": "verdict"]) { headline }
                tag("p", ["class": "remarks"]) { remarks }
            }
            tag("main") {
                if !tiles.isEmpty { tag("dl", ["class": "tiles"]) { tiles } }
                part("Course", [historyCard, courseCard, importanceCard].compactMap { $0 })
                part("Settings", [parallelCard].compactMap { $0 } + sliceCards)
                part("Trials", [trialCard].compactMap { $0 })
            }
        }
    }

    private func part(_ title: String, _ cards: [Markup]) -> Markup {
        guard !cards.isEmpty else { return .empty }
        return tag("section") {
            tag("h2") { title }
            tag("div", ["class": "cards"]) { cards }
        }
    }

    // In words

    private var isDone: Bool { ended.count >= study.count }

    private var ended: [StudyRecord.Trial] {
        study.trials.filter { ["completed", "pruned", "failed"].contains($0.state) }
    }

    private var best: StudyRecord.Trial? { study.ranking.first }

    private var headline: String {
        guard let best, let value = best.value else { return "No trial is completed yet." }
        return "The best of \(Format.count(ended.count, "trial")) reaches a validation \(study.metric.name) of "
            + "\(study.metric.style(value))."
    }

    private var remarks: String {
        var sentences: [String] = []
        if let best {
            let settings = zip(study.parameters, best.settings).map { "\($0.path) \($1)" }
            sentences.append("It is trial \(best.number), with \(settings.joined(separator: ", ")).")
        }
        if let median = medianOfCompleted, let value = best?.value, value != median {
            sentences.append(
                "Half of the completed ones are \(study.isHigherBetter ? "at most" : "at least") \(study.metric.style(median))."
            )
        }
        if let first = study.importances.max(by: { $0.value < $1.value }), first.value > 0 {
            sentences.append("What told good trials from others most is \(first.name).")
        }
        sentences.append(
            "The value is that of the samples it was chosen by, so it flatters; the test set says what the choice is worth."
        )
        return sentences.joined(separator: " ")
    }

    private var medianOfCompleted: Double? {
        let values = study.ranking.compactMap(\.value)
        return values.count < 3 ? nil : values[values.count / 2]
    }

    private var tiles: [Markup] {
        func count(_ state: String) -> Int { study.trials.count { $0.state == state } }
        let seconds = study.trials.compactMap(\.seconds).filter(\.isFinite).reduce(0, +)
        let healthy = ended.count { !$0.findings.contains { $0.severity > .info } }
        let entries: [(String, String, String?)] = [
            ("Trials", Format.count(ended.count), "of \(Format.count(study.count))"),
            ("Completed", Format.count(count("completed")), nil),
            ("Ended early", Format.count(count("pruned")), study.pruner == "none" ? nil : "by \(study.pruner)"),
            ("Failed", Format.count(count("failed")), nil),
            ("Healthy", Format.count(healthy), "nothing wrong was found"),
            ("Sampler", study.sampler, nil),
            ("Time of trials", Format.duration(seconds), nil),
        ]
        return entries.map { name, value, detail in
            tag("div") {
                tag("dt") { name }
                tag("dd") {
                    value
                    if let detail { tag("small") { detail } }
                }
            }
        }
    }
}
