extension Tensor {
    /// The axis that `axis` means when negative numbers count from the end; one that is not there stops the program.
    func resolved(_ axis: Int, for operation: String) -> Int {
        guard let resolved = shape.axis(axis) else {
            fatalError(ShapeError(operation, "there is no axis \(axis)", [node.type]).description)
        }
        return resolved
    }

    /// What `body` makes of this tensor with `axis` moved to the end, moved back again.
    func alongLast(_ axis: Int, _ body: (Tensor) -> Tensor) -> Tensor {
        var order = Array(0..<rank)
        order.swapAt(axis, rank - 1)
        return body(transposed(order)).transposed(order)
    }
}
