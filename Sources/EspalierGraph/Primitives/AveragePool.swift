/// The sum of each window over the product of its axes' divisors, channels last: x [N, extents..., C] gives
/// [N, counts..., C].
public struct AveragePool: Primitive {
    public let axes: [PoolingAxis]

    public var description: String { "average pool \(axes.words)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        try axes.check("average pool", 0, inputs, \.extent)
        return TensorType(axes.shape(like: inputs[0], \.count))
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        var result = ReferenceArray(type.shape, repeating: 0)
        axes.forEachShare(samples: type.shape[0], channels: type.shape[axes.count + 1]) {
            result.values[$0] += inputs[0].values[$1] / $2
        }
        return result
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [.apply(AveragePoolGradient(axes: axes), [cotangent])]
    }
}

/// The transpose of `AveragePool`: each window's value, over its divisor, added to all of its elements;
/// [N, counts..., C] gives [N, extents..., C].
public struct AveragePoolGradient: Primitive {
    public let axes: [PoolingAxis]

    public var description: String { "average pool's gradient \(axes.words)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        try axes.check("average pool's gradient", 0, inputs, \.count)
        return TensorType(axes.shape(like: inputs[0], \.extent))
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        var result = ReferenceArray(type.shape, repeating: 0)
        axes.forEachShare(samples: type.shape[0], channels: type.shape[axes.count + 1]) {
            result.values[$1] += inputs[0].values[$0] / $2
        }
        return result
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [.apply(AveragePool(axes: axes), [cotangent])]
    }
}

extension [PoolingAxis] {
    /// Calls `body` with every element of the pooled result, each element that it averages, and the divisor.
    fileprivate func forEachShare(samples: Int, channels: Int, _ body: (Int, Int, Double) -> Void) {
        forEachWindow(samples: samples, channels: channels) { window, elements in
            let divisor = divisor(window)
            for element in elements {
                for channel in 0..<channels { body(window * channels + channel, element + channel, divisor) }
            }
        }
    }
}
