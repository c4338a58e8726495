import EspalierSpec

/// The learning rate as a pure function of the step.
public protocol Schedule: Specification {
    /// The factor on the optimiser's learning rate at `step`, counted from 0.
    func factor(at step: Int) -> Double
}

extension Registry where Part == any Schedule {
    /// The schedules that Espalier brings.
    public static var standard: Self {
        var registry = Self(kind: "schedule")
        registry.register(ConstantSchedule.self) { $0 }
        registry.register(ExponentialSchedule.self) { $0 }
        return registry
    }
}

/// The same learning rate at every step.
public struct ConstantSchedule: Schedule {
    public static let name = "constant"
    public static let summary = "The same learning rate at every step"
    public static let fields: [Field<Self>] = []

    public init() {}

    public func factor(at step: Int) -> Double { 1 }
}
