import EspalierSpec
import EspalierTraining

/// When a trial is ended early, by what it has reached so far beside others.
public protocol Pruner: Specification {
    /// Whether trial `number` ends after `epoch`.
    ///
    /// - Parameters:
    ///   - number: Of the trial, from 0.
    ///   - epoch: Which it has completed, from 1.
    ///   - epochs: That it would take.
    ///   - loss: What it has reached; the smaller, the better.
    ///   - others: What other trials, by their number, had reached after as many epochs; asked for only where it matters.
    func prunes(
        _ number: Int, after epoch: Int, of epochs: Int, loss: Double, others: () throws -> [Int: Double]
    ) rethrows -> Bool
}

/// The pruners that Espalier brings.
public enum Pruners {
    public static var registry: Registry<any Pruner> {
        var registry = Registry<any Pruner>(kind: "pruner")
        registry.register(NoPruner.self) { $0 }
        registry.register(ASHA.self) { $0 }
        registry.register(Hyperband.self) { $0 }
        return registry
    }
}

/// Every trial is carried out whole.
///
/// Use it for short trainings, and where early epochs say little of late ones, as with warm-up or a learning rate that falls in
/// the end; not where most of the time goes to trials that show from the start that they are no good.
public struct NoPruner: Pruner {
    public static let name = "none"
    public static let summary = "Every trial is carried out whole"
    public static let fields: [Field<Self>] = []

    public init() {}

    public func prunes(
        _ number: Int, after epoch: Int, of epochs: Int, loss: Double, others: () throws -> [Int: Double]
    ) rethrows -> Bool { false }
}
