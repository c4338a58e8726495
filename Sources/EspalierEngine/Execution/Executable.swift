import CKernels
import EspalierGraph

/// A plan made ready to run on this machine: memory, and kernel calls whose arguments are all set.
///
/// Executing walks the calls. Nothing is allocated, looked up or counted on the way.
public final class Executable {
    public let plan: Plan
    let threads: Int
    private let workspace: Workspace
    private let inputs: [Storage]
    private let inputNodes: [Node: Storage]
    // What follows is of addresses in the workspace, and made anew where that has grown.
    private var arena: Storage
    private var scratch: Storage
    private var addresses: Addresses
    private var records = Records()
    private(set) var calls: [KernelCall] = []
    private var nodes: [Node] = []
    private var scratchElements = 0
    private var outputs: [UnsafeBufferPointer<Float>] = []
    /// For each kernel of the plan and each copied update the number of calls up to its end.
    private(set) var kernelEnds: [Int] = []
    /// The number of calls up to the one that decides whether there are updates, and what it decides by.
    private(set) var gate: (end: Int, value: UnsafeMutablePointer<Float>)?

    init(_ computation: Computation, threads: Int, workspace: Workspace) throws {
        plan = try Plan(computation)
        self.threads = threads
        self.workspace = workspace
        inputs = computation.inputs.enumerated().map { workspace.input($0, count: $1.count) }
        inputNodes = Dictionary(uniqueKeysWithValues: zip(computation.inputs.map(\.node), inputs))
        (arena, scratch) = (workspace.arena, workspace.scratch)
        addresses = Addresses(plan, arena: arena, inputs: inputNodes)
        try lower()
    }

    /// Bytes that this needs: results, inputs and scratch memory; without the memory that leaves bring along.
    public var bytes: Int { plan.arenaBytes + (inputs.reduce(0) { $0 + $1.count } + scratchElements) * 4 }

    // Lowering

    private func lower() throws {
        workspace.reserve(arena: plan.memory.elements)
        arena = workspace.arena
        addresses = Addresses(plan, arena: arena, inputs: inputNodes)
        (records, calls, nodes, kernelEnds) = (Records(), [], [], [])
        var scratchUsers: [any ScratchUser] = []
        func add(_ call: KernelCall, _ node: Node) {
            calls.append(call)
            nodes.append(node)
        }
        func add(_ kernel: some ScratchUser, _ node: Node) {
            scratchUsers.append(kernel)
            add(kernel.call, node)
        }
        let deciding = plan.dependencies.gate
        for group in plan.kernels {
            let node = group.nodes[0]
            if group.isTiled {
                var lowering = TileLowering(plan, addresses, group)
                add(lowering.run(records), node)
            } else if node.primitive is MatrixMultiply {
                add(ProductCall(LowerProducts(plan: plan, addresses: addresses).products(group), records), node)
            } else if let attention = AttentionCall(node, plan, addresses, records) {
                add(attention, node)
            } else if let recurrence = RecurrenceCall(node, plan, addresses, records) {
                add(recurrence, node)
            } else if node.primitive is Concatenate || node.primitive is Pad || node.primitive is WideCopy {
                for program in copies(node) { add(program, node) }
            } else if let convolution = LowerConvolutions.call(group, plan, addresses, records) {
                add(convolution, node)
            } else {
                let operands = node.inputs.map { addresses.address(of: plan.layouts.view($0)) }
                let result = addresses.address(of: node)
                let call =
                    LowerRows.call(node, operands, result, records)
                    ?? LowerAxes.call(node, operands, result, records)
                    ?? LowerPoolings.call(node, operands, result, records)
                guard let call else {
                    throw EngineError("no kernel computes \(node.primitive)")
                }
                add(call, node)
            }
            kernelEnds.append(calls.count)
            if let deciding, group.nodes.contains(deciding) { gate = (calls.count, addresses.address(of: deciding)) }
        }
        for index in plan.placements.copied.sorted() {
            let update = plan.layouts.computation.updates[index]
            let view = plan.layouts.view(update.value.node)
            let address = addresses.address(of: update.target.node)
            for program in copy(view, to: address, update.target.shape.strides) { add(program, update.target.node) }
            kernelEnds.append(calls.count)
        }
        outputs = plan.layouts.computation.outputs.map { output in
            let view = plan.layouts.view(output.node)
            return UnsafeBufferPointer(start: addresses.address(of: view.base), count: view.shape.count)
        }
        shareScratch(scratchUsers)
    }

