import CKernels
import EspalierGraph

/// A kernel for attention or its gradient: a record whose scratch memory is still to be given.
struct AttentionKernel: ScratchUser {
    private let record: UnsafeMutablePointer<espalier_attention>
    private let isGradient: Bool

    /// The function that `primitive` is or is the gradient of, where it is one of those.
    static func function(of primitive: any Primitive) -> ScaledDotProductAttention? {
        primitive as? ScaledDotProductAttention
            ?? (primitive as? CompositeGradient<ScaledDotProductAttention>)?.function
    }

    /// The kernel for `node`, if it is attention or its gradient.
    init?(_ node: Node, _ plan: Plan, _ addresses: Addresses, _ records: Records) {
        guard let function = Self.function(of: node.primitive) else { return nil }
        let gradient = node.primitive as? CompositeGradient<ScaledDotProductAttention>
        isGradient = gradient != nil
        let operands = node.inputs.dropLast(isGradient ? 2 : 0).map(plan.layouts.view)
        let shapes = operands.map(\.shape), sizes = function.sizes(shapes)
        func heads(_ view: View) -> espalier_heads {
            espalier_heads(
                address: addresses.address(of: view), batch: Int64(view.strides[0]), step: Int64(view.strides[1]),
                head: Int64(view.strides[2]))
        }
        /// Queries, keys and values, or their gradients, as they lie in views like the operands.
        func parts(_ views: [View]) -> [espalier_heads] {
            guard function.isPacked else { return views.prefix(3).map(heads) }
            return (0..<3).map { part in
                var view = views[0]
                view.offset += part * view.strides[2]
                view.strides.remove(at: 2)
                return heads(view)
            }
        }
        var work = espalier_attention()
        work.batches = Int64(sizes.batches)
        work.heads = Int64(sizes.heads)
        work.queries = Int64(sizes.queries)
        work.keys = Int64(sizes.keys)
        work.width = Int64(sizes.width)
        work.value_width = Int64(sizes.valueWidth)
        work.scale = Float(function.scale)
        work.causal = function.isCausal ? 1 : 0
        let read = parts(operands)
        (work.query, work.key, work.value) = (read[0], read[1], read[2])
        switch function.masking {
        case .none: break
        case .additive:
            let mask = operands[operands.count - 1].broadcast(to: sizes.scores)
            work.mask = UnsafePointer(addresses.address(of: mask))
            let strides = mask.strides.map(Int64.init)
            work.mask_strides = (strides[0], strides[1], strides[2], strides[3])
        case .lengths:
            let lengths = operands[operands.count - 1]
            work.lengths = UnsafePointer(addresses.address(of: lengths))
            work.lengths_stride = Int64(lengths.strides[0])
        }
        let result = addresses.address(of: isGradient ? plan.layouts.view(node.inputs[operands.count]) : View(of: node))
        work.output = result
        work.log_sum = result + sizes.output
        if let gradient {
            let cotangent = plan.layouts.view(node.inputs[operands.count + 1])
            let shape = Shape([sizes.batches, sizes.queries, sizes.heads, sizes.valueWidth])
            work.cotangent = heads(
                View(base: cotangent.base, offset: cotangent.offset, shape: shape, strides: shape.strides))
            let written = zip(gradient.ranges(shapes), shapes).map { range, shape in
                View(base: node, offset: range.lowerBound, shape: shape, strides: shape.strides)
            }
            let parts = parts(written)
            (work.query_gradient, work.key_gradient, work.value_gradient) = (parts[0], parts[1], parts[2])
        }
        record = records.store(work)
    }

    func scratchElements(threads: Int) -> Int {
        Int(espalier_attention_scratch(record, isGradient ? 1 : 0)) * threads
    }

    func useScratch(_ address: UnsafeMutablePointer<Float>, threads: Int) { record.pointee.scratch = address }

    var call: KernelCall { KernelCall(function: isGradient ? Self.runGradient : Self.run, record: record) }

    private static let run: KernelCall.Function = { record, threads in
        espalier_attention_run(record.assumingMemoryBound(to: espalier_attention.self), threads)
        return -1
    }

    private static let runGradient: KernelCall.Function = { record, threads in
        espalier_attention_gradient_run(record.assumingMemoryBound(to: espalier_attention.self), threads)
        return -1
    }
}
