import EspalierGraph

/// Says whether the numbers of a step are finite.
///
/// x 0 is zero where x is finite, and else no number, and so it is for a sum. One scalar, `before`, is made from the loss,
/// the squares of all gradients and all new statistics: where it is no number, the step's plan ends before it changes
/// anything. Gradients whose squares have a finite sum leave what optimisers keep of them finite. What an update itself
/// makes infinite of parameters is only known in the pass over memory in which they are stored, and is told by `after`: a
/// pass that looked first would take longer than the update.
struct FiniteGuard {
    /// Zero, or no number where the step must not be taken.
    let before: Tensor

    /// - Parameters:
    ///   - values: What must be finite for the step to be taken.
    ///   - gradients: Of which the sum of squares must be finite.
    init(_ values: [Tensor], gradients: [Tensor] = []) {
        let sums: [Tensor] = values.map { $0.sum() } + gradients.map { $0.squared().sum() }
        before = sums.reduce(0, +) * 0
    }

    /// Zero, or no number where new parameters are not finite.
    func after(_ parameters: [Tensor]) -> Tensor { parameters.map { $0.sum() }.reduce(0, +) * 0 }
}
