import CKernels
import EspalierGraph

/// A piece of work for one kernel call.
struct KernelGroup {
    /// What is computed, every node after those it reads.
    var nodes: [Node]
    /// The nodes whose results are used outside of the kernel.
    var stored: [Node]
    /// Whether this is a tile program that keeps whole rows together, so that what it reduces along them can be read.
    var isByRow = false

    /// The shape over whose elements the kernel walks.
    var domain: Shape { KernelGroup.domain(nodes) }

    /// The largest of the nodes' domains; the others are of values of its rows.
    static func domain(_ nodes: [Node]) -> Shape {
        nodes.map(\.domain).reduce(nodes[0].domain) { $1.count > $0.count ? $1 : $0 }
    }

    /// Whether `node` has a value for each row of the domain rather than for each element.
    func isRowValue(_ node: Node) -> Bool { isByRow && node.type.shape.count != domain.count }

    /// Whether this is a tile program; else it is one primitive, or matrix products side by side with their epilogues.
    var isTiled: Bool { nodes[0].isTiled }

    /// What follows a product or a convolution in its kernel: a bias, a ReLU.
    func epilogue(of product: Node, _ dependencies: Dependencies) -> [Node] {
        var result: [Node] = []
        while let next = nodes.first(where: { node in
            dependencies.reads[node]!.contains { $0.base == result.last ?? product }
        }) { result.append(next) }
        return result
    }
}

/// Gathers nodes into kernels.
///
/// Element-wise nodes over one domain, and reductions of them, become one tile program where no other kernel stands
/// between them; a bias and a ReLU become part of the matrix product before them. Where rows are short enough to stay in
/// the cache, what reads statistics of its row is computed by the program that reduces the row.
struct Fusion {
    /// In an order that respects every dependency.
    private(set) var kernels: [KernelGroup] = []

    private let dependencies: Dependencies
    private let placements: Placements
    private var members: [[Node]] = []
    private var kernel: [Node: Int] = [:]
    private var successors: [Set<Int>] = []
    /// Successors that cannot become part of the same kernel.
    private var barriers: [Set<Int>] = []
    private var predecessors: [Set<Int>] = []

    /// So many slots are left for copies of results that are read at the same time.
    private static let spareSlots = 16

    init(_ dependencies: Dependencies, _ placements: Placements) {
        self.dependencies = dependencies
        self.placements = placements
        for node in dependencies.computed {
            kernel[node] = members.count
            members.append([node])
        }
        successors = Array(repeating: [], count: members.count)
        predecessors = successors
        barriers = successors
        connect()
        joinCompanions()
        absorbEpilogues()
        fuseProducers()
        joinSumsOfParts()
        fuseSiblings(onlyOfOneView: true)
        fuseSiblings(onlyOfOneView: false)
        schedule()
    }

    private mutating func connect() {
        for node in dependencies.computed {
            for view in dependencies.reads[node]! {
                guard let source = kernel[view.base] else { continue }
                addEdge(
                    source, kernel[node]!,
                    isBarrier:
                        !(node.isTiled
                        && (view.base.isElementwise && view.isIdentity(on: node) || view.isOfRows(for: node))))
            }
            for writer in dependencies.overwriters[node] ?? [] {
                let isSafe = node.isTiled && writer.isElementwise && readsInPlace(node, writtenBy: writer)
                addEdge(kernel[node]!, kernel[writer]!, isBarrier: !isSafe)
            }
            for follower in dependencies.followers[node] ?? [] {
                addEdge(kernel[node]!, kernel[follower]!, isBarrier: true)
            }
        }
    }

    /// Whether `reader` reads each element that `writer` overwrites at the place where it is written.
    private func readsInPlace(_ reader: Node, writtenBy writer: Node) -> Bool {
        let location = placements.location(of: writer)
        let range = location.offset..<location.offset + writer.type.shape.count
        return reader.domain == writer.domain && dependencies.reads(reader, of: location.target, inPlace: range)
    }

    private mutating func addEdge(_ source: Int, _ target: Int, isBarrier: Bool) {
        if source == target { return }
        successors[source].insert(target)
        predecessors[target].insert(source)
        if isBarrier { barriers[source].insert(target) }
    }

    /// Whether a way leads from `source` to `target` over a third kernel.
    private func hasDetour(from source: Int, to target: Int) -> Bool {
        var seen: Set<Int> = [source, target]
        var pending = successors[source].filter { $0 != target }
        seen.formUnion(pending)
        while let next = pending.popFirst() {
            if successors[next].contains(target) { return true }
            for following in successors[next] where seen.insert(following).inserted { pending.insert(following) }
        }
        return false
    }

