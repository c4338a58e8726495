/// For each window of the first operand the value that the second has where the first is largest, channels last:
/// x and values [N, extents..., C] give [N, counts..., C].
///
/// Of equal elements the first counts, of NaNs the first NaN. With one tensor as both operands this is maximum pooling.
public struct MaximumPool: Primitive {
    public let axes: [PoolingAxis]

    public var description: String { "maximum pool \(axes.words)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        for index in 0..<2 { try axes.check("maximum pool", index, inputs, \.extent) }
        return TensorType(axes.shape(like: inputs[0], \.count))
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        var result = ReferenceArray(type.shape, repeating: 0)
        axes.forEachMaximum(of: inputs[0]) { result.values[$0] = inputs[1].values[$1] }
        return result
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [nil, .apply(MaximumPoolGradient(axes: axes), [inputs[0], cotangent])]
    }
}

/// Adds each window's value to where the first operand is largest in the window; zero elsewhere: x [N, extents..., C] and
/// values [N, counts..., C] give [N, extents..., C].
public struct MaximumPoolGradient: Primitive {
    public let axes: [PoolingAxis]

    public var description: String { "maximum pool's gradient \(axes.words)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        try axes.check("maximum pool's gradient", 0, inputs, \.extent)
        try axes.check("maximum pool's gradient", 1, inputs, \.count)
        return inputs[0]
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        var result = ReferenceArray(type.shape, repeating: 0)
        axes.forEachMaximum(of: inputs[0]) { result.values[$1] += inputs[1].values[$0] }
        return result
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [nil, .apply(MaximumPool(axes: axes), [inputs[0], cotangent])]
    }
}

extension [PoolingAxis] {
    /// Calls `body` with every element of the pooled result and the element of `x` that is its maximum.
    fileprivate func forEachMaximum(of x: ReferenceArray, _ body: (_ result: Int, _ element: Int) -> Void) {
        let channels = x.shape[count + 1]
        forEachWindow(samples: x.shape[0], channels: channels) { window, elements in
            for channel in 0..<channels {
                var best = elements[0] + channel
                for element in elements.dropFirst() where !x.values[best].isNaN {
                    let value = x.values[element + channel]
                    if value > x.values[best] || value.isNaN { best = element + channel }
                }
                body(window * channels + channel, best)
            }
        }
    }
}
