import EspalierSpec

/// The learning rate over a training: a pure function of the step, or one that follows the validation loss besides.
///
/// Schedules say factors on the optimiser's learning rate lr_0. What they count in steps may be left to the training's
/// length, which is epochs times steps an epoch.
public protocol Schedule: Specification {
    /// The factor on the optimiser's learning rate at `step`, counted from 0, of a training of `steps`.
    ///
    /// A schedule that spans so many steps stays what it was in the end from there on, so that a training may go on.
    func factor(at step: Int, of steps: Int) -> Double

    /// What makes the rate follow the validation loss, from the start of a training; nothing for pure functions of the
    /// step.
    func follow() -> (any LossFollower)?
}

extension Schedule {
    public func follow() -> (any LossFollower)? { nil }
}

/// A schedule at work that sees how the loss goes; its `memory` is what a resumed training goes on with.
public protocol LossFollower: Remembering {
    /// The factor on the learning rate, beside that of the schedule at the step.
    var factor: Double { get }
    /// Takes the loss each time that the validation data was measured; without any, that of each epoch's training.
    mutating func measured(loss: Double)
}

extension Registry where Part == any Schedule {
    /// The schedules that Espalier brings.
    public static var standard: Self {
        var registry = Self(kind: "schedule")
        registry.register(ConstantSchedule.self) { $0 }
        registry.register(PiecewiseSchedule.self) { $0 }
        registry.register(StepSchedule.self) { $0 }
        registry.register(MultiStepSchedule.self) { $0 }
        registry.register(ExponentialSchedule.self) { $0 }
        registry.register(PowerSchedule.self) { $0 }
        registry.register(PerformanceSchedule.self) { $0 }
        registry.register(PolynomialSchedule.self) { $0 }
        registry.register(LinearSchedule.self) { $0 }
        registry.register(CosineSchedule.self) { $0 }
        registry.register(CosineWarmRestartsSchedule.self) { $0 }
        registry.register(CyclicSchedule.self) { $0 }
        registry.register(OneCycleSchedule.self) { $0 }
        registry.register(InverseSqrtSchedule.self) { $0 }
        registry.register(WarmupStableDecaySchedule.self) { $0 }
        registry.register(WarmupSchedule.self) { $0 }
        return registry
    }
}

/// The same learning rate at every step.
///
/// Use it to begin with, and under a schedule-free reading of a problem; not for the last percent, which a falling rate
/// gives almost always.
public struct ConstantSchedule: Schedule {
    public static let name = "constant"
    public static let summary = "The same learning rate at every step"
    public static let fields: [Field<Self>] = []

    public init() {}

    public func factor(at step: Int, of steps: Int) -> Double { 1 }
}
