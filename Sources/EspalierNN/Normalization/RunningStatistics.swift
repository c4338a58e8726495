/// A layer whose statistics are exponential averages over batches: running <- (1 - momentum) running + momentum batch.
///
/// Where weights change without steps, as in averaging, these are measured anew, as plain means over batches.
public protocol RunningStatistics: ModeDependent {
    /// The share of the newest batch.
    var momentum: Double { get }
}

extension BatchNorm: RunningStatistics {}
extension InstanceNorm: RunningStatistics {}
