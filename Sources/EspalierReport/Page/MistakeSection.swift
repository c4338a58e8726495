/// Where the model is most mistaken, and how far its probabilities can be believed.
extension ReportPage {
    var mistakeCards: [Markup] {
        guard let mistakes = run.mistakes else { return [] }
        return [calibration(mistakes), worstSamples(mistakes)].compactMap(\.self)
    }

    private func calibration(_ mistakes: MistakeRecord) -> Markup? {
        guard let calibration = mistakes.calibration else { return nil }
        // Rising, as a curve's points have to.
        let bins = calibration.bins.filter {
            (0...1).contains($0.confidence) && (0...1).contains($0.right) && $0.count > 0
        }
        .sorted { $0.confidence < $1.confidence }
        guard !bins.isEmpty, calibration.error.isFinite else { return nil }
        let caption =
            "How often the \(mistakes.set) samples' answers are right, by the probability that they were given; on the diagonal "
            + "as often as was said, below it the model is too sure. The mean distance, weighted by the number of samples, is "
            + "\(Format.number(calibration.error, digits: 3))."
        let right = LinePlot.Series(
            name: "right", style: "validation",
            points: bins.map { Point(x: $0.confidence, y: $0.right) })
        let diagonal = LinePlot.Series(
            name: "as was said", style: "train", points: [Point(x: 0, y: 0), Point(x: 1, y: 1)])
        var axis = TimeAxis(unit: "probability of the answer", from: 0, end: 1)
        axis.marksWhole = false
        return card(
            "Calibration", caption,
            plot: LinePlot(
                id: "calibration", summary: caption, axis: axis, series: [right], background: [diagonal],
                style: .percent, allowsLogarithm: false, domain: 0...1))
    }

    private func worstSamples(_ mistakes: MistakeRecord) -> Markup? {
        guard !mistakes.samples.isEmpty else { return nil }
        let hasImages = mistakes.samples.contains { $0.image != nil }
        let isOfClasses = mistakes.samples.contains { $0.probability != nil }
        let caption =
            isOfClasses
            ? "The \(mistakes.set) samples whose class the model thought least likely. Wrong labels are often among them."
            : "The \(mistakes.set) samples whose value the model misses by most. Wrong values are often among them."
        let last = isOfClasses ? "Probability of its class" : "Difference"
        return tag("div", ["class": "card"]) {
            tag("h3") { "Worst samples" }
            tag("p") { caption }
            scrolling("Worst samples") {
                table(
                    (hasImages ? [""] : []) + ["Sample", isOfClasses ? "Class" : "Value", "Answer", last],
                    numbers: isOfClasses ? [hasImages ? 4 : 3] : [1, 2, 3]
                ) {
                    mistakes.samples.prefix(50).map { sample in
                        (hasImages ? [[picture(sample)]] : [])
                            + [
                                [.text(sample.place)], [.text(sample.truth)], [.text(sample.answer)],
                                [
                                    .text(
                                        sample.probability.map(Format.percent)
                                            ?? sample.difference.map { Format.number($0, digits: 4) } ?? "–")
                                ],
                            ]
                    }
                }
            }
        }
    }

    private func picture(_ sample: MistakeRecord.Sample) -> Markup {
        guard let image = sample.image else { return .text("–") }
        return tag(
            "img",
            [
                "class": "sample", "src": "data:image/png;base64,\(image)",
                "alt": "\(sample.place): \(sample.truth), taken for \(sample.answer)",
            ])
    }
}
