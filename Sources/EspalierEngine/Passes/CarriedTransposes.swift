import EspalierGraph

/// Carries the transposes that follow convolutions and poolings along, through all that can be computed in another
/// order of axes, until they meet their inverse.
///
/// Layers speak of [N, C, ...], kernels compute on [N, ..., C]. A convolution's result therefore is a transpose, and so
/// are the operands of the next. Between the two, every operation is written anew for the order that memory has; what is
/// left is a transpose where the graph leaves that order: at a matrix product, at a result.
///
/// An operation changes its order only if an operand comes from a convolution or pooling. What has to be turned to fit is
/// then a constant, a number for each channel or sample (which broadcast in any order), or is read by its strides.
struct CarriedTransposes {
    /// A node's value: `tensor` with its axes in another order.
    ///
    /// Axis i of the node is axis `order[i]` of the tensor.
    private struct Carried {
        var tensor: Tensor
        var order: [Int]
        /// Whether the order is that of a convolution's or pooling's memory.
        var isAnchored = false
        /// Whether it can as well be made in any other order.
        var isFree = false

        init(_ tensor: Tensor) {
            self.tensor = tensor
            order = Array(0..<tensor.rank)
        }

        /// Whether the tensor is the value as it is.
        var isPlain: Bool { order == Array(order.indices) }

        /// The value in its own order.
        var plain: Tensor { tensor.turned(order) }

        /// This with its axes exchanged.
        func transposed(_ outer: [Int]) -> Carried {
            var result = self
            result.order = outer.map { order[$0] }
            return result
        }
    }

    private var carried: [Node: Carried] = [:]
    /// What was made in another order because it is free, by value and order.
    private var remade: [[Int]: [Node: Tensor]] = [:]

    /// Whether anything is computed in an order of its own.
    static func isWorthwhile(_ roots: [Node]) -> Bool {
        Tensor.topologicalOrder(of: roots).contains { isAnchor($0.primitive) }
    }

    /// The roots, computed with as few transposes as this finds.
    static func run(_ roots: [Node]) -> [Node] {
        var pass = CarriedTransposes()
        for node in Tensor.topologicalOrder(of: roots) { pass.carried[node] = pass.carry(node) }
        return roots.map { pass.carried[$0]!.plain.node }
    }

    private static func isAnchor(_ primitive: any Primitive) -> Bool {
        switch primitive {
        case is Convolution, is ConvolutionInputGradient, is MaximumPool, is MaximumPoolGradient, is AveragePool,
            is AveragePoolGradient:
            true
        default: false
        }
    }

    private mutating func carry(_ node: Node) -> Carried {
        let inputs = node.inputs.map { carried[$0]! }
        if let transpose = node.primitive as? Transpose { return inputs[0].transposed(transpose.order) }
        if node.primitive is Barrier {
            // What is waited for may lie in any order.
            var result = inputs[0]
            result.tensor = Self.apply(node.primitive, inputs.map(\.tensor))
            result.isFree = false
            return result
        }
        if let order = inputs.first(where: { $0.isAnchored && $0.tensor.rank >= 3 })?.order,
            let result = carry(node, inputs, order)
        {
            return result
        }
        var result = Carried(Self.apply(node.primitive, inputs.map(\.plain)))
        let isElementwise = Self.isElementwise(node.primitive)
        result.isAnchored = Self.isAnchor(node.primitive) || (isElementwise && inputs.contains(where: \.isAnchored))
        result.isFree =
            node.primitive is Broadcast || node.primitive is Constant || node.primitive is Iota
            || (isElementwise && inputs.allSatisfy(\.isFree))
        return result
    }

    /// `node` computed from operands in another order, or nothing where it cannot be.
    private mutating func carry(_ node: Node, _ inputs: [Carried], _ order: [Int]) -> Carried? {
        func result(_ tensor: Tensor, _ order: [Int]) -> Carried {
            var result = Carried(tensor)
            result.order = order
            result.isAnchored = true
            return result
        }
        /// Numbers for the node's axes as numbers for the tensor's.
        func turned(_ numbers: [Int]) -> [Int] { Self.inverse(order).map { numbers[$0] } }
        let first = inputs[0]
        switch node.primitive {
        case is Unary, is Binary, is Select, is Cast:
            return result(Self.apply(node.primitive, inputs.map { arranged($0, order) }), order)
        case let join as Concatenate:
            return result(.concatenate(inputs.map { arranged($0, order) }, axis: order[join.axis]), order)
        case let slice as Slice:
            return result(
                first.tensor.slice(
                    starts: turned(slice.starts), counts: turned(slice.counts), steps: turned(slice.steps)), order)
        case let pad as Pad:
            return result(
                first.tensor.padded(
                    before: turned(pad.before), after: turned(pad.after), between: turned(pad.between),
                    value: pad.value), order)
        case let gather as Gather where inputs[1].tensor.rank == 1:
            return result(first.tensor.gather(inputs[1].plain, axis: order[gather.axis]), order)
        case let reduce as Reduce:
            let axes = reduce.axes.map { order[$0] }
            let kept = order.indices.filter { !reduce.axes.contains($0) }.map { order[$0] }
            return result(
                first.tensor.reduced(reduce.operation, axes: axes), kept.map { axis in kept.count { $0 < axis } })
        case let reshape as Reshape:
            return Self.reshaped(first, reshape.shape).map { result($0.tensor, $0.order) }
        default: return nil
        }
    }

