/// The page of an assessment: the verdict, then what it rests on.
struct AssessmentPage {
    let record: AssessmentRecord

    var markup: Markup {
        document(
            title: "\(record.name) · assessment", brand: "assessment",
            footer: "Written by Espalier from assessment.json; this page loads nothing else."
        ) {
            tag("header") {
                tag("h1") {
                    tag("span") { record.name }
                    tag(
                        "span", ["class": "status \(["tooSimple", "tooComplex"].contains(record.fit) ? "warning" : "")"]
                    ) {
                        Words.of(record.fit)
                    }
                }
                tag("p", ["class": "verdict"]) { record.verdict }
                tag("p", ["class": "remarks lesson"]) { record.sentences.first { $0.about == "simpler" }?.text ?? "" }
            }
            tag("main") {
                section("What was found", cards: found)
                section("Beside something simpler", cards: simpler)
                section("Learning curves", cards: [capacity, data].compactMap { $0 })
                section("Bias and variance", cards: [decomposition].compactMap { $0 })
                section("Ensembles", cards: ensembles)
                section("Set-up", cards: [setUp])
            }
        }
    }

    private var style: Format.Style { record.metric.style }

    private func row(_ name: String, _ measured: AssessmentRecord.Measured) -> DotPlot.Row {
        DotPlot.Row(name: name, value: measured.value, interval: measured.interval)
    }

    /// A card with values of one kind and their intervals.
    private func dots(
        _ title: String, _ caption: String, id: String, axis: String, _ rows: [DotPlot.Row],
        _ style: Format.Style = .number
    ) -> Markup {
        card(
            title, caption, plot: DotPlot(id: id, summary: "\(title). \(caption)", axis: axis, rows: rows, style: style)
        )
    }
}

extension AssessmentPage {
    /// What the verdict and the comparison above rest on.
    private var found: [Markup] {
        let rest = record.sentences.filter { !["fit", "simpler"].contains($0.about) }
        guard !rest.isEmpty else { return [] }
        return [
            tag("div", ["class": "card full"]) {
                rest.map { sentence in tag("p") { sentence.text } }
            }
        ]
    }

    private var simpler: [Markup] {
        guard !record.baselines.isEmpty else { return [] }
        func name(_ baseline: AssessmentRecord.Baseline) -> String {
            baseline.name + (baseline.setting.map { ", \($0)" } ?? "")
        }
        let set = "the same \(record.samples.map { Format.count($0) } ?? "") held-out samples (\(record.heldOut))"
        return [
            dots(
                "Scores", "On \(set), with 95 % intervals.", id: "baselines", axis: record.metric.name,
                [row("the model", record.model.heldOut)] + record.baselines.map { row(name($0), $0.score) }, style),
            dots(
                "The model minus a simple one",
                "Sample by sample, so that what is hard for both does not count; one is shown to be better where the line "
                    + "does not reach 0.", id: "differences", axis: "difference in \(record.metric.name)",
                // The constant answer is far below the others, which would be squeezed into one place.
                record.baselines.suffix(max(1, record.baselines.count - 1)).map { row(name($0), $0.difference) }),
        ]
    }

    private var capacity: Markup? {
        curves(
            record.capacity, "Capacity",
            "The same training with wider and narrower hidden layers. Both curves still rising at the right say too simple; "
                + "held-out scores that fall there say too complex.", id: "capacity", unit: "parameters"
        ) { Double($0.parameters) }
    }

    private var data: Markup? {
        curves(
            record.data, "Rows",
            "The same model on fewer training rows, for as many steps. Where the held-out curve still rises at the right, more "
                + "rows would help; the gap between the curves is what was learned by heart.", id: "rows",
            unit: "training rows"
        ) { Double($0.rows) }
    }

    private func curves(
        _ places: [AssessmentRecord.Place], _ title: String, _ caption: String, id: String, unit: String,
        _ position: (AssessmentRecord.Place) -> Double
    ) -> Markup? {
        let places = places.filter { position($0) > 0 }.sorted { position($0) < position($1) }
        guard places.count > 1 else { return nil }
        func series(_ name: String, _ style: String, _ measured: (AssessmentRecord.Place) -> AssessmentRecord.Measured)
            -> LinePlot.Series
        {
            let values = places.map(measured)
            var series = LinePlot.Series(
                name: name, style: style,
                points: zip(places, values).map { Point(x: position($0), y: $1.value) })
            series.intervals = values.compactMap(\.interval)
            return series
        }
        let plot = LinePlot(
            id: id, summary: "\(title). \(caption)",
            axis: TimeAxis(unit, over: places.map(position), logarithmic: true),
            series: [
                series("training", "train") { $0.train }, series("held out", "validation") { $0.heldOut },
            ], style: style, allowsLogarithm: false)
        return card(title, caption + " Shaded: 95 % intervals over samples and seeds.", plot: plot)
    }

    private var decomposition: Markup? {
        guard !record.decomposition.isEmpty else { return nil }
        let isClass = record.metric.isShare
        return dots(
            "Where the error comes from",
            "Over training sets drawn with replacement: "
                + (isClass
                    ? "bias is what most of them get wrong, variance is where they differ, which hurts where most are right "
                        + "and helps where most are wrong."
                    : "bias is the squared error of their mean, variance their spread about it."),
            id: "decomposition",
            axis: isClass ? "share of the samples" : "squared error",
            record.decomposition.map { row($0.name, $0.measured) }, isClass ? .percent : .number)
    }

    private var ensembles: [Markup] {
        guard record.ensembles.count > 1 else { return [] }
        let calibration = record.ensembles.compactMap { ensemble in
            ensemble.calibrationError.map { row(ensemble.name, $0) }
        }
        return [
            dots(
                "Scores", "One training, and answers made of several.", id: "ensembles", axis: record.metric.name,
                record.ensembles.map { row($0.name, $0.score) }, style),
            dots(
                "Negative log-likelihood", "How surprised the answers are by what is right; less is better.",
                id: "likelihood", axis: "negative log-likelihood",
                record.ensembles.map { row($0.name, $0.negativeLogLikelihood) }),
        ]
            + (calibration.isEmpty
                ? []
                : [
                    dots(
                        "Calibration error", "How far probabilities are from shares of right answers; less is better.",
                        id: "calibration", axis: "calibration error", calibration)
                ])
    }

    private var setUp: Markup {
        tag("div", ["class": "card"]) {
            tag("h3") { "What was done" }
            facts([
                ("measured by", record.metric.name), ("held out", record.heldOut),
                ("held-out samples", record.samples.map { Format.count($0) }), ("chosen by", record.choice),
                ("training rows", Format.count(record.model.rows)),
                ("parameters", Format.count(record.model.parameters)),
                ("trainings", record.trainings.map { Format.count($0) }),
                ("came to nothing", record.failed.flatMap { $0 > 0 ? Format.count($0) : nil }),
                ("cut off by", record.cutOff),
            ])
        }
    }
}
