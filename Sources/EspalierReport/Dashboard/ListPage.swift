import EspalierSpec

/// The page of all runs: how each is getting on.
struct ListPage {
    struct Entry {
        var id: String
        var run: LiveRun
    }

    var entries: [Entry]
    /// Where runs were looked for.
    var folders: [String]
    /// How many are there that the page does not show.
    var left: Int

    var parts: [Fragments.Part] {
        [.slot(name: "head", heading)]
            + [.section(title: "Runs", slots: entries.map { ("run-\($0.id)", card($0)) })]
            + (left > 0
                ? [.slot(name: "left", tag("p", ["class": "aside"]) { "\(Format.count(left, "older run")) more." })]
                : [])
    }

    private var heading: Markup {
        let running = entries.count { $0.run.activity.isRunning }
        let places = folders.joined(separator: ", ")
        return tag("div", ["class": "head"]) {
            tag("h1") { tag("span") { places } }
            tag("p", ["class": "verdict"]) {
                entries.isEmpty
                    ? "No runs yet."
                    : "\(Format.count(entries.count + left, "run")), "
                        + (running == 0 ? "none of them going on." : "\(Format.count(running)) going on.")
            }
            tag("p", ["class": "remarks"]) {
                entries.isEmpty
                    ? "A run appears here as soon as it begins: espalier train CONFIG."
                    : "A run that begins appears here by itself."
            }
        }
    }

    private func card(_ entry: Entry) -> Markup {
        let run = entry.run, page = ReportPage(run.record, activity: run.activity)
        return tag("article", ["class": "card run"]) {
            tag("h3") {
                tag("a", ["href": "/run/\(entry.id)"]) { name(of: run) }
                tag("span", ["class": "status \(page.verdict.status.rawValue)"]) { page.verdict.status.label }
                if let diagnosis = page.diagnosis {
                    tag("span", ["class": "status \(diagnosis.style)"]) { diagnosis.label }
                }
            }
            tag("p", ["class": "headline"]) { page.verdict.headline }
            if run.activity.isRunning { progressBar(of: run) }
            findings(page)
            sparkline(run.record)
            tag("p", ["class": "place"]) { run.folder }
        }
    }

    /// The run's own name, or that of its folder where others have the same.
    private func name(of run: LiveRun) -> String {
        let name = run.record.name
        let isShared = entries.count { $0.run.record.name == name } > 1
        return isShared ? run.folder.split(separator: "/").last.map(String.init) ?? name : name
    }

    private func findings(_ page: ReportPage) -> Markup {
        var names: [String] = []
        for name in (page.diagnosis?.problems ?? []).map({ Words.title($0.symptom) }) where !names.contains(name) {
            names.append(name)
        }
        guard !names.isEmpty else { return .empty }
        return tag("p", ["class": "findings"]) {
            names.prefix(4).joined(separator: ", ") + (names.count > 4 ? ", …" : "")
        }
    }

    /// The losses of all epochs, small.
    private func sparkline(_ run: RunRecord) -> Markup {
        let sets: [(style: String, value: (Event.Epoch) -> Double?)] = [
            ("train", { $0.train?["loss"] }), ("validation", { $0.validation?["loss"] }),
        ]
        let curves = sets.map { set in
            (set.style, run.epochs.map { Point(x: Double($0.epoch), y: set.value($0) ?? .nan) })
        }
        let levels = curves.flatMap { $0.1.map(\.y) }.filter(\.isFinite)
        guard run.epochs.count > 1, let first = run.epochs.first, let last = run.epochs.last, !levels.isEmpty else {
            return .empty
        }
        let (kind, domain) = Scale.fitting(levels)
        let x = Scale(kind: .linear, domain: Double(first.epoch)...Double(last.epoch), start: 2, end: 298)
        let y = Scale(kind: kind, domain: domain, start: 46, end: 2)
        return tag(
            "svg",
            [
                "class": "spark", "viewBox": "0 0 300 48", "preserveAspectRatio": "none", "role": "img",
                "aria-label": "Loss over the epochs",
            ]
        ) {
            curves.map { style, points in
                let places = downsampled(points, into: 100).map { Point(x: x.position($0.x), y: y.position($0.y)) }
                return SVG.path(SVG.polyline(places), class: "curve \(style)")
            }
        }
    }
}
