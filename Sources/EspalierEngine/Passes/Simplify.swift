import EspalierGraph

/// Rewrites the graph by rules that keep its meaning: constants are folded, operations that do nothing dropped,
/// transposes sunk into matrix products, reductions brought to one run of axes.
///
/// Equal subexpressions need no rule: they are one node already.
enum Simplify {
    static func run(_ computation: Computation) -> Computation {
        var roots = computation.roots
        if CarriedTransposes.isWorthwhile(roots) {
            // Before reductions are split: channels last, one over samples and positions is one run of axes.
            roots = CarriedTransposes.run(
                rewrite(
                    roots,
                    by: [dropStopGradient, dropRecomputed, expand, mergeReshapes, mergeTransposes, mergeBroadcasts]))
        }
        return computation.replacing(roots: rewrite(roots, by: rules))
    }

    /// A rule returns what a node is to be replaced by, or nothing where it does not apply.
    typealias Rule = @Sendable (Node) -> Tensor?

    /// Rebuilds the graph of `roots` bottom-up, applying the rules at every node until none applies.
    static func rewrite(_ roots: [Node], by rules: [Rule]) -> [Node] {
        var results: [Node: Node] = [:]
        func rewritten(_ node: Node) -> Node {
            if let known = results[node] { return known }
            let inputs = node.inputs.map(rewritten)
            let rebuilt = inputs == node.inputs ? node : Node.applying(node.primitive, to: inputs)
            let result = rules.lazy.compactMap { $0(rebuilt) }.first.map { rewritten($0.node) } ?? rebuilt
            results[node] = result
            results[result] = result
            return result
        }
        // In this order every input is known, and the recursion only enters what a rule has made.
        for node in Tensor.topologicalOrder(of: roots) { _ = rewritten(node) }
        return roots.map(rewritten)
    }

    static let rules: [Rule] = [
        dropStopGradient, dropRecomputed, expand, foldConstants, dropNeutralOperand, mergeReshapes, mergeTransposes,
        mergeBroadcasts, sinkTransposeIntoProduct, dropUnitReduction, splitReduction, sliceOfPadding, sliceOfSum,
        maskOfNormalized, sumsOfParts,
    ]

    static func dropStopGradient(_ node: Node) -> Tensor? {
        node.primitive is StopGradient ? Tensor(node.inputs[0]) : nil
    }

    /// The derivative has been taken by now, and the border that it started from is of no further use.
    static func dropRecomputed(_ node: Node) -> Tensor? {
        node.primitive is Recomputed ? Tensor(node.inputs[0]) : nil
    }

    /// What has no kernel of its own is computed from its parts.
    static func expand(_ node: Node) -> Tensor? {
        guard node.primitive.wholeAttention == nil, node.primitive.wholeRecurrence == nil else { return nil }
        return (node.primitive as? any Expandable)?.expanded(node.inputs.map(Tensor.init))
    }

    /// An element-wise function of constants is a constant.
    static func foldConstants(_ node: Node) -> Tensor? {
        guard node.primitive is Unary || node.primitive is Binary || node.primitive is Select || node.primitive is Cast
        else { return nil }
        let values = node.inputs.compactMap { Tensor($0).constantValue }
        guard values.count == node.inputs.count else { return nil }
        let scalars = values.map { ReferenceArray([], [$0]) }
        let value = node.primitive.evaluate(scalars, type: TensorType([], node.type.dtype)).values[0]
        // What whole numbers overflow to is the kernels' business.
        if node.type.dtype == .int32, Int32(exactly: value) == nil { return nil }
        return .full(node.type.shape, value, node.type.dtype)
    }

    /// x + 0, x - 0, x * 1, x / 1.
    static func dropNeutralOperand(_ node: Node) -> Tensor? {
        guard let binary = node.primitive as? Binary else { return nil }
        let first = Tensor(node.inputs[0]), second = Tensor(node.inputs[1])
        switch binary.operation {
        case .add where second.constantValue == 0, .subtract where second.constantValue == 0,
            .multiply where second.constantValue == 1, .divide where second.constantValue == 1:
            return first
        case .add where first.constantValue == 0, .multiply where first.constantValue == 1:
            return second
        default: return nil
        }
    }

    static func mergeReshapes(_ node: Node) -> Tensor? {
        guard let reshape = node.primitive as? Reshape else { return nil }
        let input = node.inputs[0]
        if input.type.shape == reshape.shape { return Tensor(input) }
        return input.primitive is Reshape ? Tensor(input.inputs[0]).reshaped(to: reshape.shape) : nil
    }

    static func mergeTransposes(_ node: Node) -> Tensor? {
        guard let outer = node.primitive as? Transpose else { return nil }
        if outer.order == Array(outer.order.indices) { return Tensor(node.inputs[0]) }
        guard let inner = node.inputs[0].primitive as? Transpose else { return nil }
        return Tensor(node.inputs[0].inputs[0]).transposed(outer.order.map { inner.order[$0] })
    }

    static func mergeBroadcasts(_ node: Node) -> Tensor? {
        guard let outer = node.primitive as? Broadcast else { return nil }
        let input = node.inputs[0]
        if input.type.shape == outer.shape { return Tensor(input) }
        return input.primitive is Broadcast ? Tensor(input.inputs[0]).broadcast(to: outer.shape) : nil
    }

