import EspalierGraph

/// Moves factors of channels into the weights before them: (x W + b - m) s + t becomes x (W s) + ((b - m) s + t).
///
/// A batch normalisation in inference is such a factor and sum for each channel. Behind a product with a constant matrix,
/// or a convolution with a constant weight, the factor is folded into the weight, and what is added comes last, where an
/// engine adds it while it writes the product.
struct ChannelFactors {
    /// A value that is a product, scaled and shifted in each channel, with its axes perhaps in another order.
    fileprivate struct Scaled {
        /// A matrix product or convolution whose second operand is constant; channels are the result's last axis.
        let product: Node
        /// What has brought the product into its present order and shape.
        var layout: [any Primitive] = []
        /// Which axis counts channels.
        var axis: Int
        /// For each channel; nothing where there is none yet.
        var scale: Tensor?
        var shift: Tensor?

        var channels: Int { product.type.shape.dimensions.last ?? 1 }
    }

    private let varying: Set<Node>
    private var readers: [Node: Int] = [:]
    private var scaled: [Node: Scaled] = [:]
    private var results: [Node: Node] = [:]

    /// The roots with all factors folded that can be.
    ///
    /// - Parameter varying: The nodes that are not constant.
    static func folded(_ roots: [Node], varying: Set<Node>) -> [Node] {
        let order = Tensor.topologicalOrder(of: roots)
        var pass = ChannelFactors(varying: varying)
        for node in roots + order.flatMap(\.inputs) { pass.readers[node, default: 0] += 1 }
        for node in order {
            pass.scaled[node] = pass.describe(node)
            pass.results[node] = pass.rebuilt(node)
        }
        return roots.map { pass.results[$0] ?? $0 }
    }

    private init(varying: Set<Node>) { self.varying = varying }

    private func isConstant(_ node: Node) -> Bool { !varying.contains(node) }

    // Finding

    /// How `node` is a scaled product, if it is one.
    private func describe(_ node: Node) -> Scaled? {
        guard varying.contains(node) else { return nil }
        let last = node.type.shape.rank - 1
        switch node.primitive {
        case is MatrixMultiply where isConstant(node.inputs[1]) && node.inputs[1].type.shape.rank == 2,
            is Convolution where isConstant(node.inputs[1]):
            return Scaled(product: node, axis: last)
        case let transpose as Transpose:
            guard var value = soleReading(of: node.inputs[0]), let axis = transpose.order.firstIndex(of: value.axis)
            else { return nil }
            value.layout.append(transpose)
            value.axis = axis
            return value
        case let reshape as Reshape:
            guard var value = soleReading(of: node.inputs[0]),
                let axis = Self.axis(value.axis, of: node.inputs[0].type.shape, in: reshape.shape)
            else { return nil }
            value.layout.append(reshape)
            value.axis = axis
            return value
        case let binary as Binary: return describe(binary.operation, node)
        default: return nil
        }
    }

    private func describe(_ operation: Binary.Operation, _ node: Node) -> Scaled? {
        let (first, second) = (node.inputs[0], node.inputs[1])
        if let value = soleReading(of: first), let number = perChannel(second, value) {
            return value.applying(operation, number)
        }
        guard operation == .add || operation == .multiply, let value = soleReading(of: second),
            let number = perChannel(first, value)
        else { return nil }
        return value.applying(operation, number)
    }

    /// The scaled product that `node` is, where nothing else reads it and so would need it as it was.
    private func soleReading(of node: Node) -> Scaled? { readers[node] == 1 ? scaled[node] : nil }

    /// A constant that differs between channels alone, as one number a channel.
    private func perChannel(_ node: Node, _ value: Scaled) -> Tensor? {
        guard isConstant(node) else { return nil }
        let source = node.primitive is Broadcast ? node.inputs[0] : node
        let missing = node.type.shape.rank - source.type.shape.rank
        for (axis, extent) in source.type.shape.dimensions.enumerated() where extent > 1 {
            guard axis + missing == value.axis else { return nil }
        }
        let numbers = Tensor(source).flattened()
        return numbers.count == 1 ? numbers.broadcast(to: [value.channels]) : numbers
    }

    /// Where an axis is found again after a reshape; nothing where it is merged or cut.
    private static func axis(_ axis: Int, of shape: Shape, in other: Shape) -> Int? {
        let before = shape.dimensions[..<axis].reduce(1, *)
        return other.dimensions.indices.first { index in
            other[index] == shape[axis] && other.dimensions[..<index].reduce(1, *) == before
        }
    }

    // Rebuilding

    private func rebuilt(_ node: Node) -> Node {
        if let value = scaled[node], let scale = value.scale { return folded(value, scale).node }
        let inputs = node.inputs.map { results[$0] ?? $0 }
        return inputs == node.inputs ? node : Node.applying(node.primitive, to: inputs)
    }

    private func folded(_ value: Scaled, _ scale: Tensor) -> Tensor {
        let product = value.product, weight = Tensor(product.inputs[1])
        let input = results[product.inputs[0]] ?? product.inputs[0]
        let isColumns = (product.primitive as? MatrixMultiply).map { !$0.transposeSecond } ?? false
        let factor =
            isColumns
            ? scale : scale.reshaped(to: Shape([value.channels] + [Int](repeating: 1, count: weight.rank - 1)))
        var result = Node.applying(product.primitive, to: [input, (weight * factor).node])
        for primitive in value.layout { result = Node.applying(primitive, to: [result]) }
        guard let shift = value.shift else { return Tensor(result) }
        let trailing = result.type.shape.rank - 1 - value.axis
        return Tensor(result)
            + shift.reshaped(to: Shape([value.channels] + [Int](repeating: 1, count: trailing)))
    }
}

extension ChannelFactors.Scaled {
    /// This after an operation with a number for each channel, or nothing where that is no factor or sum.
    fileprivate func applying(_ operation: Binary.Operation, _ number: Tensor) -> Self? {
        var result = self
        switch operation {
        case .add: result.shift = shift.map { $0 + number } ?? number
        case .subtract: result.shift = shift.map { $0 - number } ?? -number
        case .multiply:
            result.scale = scale.map { $0 * number } ?? number
            result.shift = shift.map { $0 * number }
        case .divide:
            result.scale = (scale ?? Tensor(1).broadcast(to: number.shape)) / number
            result.shift = shift.map { $0 / number }
        default: return nil
        }
        return result
    }
}
