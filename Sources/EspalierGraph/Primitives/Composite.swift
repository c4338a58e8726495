/// A primitive whose meaning is a graph of other primitives.
///
/// It is one because of a better derivative, or because an engine computes it better in one piece; an engine that has
/// no kernel for it computes the expansion. All of its operands are float32.
public protocol Expandable: Primitive {
    /// What it means, in other primitives.
    func expanded(_ inputs: [Tensor]) -> Tensor
}

extension Expandable {
    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        let leaves = inputs.enumerated().map { Tensor.input("operand \($0)", $1.shape) }
        return Reference.evaluate([expanded(leaves)], Dictionary(uniqueKeysWithValues: zip(leaves, inputs)))[0]
    }
}

/// A function that engines have kernels for, and for all of its derivatives at once.
///
/// A recurrent layer over a whole sequence, attention. Derivatives of every order follow from `expanded`.
public protocol Composite: Expandable {
    /// The operands that the result depends on differentiably.
    var differentiable: [Int] { get }

    /// The part of the result that is meant to be used, without what is saved beside it for the gradient's kernel.
    ///
    /// All of it if not given.
    func visible(_ result: Tensor, of shapes: [Shape]) -> Tensor
}

extension Composite {
    public func visible(_ result: Tensor, of shapes: [Shape]) -> Tensor { result }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let gradient = CompositeGradient(of: self)
        let visible = visible(cotangent, of: inputs.map(\.shape))
        let whole = Tensor.apply(gradient, inputs + [output, visible])
        var result = [Tensor?](repeating: nil, count: inputs.count)
        for (index, range) in zip(differentiable, gradient.ranges(inputs.map(\.shape))) {
            result[index] = whole.slice(range).reshaped(to: inputs[index].shape)
        }
        return result
    }
}

/// The cotangents of a composite's differentiable operands, flat and one after the other, given its operands, its
/// result and the cotangent of the visible part of that.
public struct CompositeGradient<Function: Composite>: Expandable {
    public let function: Function

    public init(of function: Function) { self.function = function }

    public var description: String { "gradient of \(function)" }

    /// Where the cotangent of each differentiable operand lies in the result.
    public func ranges(_ shapes: [Shape]) -> [Range<Int>] {
        var start = 0
        return function.differentiable.map { index in
            defer { start += shapes[index].count }
            return start..<start + shapes[index].count
        }
    }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        TensorType([ranges(inputs.map(\.shape)).last?.upperBound ?? 0])
    }

    /// The derivative of the expansion.
    ///
    /// It does not need the result, which kernels find their saved values in.
    public func expanded(_ inputs: [Tensor]) -> Tensor {
        Tensor.partial(inputs) { inputs in
            let operands = Array(inputs.dropLast(2))
            let variables = function.differentiable.map { operands[$0] }
            let visible = function.visible(function.expanded(operands), of: operands.map(\.shape))
            let cotangents = Tensor.pullback([visible], cotangents: [inputs[inputs.count - 1]], by: variables)
            return [.concatenate(cotangents.map { $0.reshaped(to: [$0.count]) }, axis: 0)]
        }[0]
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        partialPullback(cotangent, inputs, by: function.differentiable + [inputs.count - 1])
    }
}

extension Expandable {
    /// The derivative of the expansion by the operands that `variables` counts, each of them varied alone.
    func partialPullback(_ cotangent: Tensor, _ inputs: [Tensor], by variables: [Int]) -> [Tensor?] {
        let cotangents = Tensor.partial(inputs + [cotangent]) { inputs in
            Tensor.pullback(
                [expanded(Array(inputs.dropLast()))], cotangents: [inputs[inputs.count - 1]],
                by: variables.map { inputs[$0] })
        }
        var result = [Tensor?](repeating: nil, count: inputs.count)
        for (index, cotangent) in zip(variables, cotangents) { result[index] = cotangent }
        return result
    }
}

extension Tensor {
    /// What `function` makes of leaves that stand for `inputs`, with `inputs` in their places.
    ///
    /// Derivatives by the leaves are partial ones, also where inputs are one tensor or depend on one another.
    static func partial(_ inputs: [Tensor], _ function: ([Tensor]) -> [Tensor]) -> [Tensor] {
        let leaves = inputs.enumerated().map { Tensor.input("operand \($0)", $1.shape, $1.dtype) }
        return replacing(leaves, by: inputs, in: function(leaves))
    }

    /// The graphs of `results` with `operands` replaced by others of the same types.
    static func replacing(_ operands: [Tensor], by others: [Tensor], in results: [Tensor]) -> [Tensor] {
        var replaced = Dictionary(zip(operands.map(\.node), others)) { first, _ in first }
        // Not in topological order: what lies below `operands` need not be looked at.
        var pending = results.map(\.node)
        while let node = pending.last {
            let missing = node.inputs.filter { replaced[$0] == nil }
            if replaced[node] == nil, !missing.isEmpty {
                pending += missing
                continue
            }
            pending.removeLast()
            if replaced[node] != nil { continue }
            let inputs = node.inputs.compactMap { replaced[$0] }
            replaced[node] = inputs.map(\.node) == node.inputs ? Tensor(node) : .apply(node.primitive, inputs)
        }
        return results.map { replaced[$0.node]! }
    }
}
