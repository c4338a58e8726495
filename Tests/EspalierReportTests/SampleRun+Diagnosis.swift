/// What a doctor may have left in a made-up run folder.
extension SampleRun {
    static func finding(
        _ symptom: String, at location: String? = "0", step: String = "200", severity: String = "error",
        evidence: String = #"{"share": 0.6, "threshold": 0.5, "samples": 40}"#
    ) -> String {
        let place = location.map { "\"\($0)\"" } ?? "null"
        return """
            {"symptom": "\(symptom)", "where": \(place), "step": \(step), "severity": "\(severity)",
             "evidence": \(evidence), "explanation": "What \(symptom) is, and how it was seen here.",
             "remedies": [{"name": "changeLearningRate", "settings": {"factor": 0.1}, "why": "smaller steps do not overshoot",
             "change": {"optimizer": {"sgd": {"learningRate": 0.001}}}}], "consequences": ["lossNotDecreasing"]}
            """
    }

    static func diagnosis(_ findings: [String]) -> String {
        #"{"healthy": false, "findings": [\#(findings.joined(separator: ","))]}"#
    }

    static let diagnosis = diagnosis([
        finding("dyingReLU"), finding("leakage", at: "price", step: "0", severity: "info"),
    ])

    /// A finding of each symptom, over and over.
    static let manyFindings = diagnosis(
        (0..<60).map { index in
            let symptoms = [
                "vanishingGradient", "learningRateTooHigh", "saturatedActivation", "poorInitialization", "dyingReLU",
                "lossNotDecreasing", "overfitting", "nonFinite", "underfitting", "labelImbalance",
            ]
            return finding(symptoms[index % symptoms.count], at: "\(index)", step: "\(index)")
        })

    static let repair = """
        {"repaired": true, "metric": "validation_accuracy", "before": {"mean": 0.5, "values": [0.5, 0.48, 0.52]},
         "after": {"mean": 0.85, "values": [0.86, 0.84, 0.85]}, "config": "repaired.yaml", "seconds": 12.5,
         "attempts": [{"remedies": ["changeLearningRate"], "value": {"mean": 0.51}, "accepted": false, "reason": "no gain"},
         {"remedies": [{"name": "addBatchNormalization", "why": "outputs keep their spread",
         "change": {"model": ["relu", {"linear": {"units": 5}}]}}], "value": {"mean": 0.85}, "accepted": true,
         "reason": "better on all seeds"}]}
        """
}
