import EspalierTraining

/// A parameter does not change in training.
///
/// It counts where no step that was probed changed it, in at least three probes. What the configuration freezes is meant to
/// stay; it counts only in a training that does poorly.
enum UnchangedWeights: Check {
    static let probes = 3

    static func findings(in history: History) -> [Finding] {
        guard let start = history.start, history.probes.count >= probes, let last = history.probes.last else {
            return []
        }
        let still = last.parameters.enumerated().filter { index, parameter in
            // The last probe tells of nearly all.
            !history.probes.reversed().contains { moved($0, parameter.path, index) }
                && (history.isPoor || !start.frozen.contains(parameter.path))
        }.map(\.element)
        guard let first = still.first else { return [] }
        let hasGradient = still.contains { $0.gradientNorm > 0 }
        let reason =
            start.frozen.contains(first.path)
            ? "The configuration freezes it, at weights with which the rest does not learn the task."
            : hasGradient
                ? "Nothing in the configuration freezes it. It has a gradient: the steps are too small to change a number "
                    + "of its size."
                : "Nothing in the configuration freezes it. No gradient reaches it: the loss does not depend on it."
        return [
            Finding(
                .unchangedWeights, at: first.path, step: last.step, history.isPoor ? .error : .info,
                evidence: [
                    .init("parameters", Double(still.count)), .init("of", Double(last.parameters.count)),
                    .init("probes", Double(history.probes.count)), .init("gradientNorm", first.gradientNorm),
                ],
                explanation:
                    "\(still.count == 1 ? "The parameter" : "\(still.count) parameters, the first of them") \(first.path), "
                    + "did not change in any of \(history.probes.count) steps that were looked into. \(reason)",
                remedies: hasGradient ? [.init(ChangeLearningRate(factor: 100))] : [])
        ]
    }

    /// Whether a probe's step changed a parameter, which is most likely number `index` of it.
    private static func moved(_ probe: Probe, _ path: String, _ index: Int) -> Bool {
        let isThere = probe.parameters.indices.contains(index) && probe.parameters[index].path == path
        let parameter = isThere ? probe.parameters[index] : probe.parameters.first { $0.path == path }
        return parameter.map { $0.updateNorm != 0 } ?? false
    }
}
