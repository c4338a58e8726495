/// The identity on its first operand, known only once the second is: what is made from it is computed after that.
///
/// Equal operations on the same operands are one node, so a value that is to be computed a second time, later, must be
/// made from other operands: from the same behind a barrier.
public struct Barrier: Primitive {
    public var description: String { "barrier" }

    public func resultType(of inputs: [TensorType]) -> TensorType { inputs[0] }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray { inputs[0] }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [cotangent, nil] }
}

extension Tensor {
    /// The same values, from which nothing is computed before `other` is.
    func after(_ other: Tensor) -> Tensor { .apply(Barrier(), [self, other]) }
}