    /// The scratch memory of all kernels is one: they run one after the other.
    private func shareScratch(_ users: [any ScratchUser]) {
        scratchElements = users.map { $0.scratchElements(threads: threads) }.max() ?? 0
        workspace.reserve(scratch: scratchElements)
        scratch = workspace.scratch
        let address = scratch.pointer.assumingMemoryBound(to: Float.self)
        for user in users { user.useScratch(address, threads: threads) }
    }

    private func copy(_ view: View, to address: UnsafeMutablePointer<Float>, _ strides: [Int]) -> [TileProgram] {
        let source = addresses.address(of: view)
        return StridedCopy(view, to: strides).parts(ofAxes: Int(espalier_max_rank)).map { part in
            var assembler = TileAssembler(domain: Shape(part.extents))
            let slot = assembler.load(source + part.source.offset, strides: part.source.strides)
            if part.target.strides == assembler.domain.strides {
                assembler.store(slot, to: address + part.target.offset)
            } else {
                assembler.store(slot, to: address + part.target.offset, strides: part.target.strides)
            }
            return assembler.finish(records)
        }
    }

    /// A concatenation copies the parts that are not in place; a padding fills, then copies; else all is copied.
    private func copies(_ node: Node) -> [TileProgram] {
        let address = addresses.address(of: node), strides = node.type.shape.strides
        if let concatenate = node.primitive as? Concatenate {
            return plan.copiedParts(of: node).flatMap { part in
                copy(part.view, to: address + part.start * strides[concatenate.axis], strides)
            }
        }
        guard let pad = node.primitive as? Pad else {
            return copy(plan.layouts.view(node.inputs[0]), to: address, strides)
        }
        let fill = Tensor(pad.value, node.type.dtype).broadcast(to: node.type.shape).node
        let constant = View(
            base: fill.primitive is Constant ? fill : fill.inputs[0], offset: 0, shape: node.type.shape,
            strides: [Int](repeating: 0, count: node.type.shape.rank))
        let start = zip(pad.before, strides).reduce(0) { $0 + $1.0 * $1.1 }
        return copy(constant, to: address, strides)
            + copy(
                plan.layouts.view(node.inputs[0]), to: address + start,
                zip(strides, pad.between).map { $0 * ($1 + 1) })
    }

    // Execution

    /// The memory of input number `index`, to be filled before each execution: others of the workspace share it.
    public func input(_ index: Int) -> Storage { inputs[index] }

    /// Computes outputs and updates from the inputs and leaves as they are now.
    ///
    /// Where the computation's gate is not zero, there are no updates, and outputs that it does not depend on may be old.
    ///
    /// - Throws: `EngineError` where an index is out of range; updates may be incomplete then.
    public func run() throws {
        try enter()
        if let gate {
            try run(calls[..<gate.end])
            guard gate.value.pointee == 0 else { return }
        }
        try run(calls[(gate?.end ?? 0)...])
    }

    /// Takes the workspace, whose memory may have become another since.
    func enter() throws {
        if arena !== workspace.arena || scratch !== workspace.scratch { try lower() }
        workspace.user = ObjectIdentifier(self)
    }

    private func run(_ part: ArraySlice<KernelCall>) throws {
        for index in part.indices {
            let position = calls[index].function(calls[index].record, Int32(threads))
            if position >= 0 { throw failure(ofCall: index, at: Int(position)) }
        }
    }

    /// Why call number `index` stopped at `position`.
    func failure(ofCall index: Int, at position: Int) -> EngineError {
        let node = nodes[index]
        switch node.primitive {
        case is CrossEntropy:
            let labels = plan.layouts.view(node.inputs[1])
            let label = integer(labels, position)
            let classes = node.inputs[0].type.shape.dimensions.last!
            return EngineError(
                "cross-entropy: label \(label) of row \(position) is not one of the \(classes) classes 0..<\(classes)")
        default:
            let index = integer(plan.layouts.view(node.inputs[1]), position)
            return EngineError("\(node.primitive): index \(index) at position \(position) is out of range")
        }
    }

    private func integer(_ view: View, _ position: Int) -> Int32 {
        UnsafeMutableRawPointer(addresses.address(of: view) + position).load(as: Int32.self)
    }

    /// How many outputs there are.
    public var outputCount: Int { outputs.count }

    /// The values of output number `index`, until this or another executable of the workspace runs.
    ///
    /// - Precondition: This is the one that ran last.
    public func output(_ index: Int) -> UnsafeBufferPointer<Float> {
        precondition(
            workspace.user == ObjectIdentifier(self), "another executable of the workspace has run since this one did")
        return outputs[index]
    }

    /// The values of output number `index` as whole numbers.
    public func integerOutput(_ index: Int) -> UnsafeBufferPointer<Int32> {
        let floats = output(index)
        return UnsafeRawBufferPointer(floats).bindMemory(to: Int32.self)
    }
}
