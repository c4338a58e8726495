import CKernels
import EspalierGraph

/// Pass 5, tile programs: turns the nodes of a kernel into instructions.
struct TileLowering {
    let plan: Plan
    let addresses: Addresses
    let group: KernelGroup
    private var assembler: TileAssembler
    private var slots: [Node: Int] = [:]

    init(_ plan: Plan, _ addresses: Addresses, _ group: KernelGroup) {
        self.plan = plan
        self.addresses = addresses
        self.group = group
        assembler = TileAssembler(domain: group.nodes[0].domain)
    }

    mutating func run(_ records: Records) -> TileProgram {
        let results = group.stored.filter(\.isElementwise).map { (node: $0, address: addresses.address(of: $0)) }
        // From the results back to the operands, so that a node which its only reader takes in is not computed apart.
        for result in results { _ = slot(of: result.node) }
        let reductions = group.nodes.filter { $0.primitive is Reduce }.map { (node: $0, slot: operand($0.inputs[0])) }
        for (node, slot) in reductions {
            guard let reduce = node.primitive as? Reduce else { continue }
            assembler.reduce(
                slot, reduce.operation, axes: reduce.axes, to: addresses.address(of: node),
                overwritten: Set(results.map(\.address)))
        }
        for result in results { assembler.store(slots[result.node]!, to: result.address) }
        return assembler.finish(records)
    }

    private mutating func slot(of node: Node) -> Int {
        if let slot = slots[node] { return slot }
        let slot = compute(node)
        slots[node] = slot
        return slot
    }

    /// The slot of an operand: computed here, or read from memory.
    private mutating func operand(_ input: Node) -> Int {
        let view = plan.layouts.view(input)
        if group.nodes.contains(view.base) || plan.dependencies.recomputed.contains(view.base) {
            return slot(of: view.base)
        }
        return assembler.load(addresses.address(of: view), strides: view.strides)
    }

    private mutating func compute(_ node: Node) -> Int {
        switch node.primitive {
        case let unary as Unary:
            return assembler.emit(unary.opcode(node.inputs[0].type.dtype), [operand(node.inputs[0])])
        case let binary as Binary:
            return computeBinary(binary, node)
        case is Select:
            return computeSelect(node)
        case let cast as Cast:
            return computeCast(from: node.inputs[0], to: cast.dtype)
        case is Copy:
            let source = operand(node.inputs[0])
            return group.stored.contains(node) ? assembler.emit(espalier_copy, [source]) : source
        case let iota as Iota:
            return assembler.emit(espalier_iota) {
                $0.extent = Int64(iota.shape[iota.axis])
                $0.stride = Int64(iota.shape.strides[iota.axis])
            }
        case let random as RandomUniform:
            let view = plan.layouts.view(node.inputs[0])
            let key = UnsafeMutableRawPointer(addresses.address(of: view))
            return assembler.emit(espalier_random_uniform) {
                $0.stream = random.stream
                $0.key = UnsafePointer(key.assumingMemoryBound(to: UInt32.self))
            }
        default:
            fatalError("\(node.primitive) is no element-wise operation")
        }
    }

    /// a * b + c is one instruction where the product is used only here.
    private mutating func computeBinary(_ binary: Binary, _ node: Node) -> Int {
        let isFloat = node.inputs[0].type.dtype == .float32
        if binary.operation == .add, isFloat {
            for (index, input) in node.inputs.enumerated() {
                guard let product = absorbable(input), (product.primitive as? Binary)?.operation == .multiply else {
                    continue
                }
                let factors = [operand(product.inputs[0]), operand(product.inputs[1])]
                return assembler.emit(espalier_multiply_add, factors + [operand(node.inputs[1 - index])])
            }
        }
        return assembler.emit(
            binary.opcode(node.inputs[0].type.dtype), [operand(node.inputs[0]), operand(node.inputs[1])])
    }

    /// "c where a > b, else zero" is one instruction where the comparison is used only here.
    private mutating func computeSelect(_ node: Node) -> Int {
        if let condition = absorbable(node.inputs[0]), (condition.primitive as? Binary)?.operation == .greater,
            condition.inputs[0].type.dtype == .float32, Tensor(node.inputs[2]).constantValue == 0
        {
            return assembler.emit(
                espalier_pass_if_greater,
                [operand(condition.inputs[0]), operand(condition.inputs[1]), operand(node.inputs[1])])
        }
        return assembler.emit(espalier_select, node.inputs.map { operand($0) })
    }

    /// An operand that is computed for one reader in this kernel and not yet computed.
    private func absorbable(_ input: Node) -> Node? {
        let base = plan.layouts.view(input).base
        let isInner = group.nodes.contains(base) && plan.dependencies.readers[base]?.count == 1
        guard isInner, !group.stored.contains(base), slots[base] == nil else { return nil }
        return base
    }

    private mutating func computeCast(from input: Node, to dtype: DType) -> Int {
        let source = operand(input)
        switch (input.type.dtype, dtype) {
        case (.float32, .int32), (.bool, .int32): return assembler.emit(espalier_float_to_integer, [source])
        case (.int32, .float32): return assembler.emit(espalier_integer_to_float, [source])
        case (.float32, .bool): return assembler.emit(espalier_float_to_bool, [source])
        case (.int32, .bool): return assembler.emit(espalier_integer_to_bool, [source])
        default: return assembler.emit(espalier_copy, [source])
        }
    }
}
