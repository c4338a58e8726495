import Espalier
import Foundation

/// A learning rate that falls from its full value to zero along half a cosine: (1 + cos(pi t / steps)) / 2.
///
/// Source: Loshchilov and Hutter 2017, "SGDR: stochastic gradient descent with warm restarts", without restarts.
struct CosineSchedule: Schedule {
    var steps = 1000

    static let name = "cosine"
    static let summary = "Half a cosine from the full rate to zero"
    static let fields = [Field("steps", \Self.steps, "steps until the rate is zero", required: true, in: 1...)]

    func factor(at step: Int) -> Double {
        (1 + cos(.pi * min(1, Double(step) / Double(steps)))) / 2
    }
}