    /// A product takes its operands transposed at no cost.
    static func sinkTransposeIntoProduct(_ node: Node) -> Tensor? {
        guard let product = node.primitive as? MatrixMultiply else { return nil }
        var operands = node.inputs.map(Tensor.init)
        var transposed = [product.transposeFirst, product.transposeSecond]
        var changed = false
        for index in 0..<2 {
            guard let transpose = operands[index].node.primitive as? Transpose else { continue }
            var exchange = Array(transpose.order.indices)
            exchange.swapAt(exchange.count - 1, exchange.count - 2)
            guard transpose.order == exchange else { continue }
            operands[index] = Tensor(operands[index].node.inputs[0])
            transposed[index].toggle()
            changed = true
        }
        guard changed else { return nil }
        return operands[0].matmul(operands[1], transposeFirst: transposed[0], transposeSecond: transposed[1])
    }

    /// A reduction over axes of extent one only drops them.
    static func dropUnitReduction(_ node: Node) -> Tensor? {
        guard let reduce = node.primitive as? Reduce else { return nil }
        let input = Tensor(node.inputs[0])
        guard reduce.axes.allSatisfy({ input.shape[$0] == 1 }) else { return nil }
        return input.reshaped(to: node.type.shape)
    }

    /// A reduction over several runs of axes becomes one reduction a run, the last first.
    static func splitReduction(_ node: Node) -> Tensor? {
        guard let reduce = node.primitive as? Reduce, let last = reduce.axes.last,
            let start = reduce.axes.indices.last(where: { $0 == 0 || reduce.axes[$0 - 1] != reduce.axes[$0] - 1 }),
            start > 0
        else { return nil }
        let input = Tensor(node.inputs[0])
        let run = Array(reduce.axes[start]...last), rest = Array(reduce.axes[..<start])
        switch reduce.operation {
        case .sum: return input.sum(axes: run).sum(axes: rest)
        case .maximum: return input.max(axes: run).max(axes: rest)
        case .minimum: return input.min(axes: run).min(axes: rest)
        }
    }

    /// A slice of a padded tensor is one of the tensor or of the padding, where it does not take from both.
    static func sliceOfPadding(_ node: Node) -> Tensor? {
        guard let slice = node.primitive as? Slice, let pad = node.inputs[0].primitive as? Pad,
            pad.between.allSatisfy({ $0 == 0 })
        else { return nil }
        let inner = Tensor(node.inputs[0].inputs[0])
        let starts = zip(slice.starts, pad.before).map(-)
        let lasts = starts.indices.map { starts[$0] + (slice.counts[$0] - 1) * slice.steps[$0] }
        let axes = starts.indices
        if axes.allSatisfy({ starts[$0] >= 0 && lasts[$0] < inner.shape[$0] }) {
            return inner.slice(starts: starts, counts: slice.counts, steps: slice.steps)
        }
        let misses = axes.contains { lasts[$0] < 0 || starts[$0] >= inner.shape[$0] }
        return misses ? .full(node.type.shape, pad.value, node.type.dtype) : nil
    }

    /// A slice of a sum with a padded tensor, as the cotangents of several parts make one, is a sum of slices.
    static func sliceOfSum(_ node: Node) -> Tensor? {
        guard let slice = node.primitive as? Slice, let sum = node.inputs[0].primitive as? Binary,
            sum.operation == .add, isSumOfPadding(node.inputs[0])
        else { return nil }
        let parts = node.inputs[0].inputs.map {
            Tensor($0).slice(starts: slice.starts, counts: slice.counts, steps: slice.steps)
        }
        return parts[0] + parts[1]
    }

    private static func isSumOfPadding(_ node: Node) -> Bool {
        if node.primitive is Pad { return true }
        return (node.primitive as? Binary)?.operation == .add && node.inputs.contains(where: isSumOfPadding)
    }

    /// Whether the ReLU of a normalised value is positive shows from the value as well.
    ///
    /// The backward pass of a normalisation reads what that came from in any case, and then need not read the ReLU's
    /// result beside it.
    static func maskOfNormalized(_ node: Node) -> Tensor? {
        guard (node.primitive as? Binary)?.operation == .greater, Tensor(node.inputs[1]).constantValue == 0,
            (node.inputs[0].primitive as? Unary)?.operation == .relu
        else { return nil }
        let operand = node.inputs[0].inputs[0]
        return isScaledByChannel(operand) ? Tensor(operand) .> Tensor(node.inputs[1]) : nil
    }

    /// A tensor multiplied by a repeated one, and perhaps with another added.
    private static func isScaledByChannel(_ node: Node) -> Bool {
        guard let binary = node.primitive as? Binary else { return false }
        let others = node.inputs.filter { !isRepeated($0) }
        guard others.count == 1 else { return false }
        return binary.operation == .multiply
            || ([.add, .subtract].contains(binary.operation) && isScaledByChannel(others[0]))
    }

    private static func isRepeated(_ node: Node) -> Bool {
        if node.primitive is Transpose || node.primitive is Reshape { return isRepeated(node.inputs[0]) }
        return node.primitive is Broadcast
    }
}
