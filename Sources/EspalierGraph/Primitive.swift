/// An operation of the graph.
///
/// Everything about its mathematics is said here; nothing about a device.
public protocol Primitive: Hashable, Sendable, CustomStringConvertible {
    /// The type of the result, or why the operands do not fit.
    func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType

    /// The meaning: the result in double precision, plainly computed.
    func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray

    /// The derivative: the cotangents of the inputs, given that of the output, as more graph.
    ///
    /// For `y = f(x...)` and a scalar `s` of `y`, entry i is ds/dx_i given ds/dy, or nothing where `y` does not
    /// depend differentiably on `x_i`.
    func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?]

    /// How many arithmetic operations computing the result is, for a profile; without it one for each element.
    func operations(inputs: [TensorType], type: TensorType) -> Int
}

extension Primitive {
    /// Equal kind and equal attributes.
    func isEqual(to other: any Primitive) -> Bool {
        (other as? Self) == self
    }
}
