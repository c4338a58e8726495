import Espalier
import Foundation

/// A learning rate that rises and falls once in the training, along half a sine: sin(pi (t + 1) / (steps + 1)).
struct SineSchedule: Schedule {
    static let name = "sine"
    static let summary = "Half a sine: from near zero to the full rate and back"
    static let fields: [Field<Self>] = []

    func factor(at step: Int, of steps: Int) -> Double {
        sin(.pi * Double(min(step, steps - 1) + 1) / Double(steps + 1))
    }
}
