/// What was changed to put the training right, and what that came to on several seeds.
extension ReportPage {
    var repairCards: [Markup] {
        guard let repair = run.repair else { return [] }
        return [outcomeCard(repair), seedCard(repair), attemptCard(repair)].compactMap { $0 }
    }

    private func metric(of repair: RepairRecord) -> Metric {
        Metric(key: repair.metric.split(separator: "_").last.map(String.init) ?? repair.metric)
    }

    private func outcomeCard(_ repair: RepairRecord) -> Markup {
        let metric = metric(of: repair), style = metric.style
        let (before, after) = (repair.before.mean, repair.after.mean)
        let gain = before.flatMap { before in after.map { $0 - before } }
        return tag("div", ["class": "card"]) {
            tag("h3") {
                repair.isRepaired ? Icon.healthy : Icon.sign(of: .warning)
                tag("span") { repair.isRepaired ? "Repaired" : "Not repaired" }
            }
            tag("p") {
                repair.isRepaired
                    ? "What was changed holds on samples that the training has not seen."
                    : "Nothing that was tried holds on samples that the training has not seen."
            }
            facts([
                ("Measured by", Words.of(repair.metric)), ("Before", before.map { style($0) }),
                ("After", after.map { style($0) }),
                (
                    "Gain",
                    gain.map { gain in
                        metric.isShare
                            ? "\(Format.number(gain * 100)) points" : (gain > 0 ? "+" : "") + Format.number(gain)
                    }
                ),
                ("Configuration", repair.isRepaired ? repair.configuration : nil),
            ])
            accepted(repair)
        }
    }

    private func accepted(_ repair: RepairRecord) -> [Markup] {
        let remedies = repair.attempts.filter(\.isAccepted).flatMap(\.remedies).prefix(8)
        return remedies.enumerated().flatMap { index, remedy -> [Markup] in
            [tag("h4") { Words.title(remedy.name) }]
                + (remedy.why.map { why in [tag("p") { cut(why, to: 500) }] } ?? [])
                + (remedy.change.map { [change($0, id: "repair-\(index)")] } ?? [])
        }
    }

    private func seedCard(_ repair: RepairRecord) -> Markup? {
        let before = Array(repair.before.values.prefix(50)), after = Array(repair.after.values.prefix(50))
        guard (before + after).contains(where: \.isFinite) else { return nil }
        let style = metric(of: repair).style
        let caption =
            "\(Words.title(repair.metric)) by seed: from \(before.map { style($0) }.joined(separator: ", ")) to "
            + "\(after.map { style($0) }.joined(separator: ", "))."
        return card(
            "Before and after", caption,
            plot: PairedDots(id: "repair", summary: caption, before: before, after: after, style: style))
    }

    private func attemptCard(_ repair: RepairRecord) -> Markup? {
        guard !repair.attempts.isEmpty else { return nil }
        let style = metric(of: repair).style
        let shown = repair.attempts.prefix(60)
        return tag("div", ["class": "card full long"]) {
            tag("h3") { "What was tried" }
            tag("p") { "In this order. Only what helps on held-out samples, over all seeds, is kept." }
            scrolling("Attempts at a repair") {
                table(["", "Remedies", Words.title(repair.metric), "Kept", "Why"], numbers: [0, 2]) {
                    shown.enumerated().map { index, attempt in
                        let names = attempt.remedies.prefix(8).map { Words.of($0.name) }.joined(separator: " + ")
                        return [
                            [.text(String(index + 1))], [.text(names.isEmpty ? "as it was" : names)],
                            [.text(attempt.value.mean.map { style($0) } ?? "–")],
                            [.text(attempt.isAccepted ? "✓ yes" : "no")],
                            [.text(cut(attempt.reason ?? "", to: 500))],
                        ]
                    }
                }
            }
        }
    }
}
