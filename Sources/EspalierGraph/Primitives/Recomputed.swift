/// The identity on its first operand, whose derivative computes that operand anew from the others.
///
/// So nothing between the other operands and the first is kept for the backward pass.
///
/// Source: Chen, Xu, Zhang and Guestrin 2016, "Training deep nets with sublinear memory cost". The barrier that puts
/// the second computation after the first is how JAX does it (`jax.checkpoint`).
public struct Recomputed: Primitive {
    public var description: String { "recomputed" }

    public func resultType(of inputs: [TensorType]) -> TensorType { inputs[0] }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray { inputs[0] }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let operands = inputs.dropFirst()
        let delayed = operands.map { $0.after(cotangent) }
        let again = Tensor.replacing(Array(operands), by: delayed, in: [inputs[0]])
        let cotangents = Tensor.pullback(again, cotangents: [cotangent], by: delayed)
        return [nil] + zip(operands, cotangents).map { $0.dtype == .float32 ? $1 : nil }
    }
}

extension Tensor {
    /// The result of `body`, whose intermediate results are not kept for the backward pass but computed a second time.
    ///
    /// Values and derivatives mean the same; memory is that of the operands and the result, for the time of a second
    /// forward pass through `body`.
    ///
    /// - Parameters:
    ///   - operands: What `body` starts from. What else it uses is recomputed too, down to parameters and data.
    ///   - body: Makes one tensor of `operands`.
    public static func recomputed(_ operands: [Tensor], _ body: ([Tensor]) -> Tensor) -> Tensor {
        let result = body(operands)
        // Parameters are views of a larger memory and have their derivatives taken as such, so the border lies there.
        var seen = Set(operands.map(\.node))
        if seen.contains(result.node) || result.node.isViewOfLeaf { return result }
        var border = seen.sorted { $0.id < $1.id }.map(Tensor.init)
        var pending = [result.node]
        while let node = pending.popLast() {
            guard seen.insert(node).inserted else { continue }
            if node.isViewOfLeaf { border.append(Tensor(node)) } else { pending += node.inputs }
        }
        return .apply(Recomputed(), [result] + border)
    }

    /// The result of `body` on this tensor, computed a second time for the backward pass instead of kept.
    public func recomputed(_ body: (Tensor) -> Tensor) -> Tensor {
        .recomputed([self]) { body($0[0]) }
    }
}

extension Node {
    /// Whether this is data or a parameter, or a part of it in whatever shape.
    fileprivate var isViewOfLeaf: Bool {
        switch primitive {
        case is Leaf: true
        case is Reshape, is Transpose, is Slice, is Broadcast: inputs[0].isViewOfLeaf
        default: false
        }
    }
}
