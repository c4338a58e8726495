/// Several experiments on one page: what each came to, with a link to its own.
struct LabIndexPage {
    /// By the folder that each lies in.
    let records: [(folder: String, record: LabRecord)]

    var markup: Markup {
        let counts = records.map(\.record.counts)
        let expected = counts.reduce(0) { $0 + $1.expected }, inside = counts.reduce(0) { $0 + $1.inside }
        let seconds = records.compactMap(\.record.seconds).reduce(0, +)
        return document(
            title: "Lab", brand: "lab",
            footer: "Written by Espalier from the lab.json files in the folder; this page loads nothing else."
        ) {
            tag("header") {
                tag("h1") {
                    tag("span") { Format.count(records.count, "experiment") }
                    tag("span", ["class": "status \(inside == expected ? "" : "warning")"]) {
                        "\(inside) of \(expected) as expected"
                    }
                }
                tag("p", ["class": "verdict"]) { "The textbooks' experiments, measured" }
                tag("p", ["class": "remarks"]) {
                    "Each was carried out here, in \(Format.duration(seconds)) altogether; its page has the figures, and what there is to learn from it."
                }
            }
            tag("main") {
                [section("Experiments", cards: [overview]), section("Measured and expected", cards: [measurements])]
            }
        }
    }

    private var overview: Markup {
        tag("div", ["class": "card full long"]) {
            scrolling("Experiments") {
                table(["Experiment", "What", "As expected", "Data", "Time"], numbers: [2, 4], lines: [0, 1]) {
                    records.map { folder, record in
                        let (expected, inside) = record.counts
                        return [
                            [link(record.name, folder)], [.text(record.summary)],
                            [.text(expected > 0 ? "\(inside) of \(expected)" : "–")], [.text(record.data ?? "")],
                            [.text(record.seconds.map(Format.duration) ?? "")],
                        ]
                    }
                }
            }
        }
    }

    private var measurements: Markup {
        tag("div", ["class": "card full long"]) {
            scrolling("Measured and expected") {
                table(["Experiment", "What", "Measured", "Expected", ""], numbers: [2], lines: [0, 1]) {
                    records.flatMap { folder, record in
                        record.measurements.enumerated().map { index, one in
                            [
                                [index == 0 ? link(record.name, folder) : .empty], [.text(one.name)],
                                [.text(Format.number(one.measured, digits: 4))], [.text(LabPage.band(one))],
                                [LabPage.sign(one)],
                            ]
                        }
                    }
                }
            }
        }
    }

    private func link(_ name: String, _ folder: String) -> Markup {
        tag("a", ["href": "\(folder)/report.html"]) { name }
    }
}
