import EspalierGraph

/// What a kernel of a plan computes, on what, and how much work that is.
struct KernelDescription {
    /// What kernels are counted together by: `matrix product`, `element-wise`, `softmax`.
    var kind: String
    /// In short what is computed: `multiply ×4, add ×2, square root`.
    var name: String
    /// What is read and how it lies: `float32[64, 128], strides [1, 64]`.
    var operands: [String]
    /// What is written.
    var results: [String]
    /// The shape of the first result.
    var shape: [Int]
    var operations: Int
    var bytesRead: Int
    var bytesWritten: Int
}

extension Plan {
    /// Every kernel that is called, in order: those of the plan, then the copies of new values.
    func describedKernels() -> [KernelDescription] {
        kernels.filter { !isInPlace($0) }.map(describe) + placements.copied.sorted().map(describe(update:))
    }

    private func describe(_ kernel: KernelGroup) -> KernelDescription {
        let inside = withRecomputed(kernel.nodes)
        var reads: [View] = []
        for node in kernel.nodes {
            for view in copiedReads(of: node)
            where !inside.contains(view.base) && !(view.base.primitive is Constant) && !reads.contains(view) {
                reads.append(view)
            }
        }
        let written =
            kernel.nodes[0].primitive is Concatenate
            ? copiedParts(of: kernel.nodes[0]).map(\.view.shape.count) : kernel.stored.map(\.type.shape.count)
        return KernelDescription(
            kind: kind(of: kernel), name: name(of: kernel.nodes), operands: reads.map(describe),
            results: kernel.stored.map(describe(result:)), shape: kernel.stored.first?.type.shape.dimensions ?? [],
            operations: inside.reduce(0) { $0 + $1.operations },
            bytesRead: 4 * reads.reduce(0) { $0 + elements($1, readBy: kernel.nodes[0]) },
            bytesWritten: 4 * written.reduce(0, +))
    }

    private func describe(update index: Int) -> KernelDescription {
        let update = layouts.computation.updates[index]
        let view = layouts.view(update.value.node)
        let isConstant = view.base.primitive is Constant
        return KernelDescription(
            kind: "copy", name: "copy", operands: isConstant ? [] : [describe(view)],
            results: ["\(update.target.node.type) in \(update.target.node.primitive)"],
            shape: update.target.shape.dimensions, operations: 0, bytesRead: isConstant ? 0 : 4 * view.distinctCount,
            bytesWritten: 4 * update.target.count)
    }

    /// The nodes of a kernel and those that it computes again because they are stored nowhere.
    private func withRecomputed(_ nodes: [Node]) -> Set<Node> {
        var all = Set(nodes)
        var pending = nodes
        while let node = pending.popLast() {
            for base in node.inputs.map({ layouts.view($0).base })
            where dependencies.recomputed.contains(base) && all.insert(base).inserted { pending.append(base) }
        }
        return all
    }

    /// What a node reads; of a concatenation only the parts that are not in place already.
    private func copiedReads(of node: Node) -> [View] {
        node.primitive is Concatenate ? copiedParts(of: node).map(\.view) : dependencies.reads[node] ?? []
    }

    /// How many elements of `view` a kernel reads: each once, of a table only what is taken from it.
    private func elements(_ view: View, readBy node: Node) -> Int {
        let isTable = node.primitive is Gather || node.primitive is TakeAlongAxis
        return isTable && view.base == layouts.view(node.inputs[0]).base
            ? min(view.distinctCount, node.type.shape.count) : view.distinctCount
    }

    // Words

    private func kind(of kernel: KernelGroup) -> String {
        let primitives = kernel.nodes.map(\.primitive)
        switch primitives[0] {
        case is MatrixMultiply: return "matrix product"
        case is Concatenate, is Pad, is WideCopy: return "copy"
        case _ where primitives.allSatisfy { $0 is Copy }: return "copy"
        case _ where kernel.isByRow: return "row program"
        case _ where kernel.nodes.contains { $0.reducedAxes != nil }: return "reduction"
        case _ where kernel.isTiled: return "element-wise"
        default: return primitives[0].shortName
        }
    }

    /// The names of the primitives, in order, each once with how often it occurs.
    private func name(of nodes: [Node]) -> String {
        var names: [(name: String, count: Int)] = []
        for name in nodes.map(\.primitive.shortName) {
            if let index = names.firstIndex(where: { $0.name == name }) {
                names[index].count += 1
            } else {
                names.append((name, 1))
            }
        }
        return names.map { $0.count > 1 ? "\($0.name) ×\($0.count)" : $0.name }.joined(separator: ", ")
    }

    private func describe(_ view: View) -> String {
        let type = TensorType(view.shape, view.base.type.dtype)
        let place = view.base.leaf.map { " of \($0.name)" } ?? ""
        if view.isContiguous { return "\(type)\(place)" }
        return view.isSplat ? "\(type)\(place), one element" : "\(type)\(place), strides \(Shape(view.strides))"
    }

    private func describe(result node: Node) -> String {
        let place = placements.location(of: node).target.leaf.map { " in \($0.name)" } ?? ""
        return "\(node.type)\(place)"
    }
}

extension Primitive {
    /// The description in words and without its numbers: `sum`, `gather`, `greater or equal`.
    fileprivate var shortName: String {
        let words = description.split(separator: " ").prefix { word in
            word.first?.isLetter == true && !["along", "over", "with"].contains(word)
        }
        return words.joined(separator: " ").reduce(into: "") { name, letter in
            name += letter.isUppercase && name.last?.isLowercase == true ? " " + letter.lowercased() : String(letter)
        }
    }
}

extension View {
    /// How many different elements are met.
    fileprivate var distinctCount: Int {
        zip(shape.dimensions, strides).reduce(1) { $0 * ($1.1 == 0 ? 1 : $1.0) }
    }
}
