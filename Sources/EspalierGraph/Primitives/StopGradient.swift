/// The identity, through which no derivative passes.
public struct StopGradient: Primitive {
    public var description: String { "stop gradient" }

    public func resultType(of inputs: [TensorType]) -> TensorType { inputs[0] }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray { inputs[0] }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [nil] }
}

extension Tensor {
    /// The same values, taken as constant by derivatives.
    public func stopGradient() -> Tensor { .apply(StopGradient(), [self]) }
}
