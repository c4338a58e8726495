import CKernels
import EspalierGraph

/// Lowers matrix products: describes operands as they lie, however strided, with the epilogues that were fused.
struct LowerProducts {
    let plan: Plan
    let addresses: Addresses

    /// The products of a kernel, that run side by side.
    func products(_ group: KernelGroup) -> [espalier_product] {
        group.nodes.compactMap { node in
            (node.primitive as? MatrixMultiply).map {
                product($0, node, epilogue: group.epilogue(of: node, plan.dependencies))
            }
        }
    }

    private func product(_ multiply: MatrixMultiply, _ node: Node, epilogue: [Node]) -> espalier_product {
        let first = operand(node.inputs[0], transposed: multiply.transposeFirst)
        let second = operand(node.inputs[1], transposed: multiply.transposeSecond)
        let result = epilogue.last ?? node
        let rank = node.type.shape.rank
        var product = espalier_product()
        product.a = UnsafePointer(first.address)
        product.b = UnsafePointer(second.address)
        product.c = addresses.address(of: result)
        product.bias = epilogue.first.flatMap { plan.dependencies.bias(in: $0, of: node) }.map {
            UnsafePointer(addresses.address(of: $0))
        }
        product.relu = epilogue.contains { ($0.primitive as? Unary)?.operation == .relu } ? 1 : 0
        product.m = Int64(node.type.shape[rank - 2])
        product.n = Int64(node.type.shape[rank - 1])
        product.k = Int64(first.view.shape[rank - 1])
        product.a_row = Int64(first.view.strides[rank - 2])
        product.a_column = Int64(first.view.strides[rank - 1])
        product.b_row = Int64(second.view.strides[rank - 2])
        product.b_column = Int64(second.view.strides[rank - 1])
        product.c_row = product.n
        product.setBatch(first.view, second.view, node.type.shape)
        return product
    }

    private func operand(_ node: Node, transposed: Bool) -> (view: View, address: UnsafeMutablePointer<Float>) {
        let view = plan.layouts.view(node), rank = view.shape.rank
        let order = Array(0..<rank - 2) + (transposed ? [rank - 1, rank - 2] : [rank - 2, rank - 1])
        return (view.transposed(order), addresses.address(of: view))
    }
}

extension espalier_product {
    /// One axis of the batch: its extent, and the operands' strides.
    private struct Axis {
        var extent: Int
        var strides: [Int]
    }

    /// Sets the batch axes, as few as the operands' strides allow; the innermost become rows where B is the same for all.
    fileprivate mutating func setBatch(_ first: View, _ second: View, _ shape: Shape) {
        let strides = shape.strides
        var batch: [Axis] = []
        for axis in 0..<shape.rank - 2 where shape[axis] != 1 {
            let next = Axis(extent: shape[axis], strides: [first.strides[axis], second.strides[axis], strides[axis]])
            if let last = batch.last, last.strides == next.strides.map({ $0 * next.extent }) {
                batch[batch.count - 1] = Axis(extent: last.extent * next.extent, strides: next.strides)
            } else {
                batch.append(next)
            }
        }
        while let last = batch.last, last.strides[1] == 0, last.strides[0] == Int(m * a_row),
            last.strides[2] == Int(m * c_row)
        {
            m *= Int64(last.extent)
            batch.removeLast()
        }
        precondition(batch.count <= Layouts.mostBatchAxes, "a product over \(batch.count) axes that do not join")
        axes = Int32(batch.count)
        for (index, axis) in batch.enumerated() {
            withUnsafeMutablePointer(to: &extents) { Self.set($0, index, axis.extent) }
            withUnsafeMutablePointer(to: &a_batch) { Self.set($0, index, axis.strides[0]) }
            withUnsafeMutablePointer(to: &b_batch) { Self.set($0, index, axis.strides[1]) }
            withUnsafeMutablePointer(to: &c_batch) { Self.set($0, index, axis.strides[2]) }
        }
    }

    /// Sets an element of a C array, which is a tuple here.
    private static func set<Values>(_ array: UnsafeMutablePointer<Values>, _ index: Int, _ value: Int) {
        UnsafeMutableRawPointer(array).assumingMemoryBound(to: Int64.self)[index] = Int64(value)
    }
}

/// The products of one kernel, ready to run side by side.
struct ProductCall: ScratchUser {
    private struct Record {
        var products: UnsafeMutablePointer<espalier_product>
        var count: Int64
        var scratch: UnsafeMutablePointer<Float>?
    }

    private let record: UnsafeMutablePointer<Record>

    init(_ products: [espalier_product], _ records: Records) {
        record = records.store(
            Record(products: records.store(products), count: Int64(products.count), scratch: nil))
    }

    func scratchElements(threads: Int) -> Int {
        Int(espalier_products_scratch(record.pointee.products, record.pointee.count, Int32(threads)))
    }

    func useScratch(_ address: UnsafeMutablePointer<Float>, threads: Int) { record.pointee.scratch = address }

    var call: KernelCall { KernelCall(function: Self.function, record: record) }

    private static let function: KernelCall.Function = { record, threads in
        let work = record.assumingMemoryBound(to: Record.self).pointee
        espalier_run_products(work.products, work.count, work.scratch, threads)
        return -1
    }
}
