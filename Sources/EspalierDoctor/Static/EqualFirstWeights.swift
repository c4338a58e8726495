import EspalierNN
import EspalierTraining

/// All weights of a hidden layer begin with one value: its units compute the same, receive the same gradient and stay the
/// same.
///
/// They do so for good where the layer that follows weighs all of them alike too; where that one's weights are drawn, its
/// differences slowly reach them. Source: Goodfellow, Bengio and Courville 2016, "Deep learning", section 8.4.
enum EqualFirstWeights: Check {
    static func findings(in prepared: PreparedExperiment) -> [Finding] {
        let sketch = ModelSketch(prepared.model, sampleShape: prepared.data.train.sampleShape)
        // Those of residual bodies stay out: they may end with zeros, so as to begin as the identity (Goyal et al. 2017,
        // "Accurate, large minibatch SGD").
        let maps = sketch.parts.filter { $0.weight != nil }
        let hasNoise = sketch.leaves.contains { if case .dropout = $0.kind { true } else { false } }
        let equal = zip(maps, maps.dropFirst()).filter { first, _ in first.units > 1 && isConstant(first) }
        guard let (first, second) = equal.first else { return [] }
        let isForGood = isConstant(second) && !hasNoise
        return [
            Finding(
                .symmetricWeights, at: first.path, isForGood ? .error : .warning,
                evidence: [
                    .init("layers", Double(equal.count)), .init("units", Double(first.units)),
                    .init("value", value(first) ?? 0),
                ],
                explanation:
                    "All weights of \(first.layer) (\(first.path)) begin as \((value(first) ?? 0).short). So its "
                    + "\(first.units) units put out the same, "
                    + (isForGood
                        ? "and as the next layer's weights are all equal too, they receive the same gradient and stay equal for "
                            + "good: the layer is worth one unit. "
                        : "and only what comes after them makes them differ, slowly. ")
                    + "Weights have to be drawn at random; only biases may begin equal.",
                remedies: [.init(MatchingInitialization())])
        ]
    }

    private static func isConstant(_ part: ModelSketch.Part) -> Bool { part.weight?.isConstant ?? false }

    private static func value(_ part: ModelSketch.Part) -> Double? { part.weight?.constant }
}

extension Parameter.Slot {
    /// With which value all of it begins; nothing where its values differ.
    var constant: Double? {
        switch initializer {
        case is Zeros: 0
        case is Ones: 1
        case let constant as ConstantInitializer: constant.value
        default: nil
        }
    }

    var isConstant: Bool { constant != nil }
}
