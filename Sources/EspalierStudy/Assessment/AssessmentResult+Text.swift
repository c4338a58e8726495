extension AssessmentResult {
    /// The verdict, then the numbers as tables.
    public var text: String {
        var lines = ["\(name): \(verdict.fit.words)", ""]
        lines += verdict.sentences.map { "- \($0.text)" }
        lines += ["", "\(metric) on \(samples) held-out samples (\(heldOut)); in brackets 95 % intervals", ""]
        lines += Self.table(
            ["", metric, "model minus this"],
            [["the model", model.heldOut.brief, ""]]
                + baselines.map { baseline in
                    [
                        baseline.name + (baseline.setting.map { " (\($0))" } ?? ""), baseline.score.brief,
                        baseline.difference.brief,
                    ]
                })
        if capacity.count > 1 {
            lines +=
                [""]
                + Self.table(
                    ["width", "parameters", "training", "held out"],
                    capacity.map { ["\($0.at)", "\($0.parameters)", $0.train.brief, $0.heldOut.brief] })
        }
        if data.count > 1 {
            lines +=
                [""]
                + Self.table(
                    ["rows", "training", "held out"], data.map { ["\($0.rows)", $0.train.brief, $0.heldOut.brief] })
        }
        if let decomposition { lines += [""] + Self.table(["error", "mean"], decomposition.rows) }
        if !ensembles.isEmpty {
            lines +=
                [""]
                + Self.table(
                    ["ensemble", metric, "negative log-likelihood", "calibration error"],
                    ensembles.map {
                        [$0.name, $0.score.brief, $0.negativeLogLikelihood.brief, $0.calibrationError?.brief ?? "–"]
                    })
        }
        lines += ["", "\(trainings) trainings" + (failed > 0 ? ", \(failed) of which came to nothing" : "")]
        if let cutOff {
            lines.append(
                cutOff == "clock" ? "cut off by assessment.seconds: what is missing was not trained" : "interrupted")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> [String] {
        let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
        return ([head] + rows).map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return "  " + String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
    }
}

extension AssessmentVerdict.Fit {
    /// `just right`.
    var words: String {
        switch self {
        case .tooSimple: "too simple"
        case .tooComplex: "too complex"
        case .justRight: "just right"
        case .undecided: "undecided"
        }
    }
}

extension Decomposition {
    /// Names and numbers.
    fileprivate var rows: [[String]] {
        let parts: [(String, String?)] = [
            (noise == nil ? "bias, noise included" : "bias", bias.brief), ("noise", noise?.digits),
            ("variance", variance.brief), ("unbiased variance", unbiasedVariance?.brief),
            ("biased variance", biasedVariance?.brief), ("whole error", error.brief),
        ]
        return parts.compactMap { name, value in value.map { [name, $0] } }
    }
}
