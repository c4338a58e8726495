import EspalierGraph

/// Where every node's result lies in memory.
final class Addresses {
    let plan: Plan
    private let arena: Storage
    private let inputs: [Node: Storage]
    private var constants: [Constant: Storage] = [:]

    init(_ plan: Plan, arena: Storage, inputs: [Node: Storage]) {
        self.plan = plan
        self.arena = arena
        self.inputs = inputs
    }

    /// The first element of the memory of `node`.
    func address(of node: Node) -> UnsafeMutablePointer<Float> {
        let location = plan.placements.location(of: node)
        let base: UnsafeMutableRawPointer
        if let leaf = location.target.leaf {
            base = (leaf.storage ?? inputs[location.target]!).pointer
        } else {
            base = arena.pointer + plan.memory.buffers[location.target]!.offset * 4
        }
        return base.assumingMemoryBound(to: Float.self) + location.offset
    }

    /// The first element that `view` sees.
    func address(of view: View) -> UnsafeMutablePointer<Float> {
        if let constant = view.base.primitive as? Constant { return self.constant(constant) }
        return address(of: view.base) + view.offset
    }

    /// A single element that holds the constant's value.
    private func constant(_ constant: Constant) -> UnsafeMutablePointer<Float> {
        let storage = constants[constant] ?? Storage(count: 1)
        if constant.dtype == .int32 {
            storage.integers[0] = Int32(constant.value)
        } else {
            storage.floats[0] = Float(constant.value)
        }
        constants[constant] = storage
        return storage.pointer.assumingMemoryBound(to: Float.self)
    }
}

extension Node {
    var leaf: Leaf? { primitive as? Leaf }
}
