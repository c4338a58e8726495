import EspalierGraph

/// What a computation was compiled to: kernels in order, and where their results lie.
///
/// It knows of no device.
public struct Plan {
    let computation: Computation
    let layouts: Layouts
    let dependencies: Dependencies
    let placements: Placements
    let kernels: [KernelGroup]
    let memory: MemoryPlan

    /// Runs the passes.
    ///
    /// - Throws: `EngineError` where a tensor has no elements, or an input is missing from the computation's list.
    public init(_ computation: Computation) throws {
        let inputs = Set(computation.inputs.map(\.node))
        for node in Tensor.topologicalOrder(of: computation.roots) {
            if node.type.shape.count == 0 {
                throw EngineError(
                    "\(node.primitive) has the empty shape \(node.type.shape); every extent must be at least 1")
            }
            if let leaf = node.leaf, leaf.storage == nil, !inputs.contains(node) {
                throw EngineError("no value is given for the input \"\(leaf.name)\"; \(leaf.remedy)")
            }
        }
        try Self.checkMemory(of: computation)
        self.computation = computation
        layouts = Layouts(Simplify.run(computation))
        var dependencies = Dependencies(layouts)
        placements = Placements(&dependencies)
        self.dependencies = dependencies
        kernels = Fusion(dependencies, placements).kernels
        memory = MemoryPlan(kernels, dependencies, placements)
    }

    /// Memory that is updated is updated once, and read through one leaf alone: the passes order reads before the
    /// write by leaf, and two leaves over one memory would hide what they share.
    private static func checkMemory(of computation: Computation) throws {
        var targets: [ObjectIdentifier: Node] = [:]
        for update in computation.updates {
            guard let storage = update.target.leaf?.storage else { continue }
            guard targets.updateValue(update.target.node, forKey: ObjectIdentifier(storage)) == nil else {
                throw EngineError("two updates replace the memory of \(update.target); give its new value once")
            }
        }
        for node in Tensor.topologicalOrder(of: computation.roots) {
            guard let storage = node.leaf?.storage, let target = targets[ObjectIdentifier(storage)], target != node
            else { continue }
            throw EngineError(
                "\(node.primitive) and \(target.primitive), which is updated, are two leaves over one memory; "
                    + "make one tensor of a storage and use that")
        }
    }

    /// Bytes of the arena: all intermediate results.
    public var arenaBytes: Int { memory.elements * 4 }

    /// How many arithmetic operations one execution is, as a profile counts them.
    public var operations: Int { describedKernels().reduce(0) { $0 + $1.operations } }

    /// How many kernels are called for one execution; concatenations in place call none.
    public var kernelCount: Int { kernels.count { !isInPlace($0) } + placements.copied.count }

    /// Whether all that a concatenation joins is written in place already.
    func isInPlace(_ kernel: KernelGroup) -> Bool {
        guard kernel.nodes[0].primitive is Concatenate else { return false }
        return copiedParts(of: kernel.nodes[0]).isEmpty
    }

    /// The operands of a concatenation that must be copied, each with its start along the axis.
    func copiedParts(of node: Node) -> [(view: View, start: Int)] {
        guard let concatenate = node.primitive as? Concatenate else { return [] }
        let inner = node.type.shape.dimensions[(concatenate.axis + 1)...].reduce(1, *)
        var start = 0
        var parts: [(View, Int)] = []
        for input in node.inputs {
            let view = layouts.view(input)
            let placement = placements.placement[view.base]
            if !(placement?.target == node && placement?.offset == start * inner && view.isWhole) {
                parts.append((view, start))
            }
            start += view.shape[concatenate.axis]
        }
        return parts
    }
}

extension Plan: CustomStringConvertible {
    /// One line a kernel: what it computes, over which elements.
    public var description: String {
        var lines = kernels.enumerated().map { index, kernel in
            let names = kernel.nodes.map(\.primitive.description).joined(separator: ", ")
            let kind =
                isInPlace(kernel)
                ? "in place" : kernel.isByRow ? "row program" : kernel.isTiled ? "tile program" : "kernel"
            let results = kernel.stored.map(\.type.description).joined(separator: ", ")
            return "\(index): \(kind) \(kernel.domain): \(names) -> \(results)"
        }
        lines += placements.copied.sorted().map { "copy to \(computation.updates[$0].target.node.primitive)" }
        lines.append("arena: \(arenaBytes) bytes")
        return lines.joined(separator: "\n")
    }
}

/// Why a computation could not be compiled or executed.
public struct EngineError: Error, CustomStringConvertible, Sendable, Hashable {
    public var description: String

    public init(_ description: String) {
        self.description = description
    }
}
