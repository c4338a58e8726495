import EspalierGraph

// Labels and outputs in the forms that losses on classes need.
extension Tensor {
    /// The extent of the last axis, along which outputs lie.
    var lastExtent: Int { shape.dimensions.last ?? 1 }

    /// 1 at the place of each of these labels (int32, [...]) along a new last axis, else 0.
    func oneHot(_ classes: Int) -> Tensor {
        let places = Tensor.iota(Shape(shape.dimensions + [classes]), axis: rank)
        return (places .== expanded(at: -1)).cast(to: .float32)
    }

    /// These targets as the share of each of `outputs`, [..., outputs]: labels as 0 and 1, shares as they are.
    ///
    /// One output stands for the second of two classes.
    func shares(of outputs: Int) -> Tensor {
        guard dtype == .int32 else { return outputs == 1 && lastExtent == 2 ? slice(1..<2, axis: rank - 1) : self }
        return outputs == 1 ? cast(to: .float32).expanded(at: -1) : oneHot(outputs)
    }

    /// log(1 + exp(-x)), the negative logarithm of the sigmoid, without overflow.
    ///
    /// The larger of equals gives each half of the derivative: so it is -1/2 at zero, as it should be.
    func negativeLogSigmoid() -> Tensor { Tensor.maximum(-self, 0) + (-abs()).exp().log1p() }

    /// log(p), at least -100, which it is for whatever is no number above zero; no derivative passes there.
    ///
    /// So a probability of zero costs much, and not infinitely much; the bound is PyTorch's.
    func boundedLog() -> Tensor {
        let isPositive = self .> 0
        return .select(isPositive, .maximum(Tensor.select(isPositive, self, 1).log(), -100), -100)
    }

    /// The probabilities of both classes, [..., 2], where these are those of the second, [..., 1].
    func withComplement() -> Tensor { .concatenate([1 - self, self], axis: rank - 1) }
}