    /// The tensor that in the given order is the value of `input`.
    private mutating func arranged(_ input: Carried, _ order: [Int]) -> Tensor {
        if input.order == order { return input.tensor }
        let inverse = Self.inverse(order)
        return input.isFree ? remake(input.plain, inverse) : input.tensor.turned(inverse.map { input.order[$0] })
    }

    /// Something free with its axes in another order, made so.
    private mutating func remake(_ tensor: Tensor, _ order: [Int]) -> Tensor {
        if let known = remade[order]?[tensor.node] { return known }
        let shape = Shape(order.map { tensor.shape[$0] })
        let result: Tensor
        switch tensor.node.primitive {
        case is Broadcast:
            let source = Tensor(tensor.node.inputs[0])
            let missing = [Int](repeating: 1, count: tensor.rank - source.rank)
            result = source.reshaped(to: Shape(missing + source.shape.dimensions)).turned(order).broadcast(to: shape)
        case let iota as Iota: result = .iota(shape, axis: Self.inverse(order)[iota.axis])
        case let primitive where Self.isElementwise(primitive):
            result = Self.apply(primitive, tensor.node.inputs.map { remake(Tensor($0), order) })
        default: result = tensor.turned(order)
        }
        remade[order, default: [:]][tensor.node] = result
        return result
    }

    /// The value under another shape, where that only splits axes, or joins those that are neighbours in memory.
    private static func reshaped(_ input: Carried, _ shape: Shape) -> (tensor: Tensor, order: [Int])? {
        let extents = input.order.map { input.tensor.shape[$0] }
        guard let runs = runs(extents, shape.dimensions) else { return nil }
        // Axes of extent one may stand anywhere, so they are not looked at, and end up last.
        let memory = input.tensor.shape.dimensions.indices.filter { input.tensor.shape[$0] != 1 }
        var order: [Int] = []
        for axis in memory {
            guard let run = runs.first(where: { $0.old.contains { input.order[$0] == axis } }) else { return nil }
            let places = run.old.map { memory.firstIndex(of: input.order[$0])! }
            guard zip(places, places.dropFirst()).allSatisfy({ $1 == $0 + 1 }) else { return nil }
            if input.order[run.old[0]] == axis { order += run.new }
        }
        order += shape.dimensions.indices.filter { shape[$0] == 1 }
        return (input.tensor.reshaped(to: Shape(order.map { shape[$0] })), inverse(order))
    }

    /// The axes of two shapes, those of extent one aside, matched in the shortest runs of equal counts.
    private static func runs(_ old: [Int], _ new: [Int]) -> [(old: [Int], new: [Int])]? {
        var runs: [(old: [Int], new: [Int])] = []
        var old = old.indices.filter { old[$0] != 1 }.map { (axis: $0, extent: old[$0]) }[...]
        var new = new.indices.filter { new[$0] != 1 }.map { (axis: $0, extent: new[$0]) }[...]
        while let first = old.popFirst(), let second = new.popFirst() {
            var run = (old: [first.axis], new: [second.axis])
            var counts = (first.extent, second.extent)
            while counts.0 != counts.1 {
                if counts.0 < counts.1 {
                    guard let next = old.popFirst() else { return nil }
                    run.old.append(next.axis)
                    counts.0 *= next.extent
                } else {
                    guard let next = new.popFirst() else { return nil }
                    run.new.append(next.axis)
                    counts.1 *= next.extent
                }
            }
            runs.append(run)
        }
        return runs
    }

    private static func isElementwise(_ primitive: any Primitive) -> Bool {
        primitive is Unary || primitive is Binary || primitive is Select || primitive is Cast
    }

    private static func apply(_ primitive: any Primitive, _ inputs: [Tensor]) -> Tensor {
        Tensor(Node.applying(primitive, to: inputs.map(\.node)))
    }

    private static func inverse(_ order: [Int]) -> [Int] {
        var inverse = order
        for (axis, from) in order.enumerated() { inverse[from] = axis }
        return inverse
    }
}

extension Tensor {
    fileprivate func reduced(_ operation: Reduce.Operation, axes: [Int]) -> Tensor {
        switch operation {
        case .sum: sum(axes: axes)
        case .maximum: max(axes: axes)
        case .minimum: min(axes: axes)
        }
    }

    /// This with its axes in the given order: a reshape where only axes of extent one change their places.
    fileprivate func turned(_ order: [Int]) -> Tensor {
        let moved = order.filter { shape[$0] != 1 }
        return moved == moved.sorted() ? reshaped(to: Shape(order.map { shape[$0] })) : transposed(order)
    }
}
