import EspalierTraining

/// Units of a layer have the same weights, and keep them so while steps are taken.
///
/// Source: Rumelhart, Hinton & Williams 1986, "Learning internal representations by error propagation", on symmetry that
/// learning cannot break.
enum StartSymmetricWeights: Check {
    /// The share of a layer's units from which on it has lost most of what it could say.
    static let share = 0.5

    static func findings(in preflight: Preflight) -> [Finding] {
        let trials = preflight.trials.filter { !$0.explodes }
        guard let first = trials.first else { return [] }
        let lasting = first.twins.filter { path, _ in
            trials.allSatisfy { trial in trial.twins.contains { $0.path == path && $0.share > share } }
        }
        guard let (path, found) = lasting.first else { return [] }
        return [
            Finding(
                .symmetricWeights, at: path, step: 0, .warning,
                evidence: [
                    .init("share", found), .init("threshold", share), .init("parameters", Double(lasting.count)),
                    .init("steps", Double(first.losses.count)),
                ],
                explanation:
                    "\(Int((found * 100).rounded()))% of the units of \(path) have the same weights as another one, and "
                    + "still have after \(first.losses.count) steps. Units that begin alike get the same gradient and stay "
                    + "alike, so that the layer is worth far fewer of them; weights have to begin at random.")
        ]
    }
}
