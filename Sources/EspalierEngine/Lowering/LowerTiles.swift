import CKernels
import EspalierGraph

/// Lowers tile programs: turns the nodes of a kernel into instructions.
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
        assembler = TileAssembler(domain: group.domain, isByRow: group.isByRow)
    }

    mutating func run(_ records: Records) -> TileProgram {
        let results = group.stored.filter { $0.isElementwise || group.isByRow }
            .map { (node: $0, address: addresses.address(of: $0)) }
        // From the results back to the operands, so that a node which its only reader takes in is not computed apart.
        for result in results { _ = slot(of: result.node) }
        let reductions = group.isByRow ? [] : group.nodes.filter { $0.reducedAxes != nil }
        for node in reductions {
            let squares = squared(node), difference = squares.flatMap(difference)
            let slots = (difference?.inputs ?? [squares ?? node.inputs[0]]).map { operand($0, for: difference ?? node) }
            assembler.reduce(
                slots[0], (node.primitive as? Reduce)?.operation ?? .sum, axes: node.reducedAxes ?? [],
                parts: (node.primitive as? PartSums)?.parts, squared: squares != nil, minus: slots.dropFirst().first,
                to: addresses.address(of: node))
        }
        for result in results {
            assembler.store(self.slots[result.node]!, to: result.address, byRow: group.isRowValue(result.node))
        }
        return assembler.finish(records)
    }

    /// What parts are summed the squares of, where no memory holds those.
    private func squared(_ node: Node) -> Node? {
        let input = node.inputs[0]
        guard node.primitive is PartSums, (input.primitive as? Unary)?.operation == .square, isInner(input) else {
            return nil
        }
        return input.inputs[0]
    }

    /// The difference that a node is, where no memory holds it.
    private func difference(_ node: Node) -> Node? {
        (node.primitive as? Binary)?.operation == .subtract && isInner(node) ? node : nil
    }

    /// Whether a node is computed here and not stored.
    private func isInner(_ node: Node) -> Bool {
        !group.stored.contains(node) && (group.nodes.contains(node) || plan.dependencies.recomputed.contains(node))
    }

    private mutating func slot(of node: Node) -> Int {
        if let slot = slots[node] { return slot }
        let slot = compute(node)
        slots[node] = slot
        return slot
    }

    /// The slot of an operand of `reader`: computed here, or read from memory.
    private mutating func operand(_ input: Node, for reader: Node) -> Int {
        let view = plan.layouts.view(input)
        // A reduction reads elements, whatever its result.
        let isRowValue = group.isRowValue(reader) && !(reader.primitive is Reduce)
        if group.nodes.contains(view.base) || plan.dependencies.recomputed.contains(view.base) {
            let slot = slot(of: view.base)
            return group.isRowValue(view.base) && !isRowValue ? assembler.spread(slot) : slot
        }
        let address = addresses.address(of: view)
        guard isRowValue else { return assembler.load(address, strides: view.strides) }
        return view.isSplat
            ? assembler.load(address, strides: group.domain.dimensions.map { _ in 0 }) : assembler.loadRows(address)
    }

    private mutating func emit(
        _ opcode: espalier_opcode, _ operands: [Int] = [], for node: Node,
        configure: (inout espalier_instruction) -> Void = { _ in }
    ) -> Int {
        let isRowValue = group.isRowValue(node) && !(node.primitive is Reduce)
        return assembler.emit(opcode, operands) {
            $0.by_row = isRowValue ? 1 : 0
            configure(&$0)
        }
    }

    private mutating func compute(_ node: Node) -> Int {
        func operand(_ input: Node) -> Int { self.operand(input, for: node) }
        switch node.primitive {
        case let unary as Unary:
            return emit(unary.opcode(node.inputs[0].type.dtype), [operand(node.inputs[0])], for: node)
        case let binary as Binary:
            return computeBinary(binary, node)
        case is Select:
            return computeSelect(node)
        case let cast as Cast:
            return computeCast(node, from: node.inputs[0], to: cast.dtype)
        case is Copy:
            let source = operand(node.inputs[0])
            return group.stored.contains(node) ? emit(espalier_copy, [source], for: node) : source
        case let reduce as Reduce:
            return emit(reduce.operation.rowOpcode, [operand(node.inputs[0])], for: node)
        case let iota as Iota:
            return emit(espalier_iota, for: node) {
                $0.extent = Int64(iota.shape[iota.axis])
                $0.stride = Int64(iota.shape.strides[iota.axis])
            }
        case let random as RandomUniform:
            let view = plan.layouts.view(node.inputs[0])
            let key = UnsafeMutableRawPointer(addresses.address(of: view))
            return emit(espalier_random_uniform, for: node) {
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
        if isFloat, let slot = computeScaled(binary, node) { return slot }
        if binary.operation == .add, isFloat {
            for (index, input) in node.inputs.enumerated() {
                guard let product = absorbable(input, for: node),
                    (product.primitive as? Binary)?.operation == .multiply
                else { continue }
                let factors = product.inputs.map { operand($0, for: product) }
                return emit(espalier_multiply_add, factors + [operand(node.inputs[1 - index], for: node)], for: node)
            }
        }
        return emit(
            binary.opcode(node.inputs[0].type.dtype), node.inputs.map { operand($0, for: node) }, for: node)
    }

    /// What optimisers are made of is one instruction each, in which numbers that are the same for all elements stay in
    /// registers: a s + b t, a s + b^2 t, sqrt(a) s + t, a - s b / c.
    private mutating func computeScaled(_ binary: Binary, _ node: Node) -> Int? {
        func emit(_ opcode: espalier_opcode, _ operands: [Node]) -> Int {
            self.emit(opcode, operands.map { operand($0, for: node) }, for: node)
        }
        let (x, y) = (node.inputs[0], node.inputs[1])
        switch binary.operation {
        case .add:
            if let (a, s) = scaled(x, for: node), let (b, t) = scaled(y, for: node) {
                let square = absorbable(b, for: node) ?? recomputed(b)
                if let square, (square.primitive as? Unary)?.operation == .square {
                    return emit(espalier_scaled_sum_of_square, [a, square.inputs[0], s, t])
                }
                return emit(espalier_scaled_sum, [a, b, s, t])
            }
            if isSplat(y), let (a, s) = scaled(x, for: node), let root = absorbable(a, for: node),
                (root.primitive as? Unary)?.operation == .squareRoot
            {
                return emit(espalier_scaled_root_sum, [root.inputs[0], s, y])
            }
        case .subtract:
            if let (b, s) = scaled(y, for: node), let quotient = absorbable(b, for: node),
                (quotient.primitive as? Binary)?.operation == .divide
            {
                return emit(espalier_subtract_scaled_quotient, [x, quotient.inputs[0], quotient.inputs[1], s])
            }
        default: break
        }
        return nil
    }

    /// The factors of a product that is used only by `reader`, the second of which is the same for all elements.
    private func scaled(_ input: Node, for reader: Node) -> (Node, Node)? {
        guard let product = absorbable(input, for: reader), (product.primitive as? Binary)?.operation == .multiply
        else { return nil }
        let (a, b) = (product.inputs[0], product.inputs[1])
        return isSplat(b) ? (a, b) : isSplat(a) ? (b, a) : nil
    }

    /// Whether an operand is one number from memory.
    private func isSplat(_ input: Node) -> Bool {
        let view = plan.layouts.view(input)
        return view.isSplat && !group.nodes.contains(view.base) && !plan.dependencies.recomputed.contains(view.base)
    }

    /// "c where a > b, else zero" is one instruction where the comparison is used only here.
    private mutating func computeSelect(_ node: Node) -> Int {
        if let condition = absorbable(node.inputs[0], for: node),
            (condition.primitive as? Binary)?.operation == .greater,
            condition.inputs[0].type.dtype == .float32, Tensor(node.inputs[2]).constantValue == 0
        {
            return emit(
                espalier_pass_if_greater, (condition.inputs + [node.inputs[1]]).map { operand($0, for: node) },
                for: node)
        }
        return emit(espalier_select, node.inputs.map { operand($0, for: node) }, for: node)
    }

    /// An operand that is computed for one reader in this kernel, at the same places, and not yet computed.
    private func absorbable(_ input: Node, for reader: Node) -> Node? {
        let base = plan.layouts.view(input).base
        guard group.nodes.contains(base), plan.dependencies.readers[base]?.count == 1,
            group.isRowValue(base) == group.isRowValue(reader), !group.stored.contains(base), slots[base] == nil
        else { return nil }
        return base
    }

    /// An operand that each of its readers computes anew, and that is not yet computed here.
    private func recomputed(_ input: Node) -> Node? {
        let base = plan.layouts.view(input).base
        return plan.dependencies.recomputed.contains(base) && slots[base] == nil ? base : nil
    }

    private mutating func computeCast(_ node: Node, from input: Node, to dtype: DType) -> Int {
        let source = operand(input, for: node)
        switch (input.type.dtype, dtype) {
        case (.float32, .int32), (.bool, .int32): return emit(espalier_float_to_integer, [source], for: node)
        case (.int32, .float32): return emit(espalier_integer_to_float, [source], for: node)
        case (.float32, .bool): return emit(espalier_float_to_bool, [source], for: node)
        case (.int32, .bool): return emit(espalier_integer_to_bool, [source], for: node)
        // A truth value is the number 1 or 0.
        default: return group.stored.contains(node) ? emit(espalier_copy, [source], for: node) : source
        }
    }
}
