import EspalierTraining

extension Diagnosis {
    /// Causes before what follows from them: a finding that another one explains is named in that one's `consequences`
    /// instead of standing by itself.
    ///
    /// - Parameters:
    ///   - findings: Of all looks.
    ///   - history: How the training went. Where it does well, what was feared before it and what would only explain a failure
    ///     is worth knowing and no more.
    public init(ordering findings: [Finding], after history: History? = nil) {
        var findings = findings
        if let history, history.end != nil, !history.isPoor {
            for index in findings.indices where Self.explainsFailure.contains(findings[index].symptom) {
                findings[index].severity = .info
            }
        }
        // Labels that held-out samples agree with mean something, though no simple model sees what.
        if let skill = history?.validationSkill, skill > Self.meaningful {
            for index in findings.indices where findings[index].symptom == .shuffledLabels {
                findings[index].severity = .info
            }
        }
        var seen: Set<String> = [], kept: [Finding] = []
        for cause in Self.rank(findings) where seen.insert(cause.key).inserted {
            if let index = kept.firstIndex(where: { Self.explains($0, cause) }) {
                // With what was found to follow from it by an earlier look.
                for symptom in [cause.symptom] + cause.consequences
                where kept[index].symptom != symptom && !kept[index].consequences.contains(symptom) {
                    kept[index].consequences.append(symptom)
                }
                continue
            }
            kept.append(cause)
        }
        self.init(findings: kept)
    }

    /// A skill on held-out samples that labels without meaning do not give.
    private static let meaningful = 0.2

    /// Those that matter first, and of these the causes.
    private static func rank(_ findings: [Finding]) -> [Finding] {
        findings.enumerated().sorted { first, second in
            let (a, b) = (first.element, second.element)
            if (a.severity > .info) != (b.severity > .info) { return a.severity > b.severity }
            if a.isGiven != b.isGiven { return a.isGiven }
            let (i, j) = (order[a.symptom] ?? .max, order[b.symptom] ?? .max)
            return i == j ? (a.severity == b.severity ? first.offset < second.offset : a.severity > b.severity) : i < j
        }.map(\.element)
    }

    /// Whether `effect` follows from `cause`: also where it is the same, seen by another look or in another layer.
    private static func explains(_ cause: Finding, _ effect: Finding) -> Bool {
        guard cause.severity > .info || effect.severity == .info else { return false }
        if cause.isGiven { return effect.symptom == .nonFinite || failing.union(inside).contains(effect.symptom) }
        if effect.isGiven { return false }
        return cause.symptom == effect.symptom
            ? cause.location == nil || consequences[cause.symptom]?.isEmpty == false
            : consequences[cause.symptom]?.contains(effect.symptom) ?? false
    }

    /// What brings about what, the deepest causes first: what is wrong with the task before what is wrong with the model,
    /// before the steps, before what is merely seen.
    private static let causes: [(cause: Symptom, effects: Set<Symptom>)] = [
        // A last layer or a loss that cannot tell what is asked for: nothing before it can learn it.
        (.wrongOutputActivation, failing.union(inside).union([.wrongLoss])),
        (.wrongLoss, failing.union(inside)),
        (.leakage, []),
        // Steps along what is no gradient lead anywhere.
        (.wrongGradient, failing.union(inside)),
        // What has no rule can only be learned by heart.
        (.shuffledLabels, failing.union([.labelNoise, .overfitting, .overtraining])),
        (.labelNoise, [.overfitting, .overtraining, .unstableLoss]),
        // Sums and gradients have the size of targets and inputs, whatever the weights.
        (.unscaledTarget, failing.union(inside)),
        (.unscaledInput, failing.union(inside)),
        // Equal units send equal gradients back, which cancel or fade.
        (.symmetricWeights, failing.union(inside)),
        (.missingNonlinearity, failing.union([.learningRateTooLow])),
        // Weights that are held near zero let neither signal nor gradient through, and any step is large for them.
        (
            .excessiveRegularization,
            failing.union([
                .vanishingGradient, .poorInitialization, .saturatedActivation, .dyingReLU, .learningRateTooHigh,
                .learningRateTooLow,
            ])
        ),
        // Steps that are too large throw weights where units die, saturate and let gradients grow or fade.
        (.learningRateTooHigh, failing.union(inside).subtracting([.learningRateTooHigh])),
        // From the first weights on, while the steps were not too large yet.
        (
            .explodingGradient,
            failing.union([
                .nonFinite, .poorInitialization, .saturatedActivation, .dyingReLU, .learningRateTooHigh,
            ])
        ),
        // Below a dead layer there is no gradient, and so no step.
        (.dyingReLU, failing.union([.vanishingGradient, .poorInitialization, .learningRateTooLow])),
        (.vanishingGradient, failing.union([.saturatedActivation, .poorInitialization, .learningRateTooLow])),
        (.saturatedActivation, failing.union([.learningRateTooLow])),
        (.poorInitialization, failing.union([.learningRateTooLow, .nonFinite])),
        // A step that few samples decide is mostly chance.
        (.batchTooSmall, failing.union([.nonFinite])),
        (.nonFinite, failing),
        (.learningRateTooLow, failing),
        // What does not move cannot learn.
        (.unchangedWeights, [.lossNotDecreasing, .slowConvergence, .underfitting]),
        (.unstableLoss, [.lossNotDecreasing, .slowConvergence, .underfitting]),
        (.lossNotDecreasing, [.slowConvergence, .underfitting]),
        (.slowConvergence, [.underfitting]),
        (.trainEvalMismatch, [.overfitting, .overtraining]),
        (.overfitting, [.overtraining]),
    ]

    /// That a training does poorly.
    private static let failing: Set<Symptom> = [
        .lossNotDecreasing, .slowConvergence, .underfitting, .unchangedWeights, .unstableLoss,
    ]
    /// What is wrong with its numbers.
    private static let inside: Set<Symptom> = [
        .vanishingGradient, .explodingGradient, .dyingReLU, .saturatedActivation, .poorInitialization, .nonFinite,
        .learningRateTooHigh, .learningRateTooLow,
    ]

    private static let consequences = Dictionary(uniqueKeysWithValues: causes.map { ($0.cause, $0.effects) })
    private static let order = Dictionary(uniqueKeysWithValues: causes.enumerated().map { ($1.cause, $0) })

    /// What matters only because a training fails by it.
    private static let explainsFailure: Set<Symptom> = [
        .vanishingGradient, .explodingGradient, .dyingReLU, .saturatedActivation, .poorInitialization,
        .symmetricWeights,
        .learningRateTooHigh, .learningRateTooLow, .unscaledInput, .unscaledTarget, .missingNonlinearity,
        .batchTooSmall,
        .excessiveRegularization, .lossNotDecreasing, .slowConvergence, .unchangedWeights, .deadInput,
    ]
}
