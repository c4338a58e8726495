import CKernels
import EspalierGraph

/// A recurrent layer over whole sequences or its gradient, ready to run once it has scratch memory.
struct RecurrentKernel: ScratchUser {
    let call: KernelCall
    private let record: UnsafeMutablePointer<espalier_recurrence>

    func scratchElements(threads: Int) -> Int { Int(espalier_recurrence_scratch(record, Int32(threads))) }

    func useScratch(_ address: UnsafeMutablePointer<Float>, threads: Int) { record.pointee.scratch = address }
}

extension RecurrentKernel {
    /// The kernel for `node`, if it is a recurrence or the gradient of one.
    init?(_ node: Node, _ plan: Plan, _ addresses: Addresses, _ records: Records) {
        guard let recurrence = node.recurrence else { return nil }
        /// The memory of operand number `index`; nothing where it is known to be zeros.
        func operand(_ index: Int) -> UnsafeMutablePointer<Float>? {
            let view = plan.layouts.view(node.inputs[index])
            return view.isZero ? nil : addresses.address(of: view)
        }
        let result = addresses.address(of: node)
        let projection = node.inputs[0].type.shape, count = recurrence.operandCount
        var work = espalier_recurrence()
        work.cell = Int32(recurrence.cell.code.rawValue)
        work.is_reversed = recurrence.isReversed ? 1 : 0
        work.steps = Int64(projection[0])
        work.batch = Int64(projection[1])
        work.units = Int64(node.inputs[1].type.shape[1])
        work.weight = UnsafePointer(operand(1))
        work.hidden = UnsafePointer(operand(recurrence.cell == .gru ? 3 : 2))
        work.state = recurrence.cell == .lstm ? UnsafePointer(operand(3)) : nil
        let function: KernelCall.Function
        if node.primitive is Recurrence {
            work.projection = UnsafePointer(operand(0))
            work.candidate_bias = recurrence.cell == .gru ? UnsafePointer(operand(2)) : nil
            work.result = result
            function = Self.run
        } else {
            work.result = operand(count)
            work.sequence_cotangent = UnsafePointer(operand(count + 1))
            work.hidden_cotangent = UnsafePointer(operand(count + 2))
            work.state_cotangent = recurrence.cell == .lstm ? UnsafePointer(operand(count + 3)) : nil
            work.gradient = result
            function = Self.runGradient
        }
        record = records.store(work)
        call = KernelCall(function: function, record: record)
    }

    private static let run: KernelCall.Function = { record, threads in
        espalier_run_recurrence(record.assumingMemoryBound(to: espalier_recurrence.self), threads)
        return -1
    }

    private static let runGradient: KernelCall.Function = { record, threads in
        espalier_run_recurrence_gradient(record.assumingMemoryBound(to: espalier_recurrence.self), threads)
        return -1
    }
}

extension Node {
    /// The recurrence that this computes, or the gradient of.
    fileprivate var recurrence: Recurrence? {
        (primitive as? Recurrence) ?? (primitive as? RecurrenceGradient)?.recurrence
    }

    /// Whether a recurrence's kernel takes no memory for operand number `index` where it is all zeros.
    func mayLackZeros(_ index: Int) -> Bool {
        switch primitive {
        case is Recurrence: index > 1
        case let gradient as RecurrenceGradient: index != 1 && index != gradient.recurrence.operandCount
        default: false
        }
    }
}

extension View {
    /// Whether every element is known to be zero.
    var isZero: Bool { (base.primitive as? Constant)?.value == 0 }
}

extension RecurrentCell {
    fileprivate var code: espalier_recurrent_cell {
        switch self {
        case .tanh: espalier_cell_tanh
        case .relu: espalier_cell_relu
        case .lstm: espalier_cell_lstm
        case .gru: espalier_cell_gru
        }
    }
}