    private mutating func merge(_ second: Int, into first: Int) {
        for node in members[second] { kernel[node] = first }
        members[first] += members[second]
        members[second] = []
        for next in successors[second] {
            predecessors[next].remove(second)
            addEdge(first, next, isBarrier: barriers[second].contains(next))
        }
        for previous in predecessors[second] {
            successors[previous].remove(second)
            addEdge(previous, first, isBarrier: barriers[previous].remove(second) != nil)
        }
        successors[second] = []
        predecessors[second] = []
        barriers[second] = []
    }

    /// Merges two kernels of tile programs if that is possible, and says whether.
    @discardableResult
    private mutating func tryMerge(_ first: Int, _ second: Int) -> Bool {
        guard first != second, let a = members[first].first, let b = members[second].first, a.isTiled, b.isTiled,
            !barriers[first].contains(second), !barriers[second].contains(first),
            isTileProgram(members[first] + members[second]),
            slots(members[first] + members[second]) <= Int(espalier_max_slots) - Self.spareSlots,
            !hasDetour(from: first, to: second), !hasDetour(from: second, to: first)
        else { return false }
        merge(second, into: first)
        return true
    }

    /// Whether one tile program can compute `nodes`.
    private func isTileProgram(_ nodes: [Node]) -> Bool {
        if isByRow(nodes) { return isRowProgram(nodes) }
        return Set(nodes.compactMap(\.reducedAxes)).count <= 1
    }

    /// Whether some of `nodes` are values of rows that others read, or are computed from.
    private func isByRow(_ nodes: [Node]) -> Bool {
        let reductions = Set(nodes.filter { $0.primitive is Reduce })
        return nodes.contains { node in
            node.domain != nodes[0].domain || dependencies.reads[node]!.contains { reductions.contains($0.base) }
        }
    }

    /// Whether `nodes` are all of the elements of one domain, reductions along its rows, and values of its rows.
    private func isRowProgram(_ nodes: [Node]) -> Bool {
        let domain = KernelGroup.domain(nodes), members = Set(nodes)
        guard domain.rank >= 2, (2...Int(espalier_max_row)).contains(domain[domain.rank - 1]) else { return false }
        let rows = domain.count / domain[domain.rank - 1]
        return nodes.allSatisfy { node in
            if let reduce = node.primitive as? Reduce {
                return node.domain == domain && reduce.axes == [domain.rank - 1]
            }
            if node.domain == domain { return true }
            return node.type.shape.count == rows
                && dependencies.reads[node]!.allSatisfy { members.contains($0.base) || $0.isContiguous || $0.isSplat }
        }
    }

    /// At most so many values does a tile program of `nodes` hold at once: one a node, and one for each operand.
    private func slots(_ nodes: [Node]) -> Int {
        var recomputed = Set<Node>()
        var pending = nodes
        while let node = pending.popLast() {
            for base in node.inputs.map({ dependencies.layouts.view($0).base })
            where dependencies.recomputed.contains(base) && recomputed.insert(base).inserted { pending.append(base) }
        }
        let operands = Set((nodes + recomputed).flatMap(\.inputs).map(dependencies.layouts.view))
        let read = operands.count { !nodes.contains($0.base) && !recomputed.contains($0.base) }
        let spread = isByRow(nodes) ? nodes.count { $0.type.shape.count < KernelGroup.domain(nodes).count } : 0
        return nodes.count + recomputed.count + read + spread
    }

    /// First of all, as nothing else may keep them apart.
    private mutating func joinCompanions() {
        for (writer, readers) in dependencies.companions {
            for reader in readers where kernel[reader] != kernel[writer] {
                merge(kernel[reader]!, into: kernel[writer]!)
            }
        }
    }

    /// Products and convolutions take what follows them: a bias along the last axis, then a ReLU.
    private mutating func absorbEpilogues() {
        for node in dependencies.computed where node.primitive is MatrixMultiply || node.primitive is Convolution {
            guard let sum = onlyReader(of: node), (sum.primitive as? Binary)?.operation == .add,
                dependencies.bias(in: sum, of: node) != nil, canAbsorb(sum, into: kernel[node]!)
            else { continue }
            merge(kernel[sum]!, into: kernel[node]!)
            guard let relu = onlyReader(of: sum), (relu.primitive as? Unary)?.operation == .relu,
                canAbsorb(relu, into: kernel[node]!)
            else { continue }
            merge(kernel[relu]!, into: kernel[node]!)
        }
    }

