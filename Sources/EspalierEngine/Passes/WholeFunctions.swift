import EspalierGraph

// The functions that are known by their expansion but have a kernel of their own, as have their gradients.
extension Primitive {
    /// The attention that this is, or is the gradient of.
    var wholeAttention: ScaledDotProductAttention? {
        self as? ScaledDotProductAttention ?? (self as? CompositeGradient<ScaledDotProductAttention>)?.function
    }

    /// The recurrence that this is, or is the gradient of.
    var wholeRecurrence: Recurrence? {
        self as? Recurrence ?? (self as? RecurrenceGradient)?.recurrence
    }
}

extension Node {
    /// Whether a recurrence's kernel takes no memory for operand number `index` where it is all zeros.
    func mayLackZeros(_ index: Int) -> Bool {
        switch primitive {
        case is Recurrence: index > 1
        case let gradient as RecurrenceGradient: index != 1 && index != gradient.recurrence.operandCount
        default: false
        }
    }
}

extension Computation {
    /// This computation with zeros for the operands that kernels of gradients do not read, so that these need not be kept.
    func droppingUnreadOperands() -> Computation {
        replacing(roots: Simplify.rewrite(roots, by: [Self.dropUnread]))
    }

    /// The gradient of a recurrence finds in the result all that it needs of the projected input and the bias.
    ///
    /// This is no rule of `Simplify`: the reference, which knows the expansion alone, reads them.
    private static func dropUnread(_ node: Node) -> Tensor? {
        guard let gradient = node.primitive as? RecurrenceGradient else { return nil }
        var inputs = node.inputs
        for index in gradient.recurrence.cell == .gru ? [0, 2] : [0] {
            inputs[index] = Tensor.zeros(inputs[index].type.shape).node
        }
        return inputs == node.inputs ? nil : Tensor(Node.applying(gradient, to: inputs))
    }
}
