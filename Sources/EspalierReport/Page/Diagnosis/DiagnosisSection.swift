import EspalierSpec

/// What is wrong with the training, on what evidence, and what would help.
extension ReportPage {
    /// What was found in the end, or what was told so far; nothing where nobody has looked.
    var diagnosis: DiagnosisRecord? {
        if let diagnosis = run.diagnosis { return diagnosis }
        guard !run.told.isEmpty else { return nil }
        var seen: Set<[String?]> = []
        return DiagnosisRecord(findings: run.told.filter { seen.insert([$0.symptom, $0.location]).inserted })
    }

    /// More than anybody reads; a page stays small whatever a file says.
    private static let shownFindings = 24
    /// So many findings have their plots.
    private static let provenFindings = 8

    var diagnosisSection: Markup {
        guard let diagnosis else { return .empty }
        let findings = diagnosis.findings.enumerated().prefix(Self.shownFindings)
        let problems = findings.filter { $0.element.severity > .info }
        let notes = findings.filter { $0.element.severity == .info }
        let left = diagnosis.findings.count - findings.count
        return tag("section", ["class": "diagnosis"]) {
            tag("h2") { "Diagnosis" }
            tag("p", ["class": "finding-line"]) {
                diagnosis.problems.map(\.severity).max().map(Icon.sign) ?? Icon.healthy
                tag("span") { sentence(diagnosis) }
            }
            tag("div", ["class": "cards"]) {
                problems.map { card($0.element, number: $0.offset) }
                if !notes.isEmpty {
                    tag("details", ["class": "card full long"]) {
                        tag("summary") { "Worth knowing: \(Format.count(notes.count, "note"))" }
                        notes.map { card($0.element, number: $0.offset) }
                    }
                }
            }
            if left > 0 { tag("p") { "\(Format.count(left, "finding")) more in diagnosis.json." } }
        }
    }

    /// What was found, and what was looked at, in a sentence.
    private func sentence(_ diagnosis: DiagnosisRecord) -> String {
        let opening = run.diagnosis == nil ? "So far: " : ""
        let problems = diagnosis.problems
        guard !problems.isEmpty else {
            return "\(opening.isEmpty ? "Healthy: " : opening)nothing that matters was found in \(whatWasLookedAt)."
        }
        var names: [String] = []
        for name in problems.map({ Words.of($0.symptom) }) where !names.contains(name) { names.append(name) }
        let shown = names.prefix(6).joined(separator: ", ") + (names.count > 6 ? ", …" : "")
        return "\(opening)\(Format.count(problems.count, "problem")) found: \(shown)."
    }

    private var whatWasLookedAt: String {
        let layers = probed.layers.count
        let probes = run.probes.count { !($0.layers ?? []).isEmpty }
        let parts = [
            "the configuration", run.baselines == nil ? nil : "the data",
            probes == 0 ? nil : "\(Format.count(probes, "probe")) of \(Format.count(layers, "layer"))",
            run.epochs.isEmpty ? nil : "the curves of \(Format.count(run.epochs.count, "epoch"))",
        ].compactMap { $0 }
        return parts.count < 2
            ? parts.joined() : parts.dropLast().joined(separator: ", ") + " and " + (parts.last ?? "")
    }
}

extension ReportPage {
    private func card(_ finding: DiagnosisRecord.Finding, number: Int) -> Markup {
        let proofs = number < Self.provenFindings ? proofs(of: finding, id: "proof-\(number)") : []
        return tag("article", ["class": "card full finding \(finding.severity.rawValue)"]) {
            tag("h3") {
                Icon.sign(of: finding.severity)
                tag("span", ["class": "severity"]) { finding.severity.label }
                tag("span") { Words.title(finding.symptom) }
                tag("small") { place(of: finding) }
            }
            tag("div", ["class": proofs.isEmpty ? "columns single" : "columns"]) {
                tag("div") {
                    tag("p", ["class": "explanation"]) { cut(finding.explanation, to: 2_000) }
                    chain(finding)
                    evidence(finding)
                    remedies(finding, number: number)
                }
                if !proofs.isEmpty {
                    tag("div") {
                        proofs.map { proof in
                            tag("figure", ["class": "proof"]) {
                                tag("figcaption") {
                                    tag("h4") { proof.title }
                                    tag("p") { proof.caption }
                                }
                                proof.plot.markup
                            }
                        }
                    }
                }
            }
        }
    }

    /// `at layer 1 ReLU, step 251`.
    private func place(of finding: DiagnosisRecord.Finding) -> String {
        let location = finding.location.map { path in
            run.start?.model?.contains { $0.path == path } == true ? "layer \(labels(of: [path])[0])" : path
        }
        let moment = finding.step.map { $0 == 0 ? "before the first step" : "step \(Format.count($0))" }
        return [location, moment].compactMap { $0 }.joined(separator: ", ")
    }

    /// What follows from the cause.
    private func chain(_ finding: DiagnosisRecord.Finding) -> Markup {
        guard !finding.consequences.isEmpty else { return .empty }
        return tag("p", ["class": "chain"]) {
            tag("b") { Words.title(finding.symptom) }
            " → "
            finding.consequences.prefix(12).map { Words.of($0) }.joined(separator: ", ")
            ": what was seen beside it follows from it."
        }
    }

    private func evidence(_ finding: DiagnosisRecord.Finding) -> Markup {
        let numbers = finding.evidence.prefix(24)
        guard !numbers.isEmpty else { return .empty }
        return .group([
            tag("h4") { "Evidence" },
            table(["Measured", "Value"], numbers: [1]) {
                numbers.map { [[.text(Words.of($0.name))], [.text(Format.number($0.value))]] }
            },
        ])
    }

    private func remedies(_ finding: DiagnosisRecord.Finding, number: Int) -> Markup {
        guard !finding.remedies.isEmpty else { return .empty }
        return .group([
            tag("h4") { "What would help, the likeliest first" },
            tag("ol", ["class": "remedies"]) {
                finding.remedies.prefix(8).enumerated().map { index, remedy in
                    tag("li") {
                        tag("b") { Words.title(remedy.name) }
                        if let why = remedy.why { ": \(cut(why, to: 500))" }
                        remedy.change.map { change in
                            folded(open: number == 0 && index == 0) {
                                self.change(change, id: "change-\(number)-\(index)")
                            }
                        } ?? .empty
                    }
                }
            },
        ])
    }

    /// What few readers need of most remedies, a line high until somebody asks for it.
    private func folded(open isOpen: Bool, content: () -> Markup) -> Markup {
        tag("details", ["class": "sets", "open": isOpen ? "open" : nil]) {
            tag("summary") { "What it sets" }
            content()
        }
    }

    /// A part of a configuration, to be copied.
    func change(_ change: ConfigurationValue, id: String) -> Markup {
        let text = cut(String(YAML.write(change).dropLast()), to: 4_000)
        return tag("div", ["class": "change"]) {
            tag("pre", ["tabindex": "0", "aria-label": "the change in config.yaml"]) {
                tag("code", ["id": id]) { highlighted(yaml: text) }
            }
            tag("button", ["type": "button", "data-copy": id, "hidden": "hidden"]) { "Copy" }
        }
    }

    func cut(_ text: String, to limit: Int) -> String { text.count > limit ? "\(text.prefix(limit))…" : text }
}
