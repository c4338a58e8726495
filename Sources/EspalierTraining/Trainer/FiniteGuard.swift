import EspalierGraph

/// Keeps numbers that are not finite out of what a step changes.
///
/// x 0 is zero where x is finite, and else no number; so is any sum of such products. One scalar `before` is made from the
/// loss, all gradients and all new statistics: where it is no number the step changes nothing. What an update itself makes
/// infinite is only known element by element, in the pass over memory in which it would be stored: such an element keeps
/// its old value, and `after` is no number.
final class FiniteGuard {
    /// Zero, or no number where the step must not be taken.
    let before: Tensor
    private var parts: [Tensor] = []

    /// - Parameter values: Whatever must be finite for the step to be taken.
    init(_ values: [Tensor]) { before = values.map(Self.zero).reduce(0, +) }

    /// Zero, or no number where an element of `x` is not finite.
    private static func zero(_ x: Tensor) -> Tensor { (x * 0).sum() }

    /// Zero, or no number where an updated element kept its old value.
    var after: Tensor { parts.reduce(before, +) }

    /// `new` where it may be stored, else `old`.
    func kept(_ new: Tensor, else old: Tensor) -> Tensor {
        let zero = new * 0 + before
        parts.append(zero.sum())
        return .select(zero .== 0, new, old)
    }
}
