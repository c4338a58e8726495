/// The kernels of a training's step: what each computes, how long that takes, how near it is to what the machine can do.
extension ReportPage {
    var planCards: [Markup] {
        guard let plan = run.plan, !plan.kernels.isEmpty else { return [] }
        return [kindCard(plan), machineCard(plan), kernelCard(plan)]
    }

    // Summaries

    private func kindCard(_ plan: PlanRecord) -> Markup {
        let kinds = Dictionary(grouping: plan.kernels, by: \.kind)
            .map { (kind: $0.key, count: $0.value.count, share: $0.value.reduce(0) { $0 + $1.share }) }
            .sorted { ($1.share, $0.kind) < ($0.share, $1.kind) }
        return tag("div", ["class": "card"]) {
            tag("h3") { "Time by kind of kernel" }
            tag("p") { "Of a step with the plan “\(plan.name)”: medians of \(Format.count(plan.steps, "step"))." }
            tag("table") {
                tag("thead") {
                    tag("tr") {
                        tag("th", ["scope": "col"]) { "Kind" }
                        ["Kernels", "Share of time"].map(numberHead)
                        barHead
                    }
                }
                tag("tbody") {
                    kinds.map { kind in
                        tag("tr") {
                            tag("td") { kind.kind }
                            tag("td", ["class": "number"]) { Format.count(kind.count) }
                            tag("td", ["class": "number"]) { Format.percent(kind.share) }
                            bar(kind.share)
                        }
                    }
                }
            }
        }
    }

    private func machineCard(_ plan: PlanRecord) -> Markup {
        let operations = plan.kernels.reduce(0) { $0 + Double($1.operations) }
        let bytes = plan.kernels.reduce(0) { $0 + Double($1.bytesRead) + Double($1.bytesWritten) }
        let seconds = plan.kernels.reduce(0) { $0 + $1.seconds }
        let caches = plan.peak.bandwidths.dropLast().map {
            "\(Format.scaled($0.bytesPerSecond, "B/s")) for \(Format.bytes($0.bytes))"
        }
        return tag("div", ["class": "card"]) {
            tag("h3") { "Step and machine" }
            tag("p") { "The peak was measured after the training: a product of large matrices, copies of memory." }
            facts([
                ("One step", Format.duration(plan.stepSeconds)),
                ("Kernels", "\(Format.count(plan.kernels.count)), on \(Format.count(plan.peak.threads, "thread"))"),
                ("Share of peak", Format.percent(plan.shareOfPeak)),
                (
                    "Arithmetic",
                    Format.scaled(operations / seconds, "flop/s") + " of "
                        + Format.scaled(plan.peak.operationsPerSecond, "flop/s")
                ),
                (
                    "Memory",
                    "\(Format.scaled(bytes / seconds, "B/s")); the peak is "
                        + "\(plan.peak.bandwidths.last.map { Format.scaled($0.bytesPerSecond, "B/s") } ?? "unknown")"
                ),
                ("From caches", caches.isEmpty ? nil : caches.joined(separator: ", ")),
                ("Intermediate results", Format.bytes(plan.arenaBytes)),
                ("The plan’s memory", Format.bytes(plan.bytes)),
            ])
        }
    }

    // Kernels

    /// So many kernels are listed, the longest of them where there are more.
    private static let listed = 300

    private func kernelCard(_ plan: PlanRecord) -> Markup {
        let longest = plan.kernels.sorted { $0.seconds > $1.seconds }.prefix(Self.listed)
        let shown = longest.sorted { $0.index < $1.index }
        return tag("div", ["class": "card full long"]) {
            tag("h3") { shown.count < plan.kernels.count ? "The \(shown.count) longest kernels" : "Every kernel" }
            tag("p") {
                "Of peak: the shortest time that this machine could take, by the kernel’s arithmetic or by its memory, "
                    + "whichever is longer, over the time it took. A kernel opens to what it reads and writes."
            }
            orderSwitch
            scrolling("Kernels of the plan") {
                tag("table", ["class": "kernels"]) {
                    tag("thead") {
                        tag("tr") {
                            tag("th", ["scope": "col", "class": "number"]) { "No." }
                            tag("th", ["scope": "col"]) { "Kernel" }
                            ["Time", "Share"].map(numberHead)
                            barHead
                            ["Of peak", "Gflop/s", "GB/s"].map(numberHead)
                            tag("th", ["scope": "col"]) { "Result" }
                        }
                    }
                    tag("tbody", ["id": "kernels"]) { shown.map { row($0, longest: longest.first?.share ?? 1) } }
                }
            }
        }
    }

    /// Shown by the script, which it needs.
    private var orderSwitch: Markup {
        tag("fieldset", ["class": "order", "data-orders": "kernels", "hidden": "hidden"]) {
            tag("legend", ["class": "unseen"]) { "Order of the kernels" }
            [("index", "In order"), ("seconds", "Longest first")].map { key, label in
                tag("label") {
                    tag(
                        "input",
                        [
                            "type": "radio", "name": "kernel-order", "value": key,
                            "checked": key == "index" ? "checked" : nil,
                        ])
                    label
                }
            }
        }
    }

    private func row(_ kernel: PlanRecord.Kernel, longest: Double) -> Markup {
        let bytes = Double(kernel.bytesRead) + Double(kernel.bytesWritten)
        let work =
            "\(kernel.limit) limits it: \(Format.scaled(Double(kernel.operations), "flop")), "
            + "\(Format.bytes(kernel.bytesRead)) read, \(Format.bytes(kernel.bytesWritten)) written"
        return tag(
            "tr",
            ["title": work, "data-index": "\(kernel.index)", "data-seconds": Format.plain(kernel.seconds, digits: 6)]
        ) {
            tag("td", ["class": "number"]) { Format.count(kernel.index) }
            tag("td") {
                tag("details") {
                    tag("summary") {
                        tag("span") { kernel.kind }
                        if kernel.name != kernel.kind { tag("small") { kernel.name } }
                    }
                    facts(
                        kernel.operands.map { ("reads", $0) } + kernel.results.map { ("writes", $0) }
                            + [("work", work)])
                }
            }
            tag("td", ["class": "number"]) { Format.microseconds(kernel.seconds) }
            tag("td", ["class": "number"]) { Format.percent(kernel.share) }
            bar(kernel.share / longest)
            tag("td", ["class": "number"]) { Format.percent(kernel.shareOfPeak) }
            tag("td", ["class": "number"]) { kernel.operations == 0 ? "–" : giga(Double(kernel.operations), kernel) }
            tag("td", ["class": "number"]) { giga(bytes, kernel) }
            tag("td") { kernel.shape.isEmpty ? "scalar" : kernel.shape.map(String.init).joined(separator: " × ") }
        }
    }

    private func numberHead(_ name: String) -> Markup {
        tag("th", ["scope": "col", "class": "number"]) { name }
    }

    private var barHead: Markup {
        tag("th", ["scope": "col", "class": "share"]) { tag("span", ["class": "unseen"]) { "As a bar" } }
    }

    /// A cell that shows the number beside it.
    private func bar(_ fraction: Double) -> Markup {
        let width = fraction.isFinite ? fraction.clamped(to: 0...1) * 100 : 0
        return tag("td", ["class": "share"]) {
            tag("span", ["class": "bar", "style": "width:\(SVG.coordinate(width))%"])
        }
    }

    private func giga(_ amount: Double, _ kernel: PlanRecord.Kernel) -> String {
        kernel.seconds > 0 ? Format.number(amount / kernel.seconds * 1e-9) : "–"
    }
}
