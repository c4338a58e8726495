import Espalier

/// A learning rate that stays high for most of the training and is zero at its end: (1 - z) / (1 - z / 2), where z is the
/// share of the steps that are done.
///
/// Source: Chen, Wolfe and Kyrillidis 2022, "REX: Revisiting budgeted training with an improved schedule".
struct BudgetSchedule: Schedule {
    static let name = "budget"
    static let summary = "High for most of the training, then quickly to zero"
    static let fields: [Field<Self>] = []

    func factor(at step: Int, of steps: Int) -> Double {
        let done = min(1, Double(step) / Double(steps))
        return (1 - done) / (1 - done / 2)
    }
}
