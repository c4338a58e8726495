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
