import EspalierGraph

/// Pass 5, matrix products: describes operands to oneDNN as they lie, transposed or not.
enum LowerProducts {
    static func product(
        _ group: KernelGroup, _ plan: Plan, _ addresses: Addresses, _ library: OneDNN, threads: Int
    ) throws -> MatrixProduct {
        let node = group.nodes[0]
        guard let multiply = node.primitive as? MatrixMultiply else { fatalError("\(node.primitive) is no product") }
        func operand(_ view: View, transposed: Bool = false) -> OneDNNOperand {
            var dimensions = view.shape.dimensions, strides = view.strides
            if transposed {
                dimensions.swapAt(dimensions.count - 1, dimensions.count - 2)
                strides.swapAt(strides.count - 1, strides.count - 2)
            }
            return OneDNNOperand(
                dimensions: dimensions, strides: definite(strides, dimensions),
                address: addresses.address(of: view.base) + view.offset)
        }
        let bias = group.nodes.dropFirst().first.flatMap { plan.dependencies.bias(in: $0, of: node) }
        let result = group.stored[0]
        return try MatrixProduct(
            library,
            first: operand(plan.layouts.view(node.inputs[0]), transposed: multiply.transposeFirst),
            second: operand(plan.layouts.view(node.inputs[1]), transposed: multiply.transposeSecond),
            bias: bias.map { view in
                let width = view.shape.dimensions.last!
                let ones = [Int](repeating: 1, count: view.shape.rank - 1)
                return OneDNNOperand(
                    dimensions: ones + [width], strides: ones.map { _ in width } + [1],
                    address: addresses.address(of: view.base) + view.offset)
            },
            destination: OneDNNOperand(
                dimensions: result.type.shape.dimensions, strides: result.type.shape.strides,
                address: addresses.address(of: result)),
            relu: group.nodes.contains { ($0.primitive as? Unary)?.operation == .relu }, threads: threads)
    }

    /// The stride along an axis of extent one means nothing; the library wants a possible one all the same.
    private static func definite(_ strides: [Int], _ dimensions: [Int]) -> [Int] {
        var strides = strides
        let rank = dimensions.count
        if dimensions[rank - 1] == 1, dimensions[rank - 2] == 1 { strides[rank - 2] = 1 }
        if dimensions[rank - 1] == 1 {
            strides[rank - 1] = dimensions[rank - 2] == 1 ? 1 : strides[rank - 2] == 1 ? dimensions[rank - 2] : 1
        }
        if dimensions[rank - 2] == 1, dimensions[rank - 1] != 1 {
            strides[rank - 2] = strides[rank - 1] == 1 ? dimensions[rank - 1] : 1
        }
        for axis in (0..<rank - 2).reversed() where dimensions[axis] == 1 {
            strides[axis] = Swift.max(
                strides[axis + 1] * dimensions[axis + 1], dimensions[rank - 1] * dimensions[rank - 2])
        }
        return strides
    }
}
