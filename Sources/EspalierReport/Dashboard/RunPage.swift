import EspalierSpec

/// The page of a run while it goes: what its report shows, and how to stop it and go on.
struct RunPage {
    let run: LiveRun
    private let page: ReportPage

    init(_ run: LiveRun) {
        self.run = run
        page = ReportPage(run.record, activity: run.activity)
    }

    var parts: [Fragments.Part] {
        guard run.isComplete else { return [.slot(name: "head", tag("div", ["class": "head"]) { reading })] }
        let sections = page.parts.map { title, cards in
            Fragments.Part.section(
                title: title, slots: cards.enumerated().map { ("\(title.lowercased().filter(\.isLetter))-\($0)", $1) })
        }
        return [
            .slot(name: "head", tag("div", ["class": "head"]) { page.heading }),
            .slot(name: "progress", .group([progress, commands, problems])),
            .slot(name: "time", page.times),
            .slot(name: "diagnosis", page.diagnosisSection),
        ] + sections.prefix(1) + [.slot(name: "tiles", page.tileList)] + sections.dropFirst()
    }

    /// What is known so far says little of how the run went.
    private var reading: [Markup] {
        [
            tag("h1") { tag("span") { run.record.name } },
            tag("p", ["class": "verdict"]) { "Reading what the run has written: \(Format.percent(run.readShare))." },
        ]
    }

    private var progress: Markup { run.activity.isRunning ? progressBar(of: run) : .empty }

    /// Stopping and going on are the command line's: a page that anybody's browser can reach only looks.
    private var commands: Markup {
        let folder = run.folder.shellWord
        let goOn = "espalier train --resume \(folder)"
        switch run.activity {
        case .running(let process):
            let stop = process.map { "kill -INT \($0)" }
            return tag("p", ["class": "commands"]) {
                "To stop after the step at hand: Ctrl-C in its terminal"
                if let stop {
                    ", or "
                    tag("code") { stop }
                }
                ". To go on later: "
                tag("code") { goOn }
            }
        case .ended where !hasEnded:
            return tag("p", ["class": "commands"]) {
                "No process works on this run. To go on from its last checkpoint: "
                tag("code") { goOn }
            }
        case .ended:
            return tag("p", ["class": "commands"]) {
                "To keep this page: "
                tag("code") { "espalier report \(folder)" }
            }
        }
    }

    private var hasEnded: Bool {
        [.completed, .stoppedEarly, .diverged].contains(page.verdict.status)
    }

    private var problems: Markup {
        guard !run.problems.isEmpty else { return .empty }
        return tag("div", ["class": "problems"]) {
            tag("b") { "Some of the run's files cannot be read" }
            run.problems.map { problem in tag("p") { page.cut(problem, to: 400) } }
        }
    }
}

/// How far a run is, with the time that it will still take at the pace so far.
func progressBar(of run: LiveRun) -> Markup {
    guard let pace = Pace(run.record) else { return .empty }
    let rest = pace.secondsLeft.map { ", about \(Format.duration($0)) left" } ?? ""
    let label = "step \(Format.count(pace.step)) of \(Format.count(pace.total))\(rest)"
    return tag("div", ["class": "progress"]) {
        tag(
            "div",
            [
                "role": "progressbar", "aria-label": "Steps taken", "aria-valuemin": "0",
                "aria-valuemax": "\(pace.total)", "aria-valuenow": "\(pace.step)", "class": "track",
            ]
        ) {
            tag("span", ["style": "width:\(SVG.coordinate(pace.share * 100))%"])
        }
        tag("small") { label }
    }
}
