import EspalierGraph

// One number for each channel: what normalisations scale and shift by.
extension Tensor {
    /// This [C] as [1, C, 1, ...], to go with `x` [N, C, ...].
    func perChannel(of x: Tensor) -> Tensor {
        reshaped(to: Shape([1, count] + [Int](repeating: 1, count: x.rank - 2)))
    }

    /// weight x + bias by channel, where there are such.
    func scaled(_ weight: Parameter?, _ bias: Parameter?) -> Tensor {
        let product = weight.map { self * $0.wrappedValue.perChannel(of: self) } ?? self
        return bias.map { product + $0.wrappedValue.perChannel(of: self) } ?? product
    }
}