    /// Whether nothing stands between a product and `node`, which does not overwrite what the product reads.
    private func canAbsorb(_ node: Node, into product: Int) -> Bool {
        !hasDetour(from: product, to: kernel[node]!)
            && members[product].allSatisfy { !(dependencies.overwriters[$0] ?? []).contains(node) }
    }

    /// The element-wise node that alone reads `node`, at the same places, if the result is needed nowhere else.
    private func onlyReader(of node: Node) -> Node? {
        guard let readers = dependencies.readers[node], readers.count == 1, placements.placement[node] == nil,
            !isRoot(node), readers[0].isElementwise,
            dependencies.reads[readers[0]]!.filter({ $0.base == node }).count == 1,
            dependencies.reads[readers[0]]!.contains(where: { $0.base == node && $0.isIdentity(on: readers[0]) }),
            readers[0].inputs.contains(where: { dependencies.layouts.view($0).base == node })
        else { return nil }
        return readers[0]
    }

    private func isRoot(_ node: Node) -> Bool {
        dependencies.layouts.computation.roots.contains { dependencies.layouts.view($0).base == node }
    }

    /// A node joins the kernel that computes its operand.
    private mutating func fuseProducers() {
        for node in dependencies.computed where node.isTiled && members[kernel[node]!].first?.isTiled == true {
            for view in dependencies.reads[node]! {
                guard let source = kernel[view.base] else { continue }
                tryMerge(source, kernel[node]!)
            }
        }
    }

    /// Sums of parts, which nothing waits for, are taken by the first that reads the same: it waits for memory in any case.
    private mutating func joinSumsOfParts() {
        for node in dependencies.computed where node.primitive is PartSums {
            for view in dependencies.reads[node]! {
                _ = dependencies.readers[view.base]!.first { reader in
                    reader.isTiled && reader.domain == node.domain && tryMerge(kernel[reader]!, kernel[node]!)
                }
            }
        }
    }

    /// Kernels over one domain that read the same memory read it together, first those that read it at the same places.
    ///
    /// Parameters of several layers are one memory too.
    private mutating func fuseSiblings(onlyOfOneView: Bool) {
        for (base, readers) in dependencies.readers.sorted(by: { $0.key.id < $1.key.id }) {
            guard base.type.shape.count > 1 else { continue }
            let tiled = readers.filter(\.isTiled)
            for (first, second) in zip(tiled, tiled.dropFirst())
            where KernelGroup.domain(members[kernel[first]!]) == KernelGroup.domain(members[kernel[second]!])
                && (!onlyOfOneView || !views(of: base, first).isDisjoint(with: views(of: base, second)))
            {
                tryMerge(kernel[first]!, kernel[second]!)
            }
        }
    }

    private func views(of base: Node, _ reader: Node) -> Set<View> {
        Set(dependencies.reads[reader]!.filter { $0.base == base })
    }

    /// Orders the kernels: each after all that it waits for, otherwise as the graph was written.
    private mutating func schedule() {
        var waiting = predecessors.map(\.count)
        let keys = members.map { $0.map(\.id).max() ?? 0 }
        var ready = Set(members.indices.filter { !members[$0].isEmpty && waiting[$0] == 0 })
        while let next = ready.min(by: { keys[$0] < keys[$1] }) {
            // Products that are ready at the same time do not wait for one another.
            let together = isProduct(next) ? ready.filter(isProduct) : [next]
            ready.subtract(together)
            let nodes = together.flatMap { members[$0] }.sorted { $0.id < $1.id }
            let isByRow = nodes[0].isTiled && isByRow(nodes)
            let stored = nodes.filter { !isByRow && $0.reducedAxes != nil || isStored($0, in: kernel[$0]!) }
            kernels.append(KernelGroup(nodes: nodes, stored: stored, isByRow: isByRow))
            for following in together.flatMap({ successors[$0] }) {
                waiting[following] -= 1
                if waiting[following] == 0 { ready.insert(following) }
            }
        }
        precondition(waiting.allSatisfy { $0 == 0 }, "the kernels wait for one another in a circle")
    }

    private func isProduct(_ kernel: Int) -> Bool { members[kernel][0].primitive is MatrixMultiply }

    private func isStored(_ node: Node, in kernel: Int) -> Bool {
        isRoot(node) || placements.placement[node] != nil
            || (dependencies.readers[node] ?? []).contains { self.kernel[$0] != kernel }
    }
}
