import EspalierSpec
import Foundation

/// A learning rate that drops by the same factor at given steps: lr_t = lr_0 decayTo^(number of milestones up to t).
///
/// PyTorch's `MultiStepLR` with gamma = decayTo, counted in steps. The default factor is PyTorch's.
///
/// Source: He, Zhang, Ren and Sun 2016, "Deep residual learning for image recognition". Use it to repeat
/// such recipes; not where milestones would have to be found by trial.
public struct MultiStepSchedule: Schedule {
    public var decayTo = 0.1
    public var milestones: [Int] = []

    public static let name = "multiStep"
    public static let summary = "lr_0 decayTo^(number of milestones reached)"
    public static let fields = [
        Field("decayTo", \Self.decayTo, "the factor at each milestone", in: .positive),
        Field(
            "milestones", \Self.milestones, "steps", required: true, accepting: "a list of rising whole numbers from 1",
            where: isRising),
    ]

    public init() {}

    public init(decayTo: Double = 0.1, milestones: [Int]) {
        self.decayTo = decayTo
        self.milestones = milestones
    }

    public func factor(at step: Int, of steps: Int) -> Double {
        pow(decayTo, Double(milestones.count { $0 <= step }))
    }
}
