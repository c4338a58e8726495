import EspalierNN
import EspalierTraining

/// Penalties or dropout far beyond what anybody uses.
///
/// - Coupled penalties: 5e-4 (Krizhevsky, Sutskever and Hinton 2012) and 1e-4 (He et al. 2016) are usual; a hundred times the
///   larger is more than any gradient of a loss of about one keeps up against.
/// - Decay beside an adaptive optimiser, whose steps are of about the learning rate: a weight that is pushed the same way in
///   every step ends at 1 / decay. 0.01 to 0.3 are usual (Loshchilov and Hutter 2019; Dosovitskiy et al. 2021).
/// - Dropout: n units of which a share 1 - p is kept are to be thought of as (1 - p) n (Srivastava et al. 2014, appendix A);
///   0.2 of inputs and 0.5 of hidden units are usual there, in layers of a thousand.
enum RegularizationSetting: Check {
    static let coupled = 0.05
    static let decay = 10.0
    /// Of proximal steps beside an adaptive optimiser: half of each step's length.
    static let proximal = 0.5
    static let dropout = 0.8
    /// Fewer kept units than this, where dropout is strong.
    static let units = 16.0
    static let strong = 0.4

    static func findings(in prepared: PreparedExperiment) -> [Finding] {
        let sketch = ModelSketch(prepared.model, sampleShape: prepared.data.train.sampleShape)
        return penalties(prepared.experiment) + dropouts(sketch)
    }

    private static func penalties(_ experiment: Experiment) -> [Finding] {
        let penalty = experiment.regularization, isAdaptive = experiment.optimizer.isAdaptive
        let own = experiment.optimizer.configuration["weightDecay"]?.doubleValue ?? 0
        // Under plain descent decay is the same as the coupled penalty.
        let ridge = penalty.l2 + (isAdaptive ? 0 : penalty.weightDecay)
        let isProximal = penalty.l1.isProximal && isAdaptive
        let strengths: [(name: String, value: Double, limit: Double)] = [
            (isAdaptive || penalty.l2 > 0 ? "l2" : "weightDecay", ridge, coupled),
            ("l1", penalty.l1.strength, isProximal ? proximal : coupled),
            ("weightDecay", isAdaptive ? penalty.weightDecay + own : 0, decay),
        ]
        return strengths.filter { $0.value >= $0.limit }.prefix(1).map { name, value, limit in
            Finding(
                .excessiveRegularization, at: name, .warning,
                evidence: [.init(name, value), .init("threshold", limit)],
                explanation:
                    "\(name) is \(value.short), and strengths from \(limit.short) on leave little of what is learned: in every "
                    + "step each weight is pulled towards zero by that share, or that amount, and the loss of the data has to "
                    + "push harder to keep it. Usual are "
                    + (limit == decay ? "0.01 to 0.3." : "0.00001 to 0.001."),
                remedies: [.init(LessRegularization(factor: 0.01)), .init(LessRegularization(factor: 0))])
        }
    }

    private static func dropouts(_ sketch: ModelSketch) -> [Finding] {
        let parts = sketch.parts
        let found = parts.enumerated().compactMap { index, part -> (path: String, p: Double, kept: Double)? in
            guard case .dropout(let p) = part.kind, p > 0 else { return nil }
            let width = part.layer is Dropout2d ? part.input[0] : part.input.count
            return (part.path, p, Double(width) * (1 - p))
        }
        if let last = parts.last, let index = sketch.outputMap,
            let part = parts[index...].first(where: { if case .dropout(let p) = $0.kind { p > 0 } else { false } })
        {
            return [
                dropout(
                    part.path, [.init("outputs", Double(last.output.count))],
                    "It drops outputs of the model: while training, answers are set to zero at random, and the loss is of those."
                )
            ]
        }
        guard let most = found.max(by: { $0.p < $1.p }), let fewest = found.min(by: { $0.kept < $1.kept }) else {
            return []
        }
        if most.p >= dropout {
            return [
                dropout(
                    most.path, [.init("p", most.p), .init("threshold", dropout)],
                    "It drops \((100 * most.p).brief)% of what arrives in every step; from \((100 * dropout).brief)% on what is left "
                        + "says little. Usual are 10 to 50%.")
            ]
        }
        if fewest.p >= strong, fewest.kept < units {
            return [
                dropout(
                    fewest.path, [.init("p", fewest.p), .init("keptUnits", fewest.kept), .init("threshold", units)],
                    "Of the units that arrive \(fewest.kept.brief) are kept on average in a step. Fewer than "
                        + "\(units.brief) carry too little of a sample when it is by chance which of them there are.")
            ]
        }
        return []
    }

    private static func dropout(_ path: String, _ evidence: [Finding.Evidence], _ seen: String) -> Finding {
        Finding(
            .excessiveRegularization, at: path, .warning, evidence: evidence,
            explanation:
                "Dropout keeps units from relying on each other, at the price of noise in every step. \(seen) Drop less, "
                + "nothing in narrow layers, and never the outputs.",
            remedies: [.init(LessRegularization(factor: 0.25)), .init(LessRegularization(factor: 0))])
    }
}
