import EspalierGraph

extension Tensor {
    /// Values below `low` as `low`, those above `high` as `high`; the derivative is one strictly between, else zero.
    ///
    /// What is not a number stays so.
    func clamped(_ low: Double, _ high: Double) -> Tensor {
        let low = Tensor(low), high = Tensor(high)
        return .select(self .<= low, low, .select(self .>= high, high, self))
    }

    /// `upper` of the elements above zero, `lower` of the others.
    ///
    /// `lower` sees the elements above zero as zero: were their exponential infinite, it would reach the derivative, where
    /// 0 times infinity is not a number.
    func split(above upper: (Tensor) -> Tensor, below lower: (Tensor) -> Tensor) -> Tensor {
        let isAbove = self .> 0
        return .select(isAbove, upper(self), lower(.select(isAbove, 0, self)))
    }
}
