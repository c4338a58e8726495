/// How much arithmetic the primitives are: what a profile counts.
///
/// An addition, a product, a comparison, an elementary function (an exponential, a root), a random draw count as one
/// operation each, a product that is added to a sum as two. What only moves elements counts as none.
extension Primitive {
    /// One operation for each element of the result.
    public func operations(inputs: [TensorType], type: TensorType) -> Int { type.shape.count }
}

extension Expandable {
    /// Those of the expansion.
    public func operations(inputs: [TensorType], type: TensorType) -> Int {
        let leaves = inputs.enumerated().map { Tensor.input("operand \($0)", $1.shape) }
        return Tensor.topologicalOrder(of: [expanded(leaves).node]).reduce(0) { $0 + $1.operations }
    }
}

extension MatrixMultiply {
    /// 2 M N K for each pair of matrices [M, K] and [K, N].
    public func operations(inputs: [TensorType], type: TensorType) -> Int {
        let first = inputs[0].shape
        return 2 * type.shape.count * first[first.rank - (transposeFirst ? 2 : 1)]
    }
}

extension Convolution {
    /// A product and a sum for each element of the result and each weight that leads to it.
    public func operations(inputs: [TensorType], type: TensorType) -> Int {
        2 * type.shape.count * inputs[1].shape.countBehindFirst
    }
}

extension ConvolutionInputGradient {
    /// As many as the convolution.
    public func operations(inputs: [TensorType], type: TensorType) -> Int {
        2 * inputs[0].shape.count * inputs[1].shape.countBehindFirst
    }
}

extension ConvolutionWeightGradient {
    /// As many as the convolution.
    public func operations(inputs: [TensorType], type: TensorType) -> Int {
        2 * inputs[1].shape.count * type.shape.countBehindFirst
    }
}

extension Shape {
    fileprivate var countBehindFirst: Int { dimensions.dropFirst().reduce(1, *) }
}

extension Reduce {
    /// One for each element that is taken in.
    public func operations(inputs: [TensorType], type: TensorType) -> Int { inputs[0].shape.count }
}

extension ArgumentMaximum {
    /// One for each element that is compared.
    public func operations(inputs: [TensorType], type: TensorType) -> Int { inputs[0].shape.count }
}

extension Softmax {
    /// Five an element: the maximum, the difference to it, the exponential, the sum, the quotient or difference.
    public func operations(inputs: [TensorType], type: TensorType) -> Int { 5 * type.shape.count }
}

extension CrossEntropy {
    /// Four a logit: the maximum, the difference to it, the exponential, the sum.
    public func operations(inputs: [TensorType], type: TensorType) -> Int { 4 * inputs[0].shape.count }
}

extension ScatterAdd {
    /// An addition for each element that is scattered.
    public func operations(inputs: [TensorType], type: TensorType) -> Int { inputs[0].shape.count }
}

extension Leaf {
    public func operations(inputs: [TensorType], type: TensorType) -> Int { 0 }
}

extension Constant {
    public func operations(inputs: [TensorType], type: TensorType) -> Int { 0 }
}

extension Iota {
    public func operations(inputs: [TensorType], type: TensorType) -> Int { 0 }
}

extension Cast {
    public func operations(inputs: [TensorType], type: TensorType) -> Int { 0 }
}

extension Reshape {
    public func operations(inputs: [TensorType], type: TensorType) -> Int { 0 }
}

extension Transpose {
    public func operations(inputs: [TensorType], type: TensorType) -> Int { 0 }
}

extension Broadcast {
    public func operations(inputs: [TensorType], type: TensorType) -> Int { 0 }
}

extension Slice {
    public func operations(inputs: [TensorType], type: TensorType) -> Int { 0 }
}

extension Pad {
    public func operations(inputs: [TensorType], type: TensorType) -> Int { 0 }
}

extension Concatenate {
    public func operations(inputs: [TensorType], type: TensorType) -> Int { 0 }
}

extension Gather {
    public func operations(inputs: [TensorType], type: TensorType) -> Int { 0 }
}

extension StopGradient {
    public func operations(inputs: [TensorType], type: TensorType) -> Int { 0 }
}

extension Node {
    /// How many arithmetic operations computing this node from its inputs is.
    public var operations: Int { primitive.operations(inputs: inputs.map(\.type), type: type) }
}
