/// The same values as another element type: fractions are cut off, anything but zero is true.
public struct Cast: Primitive {
    public let dtype: DType

    public var description: String { "cast to \(dtype)" }

    public func resultType(of inputs: [TensorType]) -> TensorType { TensorType(inputs[0].shape, dtype) }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        ReferenceArray(type.shape, inputs[0].values.map(value(at:)))
    }

    func value(at x: Double) -> Double {
        switch dtype {
        case .float32: x
        case .int32: x.rounded(.towardZero)
        case .bool: x != 0 ? 1 : 0
        }
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [nil] }
}

extension Tensor {
    public func cast(to dtype: DType) -> Tensor {
        dtype == self.dtype ? self : .apply(Cast(dtype: dtype), [self])
    }
}
