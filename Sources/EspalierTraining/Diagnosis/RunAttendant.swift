/// Whoever examines a run: before its first step, as it goes, and once it is measured.
public protocol RunAttendant: TrainingListener {
    /// Before the first step, once the run's records are open. What is found is told by `trainer.tell`.
    ///
    /// - Parameters:
    ///   - trainer: The training.
    ///   - prepared: What it was made from.
    ///   - folder: The run that is resumed; nothing for one that begins.
    func begin(_ trainer: Trainer, _ prepared: PreparedExperiment, resuming folder: RunFolder?) throws

    /// Once the run has ended.
    ///
    /// - Parameter summary: How the weights that were kept do.
    func end(_ summary: RunSummary) throws -> Diagnosis
}

extension Trainer {
    /// Tells all listeners of what somebody found.
    public func tell(_ finding: Finding) throws { try send(.finding(finding)) }

    /// Tells all listeners what needs no network to reach.
    public func tell(_ baselines: Baselines) throws { try send(.baselines(baselines)) }
}
