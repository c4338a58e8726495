import EspalierTraining

extension Preflight {
    /// A finding on how the gradient changes on its way from the last hidden layer to the first.
    ///
    /// - Parameters:
    ///   - ratio: Its size at the first over that at the last.
    ///   - consequence: What becomes of the product over the layers, to the end of the sentence.
    func finding(
        _ symptom: Symptom, at first: LayerProbe, _ start: Start, ratio: Double, threshold: Double, consequence: String
    ) -> Finding {
        Finding(
            symptom, at: first.path, step: 0, severity,
            evidence: [
                .init("ratio", ratio), .init("threshold", threshold), .init("layers", Double(start.hidden.count)),
            ] + learningEvidence,
            explanation:
                "With the first weights, the gradient at layer \(first.path) is \(ratio.short) times that at the last hidden "
                + "one; it should be of about the same size. Each layer multiplies it by its weights and by the slope of its "
                + "activation, and over \(start.hidden.count) layers that product \(consequence)" + learningSentence)
    }
}
