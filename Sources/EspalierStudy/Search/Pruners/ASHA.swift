import EspalierSpec
import EspalierTraining

/// Asynchronous successive halving: at rungs of ever more epochs only the best of those that came so far go on.
///
/// The rungs are at `minimum` epochs, `reduction` times as many, and so on. At each the best 1 / `reduction` of all trials that
/// have been there so far go on, the best in any case; so no trial waits for others. This is the variant that ends trials, where
/// that of the paper pauses them and may take them up later.
///
/// Source: Li et al. 2020, "A system for massively parallel hyperparameter tuning"; its defaults here are those of Hyperband.
///
/// Use it for many trials of long trainings; not where the first epochs mislead, or give it a larger `minimum`.
public struct ASHA: Pruner {
    public var minimum = 1
    public var reduction = 3

    public static let name = "asha"
    public static let summary = "At rungs of ever more epochs only the best of those so far go on"
    public static let fields = [
        Field("minimum", \Self.minimum, "epochs of the first rung", in: 1...1_000_000),
        Field("reduction", \Self.reduction, "one of so many goes on, to so many times the epochs", in: 2...100),
    ]

    public init() {}

    public init(minimum: Int, reduction: Int) {
        self.minimum = minimum
        self.reduction = reduction
    }

    public func prunes(
        _ number: Int, after epoch: Int, of epochs: Int, loss: Double, others: () throws -> [Int: Double]
    ) rethrows -> Bool {
        guard epoch < epochs, isRung(epoch) else { return false }
        return try Self.isBeyond(loss, of: number, reduction, among: others())
    }

    private func isRung(_ epoch: Int) -> Bool {
        var rung = minimum
        while rung < epoch {
            let (next, overflows) = rung.multipliedReportingOverflow(by: reduction)
            if overflows { return false }
            rung = next
        }
        return rung == epoch
    }

    /// Whether a trial is not among the best 1 / `reduction` of those at its rung, itself included.
    static func isBeyond(_ loss: Double, of number: Int, _ reduction: Int, among others: [Int: Double]) -> Bool {
        guard loss.isFinite else { return true }
        let better = others.count { $0.key != number && $0.value < loss }
        let count = others.count { $0.key != number } + 1
        return better >= max(1, count / reduction)
    }
}
