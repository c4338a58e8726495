/// The plot that shows what a finding says.
struct Proof {
    var title: String
    var caption: String
    var plot: any Plot
}

extension ReportPage {
    /// What proves the finding, as far as the run has it: chosen by the symptom, else its numbers and the course of the loss.
    func proofs(of finding: DiagnosisRecord.Finding, id: String) -> [Proof] {
        let chosen: [Proof?] =
            switch finding.symptom {
            case "vanishingGradient", "explodingGradient":
                // Where the gradient was lost at once, the outputs still show how the layers let them grow.
                [gradientOverDepth(finding, id: "\(id)-depth") ?? spreadOverDepth(finding, id: "\(id)-depth")]
            case "poorInitialization": [spreadOverDepth(finding, id: "\(id)-spread")]
            case "dyingReLU": [deadShares(finding, id: "\(id)-dead")]
            case "saturatedActivation":
                [saturatedShares(finding, id: "\(id)-saturated"), outputs(finding, id: "\(id)-outputs")]
            case "learningRateTooHigh", "learningRateTooLow", "unchangedWeights":
                [updates(finding, id: "\(id)-updates"), lossCourse(finding, id: "\(id)-loss")]
            case "overfitting", "overtraining": [trainAgainstValidation(id: "\(id)-gap")]
            case "nonFinite": [lossUntil(finding, id: "\(id)-until")]
            case "unstableLoss", "lossNotDecreasing", "slowConvergence", "underfitting", "excessiveRegularization",
                "wrongOutputActivation", "wrongLoss", "missingNonlinearity", "shuffledLabels":
                [lossCourse(finding, id: "\(id)-loss"), metricCourse(finding, id: "\(id)-metric")]
            default: [bars(finding, id: "\(id)-bars")]
            }
        let proofs = chosen.compactMap { $0 }
        if !proofs.isEmpty { return proofs }
        return [bars(finding, id: "\(id)-bars") ?? lossCourse(finding, id: "\(id)-loss")].compactMap { $0 }
    }

    /// What says how much there is of something, and is no measure of the fault.
    private static let sizes: Set<String> = [
        "step", "steps", "epoch", "epochs", "batchSize", "layers", "units", "features", "classes", "rows",
    ]

    /// The numbers of the evidence that can stand beside each other: shares, else numbers above one.
    private func bars(_ finding: DiagnosisRecord.Finding, id: String) -> Proof? {
        let numbers = finding.evidence.filter { $0.value.isFinite && $0.value >= 0 && !Self.sizes.contains($0.name) }
            .prefix(12)
        let shares = numbers.filter { $0.value <= 1 }, others = numbers.filter { $0.value > 1 }
        let chosen = shares.count >= max(others.count, 2) ? shares : others
        guard chosen.count > 1, chosen.contains(where: { $0.value > 0 }) else { return nil }
        let bars = chosen.map { BarPlot.Bar(name: Words.of($0.name), value: $0.value) }
        let said = bars.map { "\($0.name) \(Format.number($0.value))" }.joined(separator: ", ")
        return Proof(
            title: "The numbers beside each other", caption: "As in the table of evidence.",
            plot: BarPlot(id: id, summary: "\(said).", bars: Array(bars)))
    }
}
