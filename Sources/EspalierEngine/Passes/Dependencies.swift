import EspalierGraph

/// Who reads what, seen through views: the edges that the later passes work on.
struct Dependencies {
    let layouts: Layouts
    /// The nodes that a kernel computes, every node after those it reads.
    ///
    /// Views and leaves are not among them.
    let computed: [Node]
    /// Cheap nodes that are computed again wherever they are needed, instead of being stored.
    let recomputed: Set<Node>
    /// What a node reads, recomputed operands replaced by what those read.
    private(set) var reads: [Node: [View]] = [:]
    /// The nodes that read the memory of a node, in order.
    private(set) var readers: [Node: [Node]] = [:]
    /// Nodes that must come after another because they overwrite what it reads.
    private(set) var overwriters: [Node: [Node]] = [:]
    /// Nodes that must come after another because of a barrier.
    private(set) var followers: [Node: [Node]] = [:]
    /// Nodes that read what another overwrites as well as its result, so that only its own kernel can compute them.
    private(set) var companions: [Node: [Node]] = [:]

    init(_ layouts: Layouts) {
        self.layouts = layouts
        let roots = layouts.computation.roots
        let order = Tensor.topologicalOrder(of: roots)
        let computed = order.filter {
            layouts.view($0).base == $0 && !($0.primitive is Leaf || $0.primitive is Constant)
        }
        let rootBases = Set(roots.map { layouts.view($0).base })
        var consumers: [Node: [(node: Node, view: View)]] = [:]
        for node in computed {
            for input in node.inputs {
                let view = layouts.view(input)
                consumers[view.base, default: []].append((node, view))
            }
        }

        // What other kernels than tile programs read, or tile programs in another order, is in memory in any case.
        let stored = rootBases.union(
            computed.filter { node in
                (consumers[node] ?? []).contains { !$0.node.isTiled || !$0.view.isIdentity(on: $0.node) }
            })
        var cost: [Node: Int] = [:]
        for node in computed where !stored.contains(node) {
            if let own = Self.cost(of: node, layouts, cost, stored), own <= 8 { cost[node] = own }
        }
        var recomputed = Set<Node>()
        for node in computed.reversed() where cost[node] != nil {
            let uses = consumers[node] ?? []
            // What only recomputed nodes read is stored nowhere; what reads memory alone costs its reader no more.
            let readsMemory = node.inputs.contains { stored.contains(layouts.view($0).base) }
            if uses.count > 1 || readsMemory || uses.contains(where: { recomputed.contains($0.node) }) {
                recomputed.insert(node)
            }
        }
        self.recomputed = recomputed
        var awaited: [Node: Set<Node>] = [:]
        for node in computed {
            var views: [View] = []
            var bases = Set<Node>()
            for input in node.inputs {
                let view = layouts.view(input)
                views += recomputed.contains(view.base) ? reads[view.base]! : [view]
                if recomputed.contains(view.base) { bases.formUnion(awaited[view.base]!) }
                for base in (layouts.awaited[input] ?? []).map({ layouts.view($0).base }) {
                    bases.formUnion(recomputed.contains(base) ? awaited[base]!.union(reads[base]!.map(\.base)) : [base])
                }
            }
            reads[node] = views
            awaited[node] = bases
        }
        self.computed = computed.filter { !recomputed.contains($0) }
        for node in self.computed {
            for base in Set(reads[node]!.map(\.base)) { readers[base, default: []].append(node) }
            for base in awaited[node]! { followers[base, default: []].append(node) }
        }
    }

    /// Instructions that computing `node` anew takes; nothing where it is not cheap, or needs what is not stored.
    private static func cost(
        of node: Node, _ layouts: Layouts, _ known: [Node: Int], _ stored: Set<Node>
    ) -> Int? {
        guard node.isElementwise, node.isCheap else { return nil }
        var total = 1
        for input in node.inputs {
            let base = layouts.view(input).base
            if let cost = known[base] {
                // What is repeated over many elements is nothing beside them.
                if base.type.shape.count == node.type.shape.count { total += cost }
            } else if base.isElementwise, !stored.contains(base) {
                return nil
            }
        }
        return total
    }

    /// Whether `second` must wait for `first`, directly or through others.
    func path(from first: Node, to second: Node) -> Bool {
        var seen: Set<Node> = [first]
        var pending = [first]
        while let node = pending.popLast() {
            let after = (readers[node] ?? []) + (overwriters[node] ?? []) + (followers[node] ?? [])
            for next in after where seen.insert(next).inserted {
                if next == second { return true }
                pending.append(next)
            }
        }
        return false
    }

    /// What `sum` adds to `product` where that is one vector along the last axis, as it lies in memory.
    func bias(in sum: Node, of product: Node) -> View? {
        let operands = sum.inputs.map(layouts.view).filter { $0.base != product }
        guard operands.count == 1, let view = operands.first, view.shape.rank >= 2, view.strides.last == 1,
            view.strides.dropLast().allSatisfy({ $0 == 0 }),
            !(view.base.primitive is Constant), !recomputed.contains(view.base)
        else { return nil }
        return view
    }

    /// Makes `writer` wait for `reader`, whose operand it overwrites.
    mutating func order(_ reader: Node, before writer: Node) {
        overwriters[reader, default: []].append(writer)
    }

    /// Makes `reader`, which reads what `writer` overwrites and its result, part of the kernel of `writer`.
    mutating func join(_ reader: Node, to writer: Node) {
        companions[writer, default: []].append(reader)
    }
}

extension Node {
    /// Computed element by element from the elements at the same place.
    var isElementwise: Bool {
        switch primitive {
        case is Unary, is Binary, is Select, is Cast, is Copy, is Iota, is RandomUniform: true
        default: false
        }
    }

    /// Computed by tile programs.
    var isTiled: Bool { isElementwise || reducedAxes != nil }

    /// Elements from their positions alone.
    var isGenerator: Bool { primitive is Iota || primitive is RandomUniform }

    /// The shape over whose elements a tile program for this node walks.
    var domain: Shape { reducedAxes != nil ? inputs[0].type.shape : type.shape }

    /// A few cycles an element at most.
    fileprivate var isCheap: Bool {
        switch primitive {
        case let unary as Unary:
            switch unary.operation {
            case .negate, .absolute, .sign, .square, .relu, .floor, .ceiling, .round, .logicalNot: true
            default: false
            }
        case let binary as Binary: binary.operation != .power && binary.operation != .divide
        // Ten rounds of Philox take longer than writing the result and reading it again.
        case is RandomUniform: false
        default: isElementwise
        }
    }
}

extension View {
    /// Whether `consumer` meets the elements of the base at their own places.
    func isIdentity(on consumer: Node) -> Bool {
        isWhole && shape == base.type.shape && shape == consumer.domain
    }

    /// Whether `consumer` meets one value for each row: its own values, or the last axis of its domain is a row for each.
    func isOfRows(for consumer: Node) -> Bool {
        let isReduction = (base.primitive as? Reduce).map { $0.axes == [base.inputs[0].type.shape.rank - 1] } ?? false
        guard offset == 0, isReduction || base.isElementwise else { return false }
        if consumer.type.shape.count == base.type.shape.count, consumer.isElementwise { return isWhole }
        let domain = consumer.domain
        guard domain == shape, let width = domain.dimensions.last, width > 1, strides.last == 0,
            base.type.shape.count * width == domain.count
        else { return false }
        let leading = Shape(Array(domain.dimensions.dropLast()))
        return zip(leading.dimensions, zip(strides, leading.strides)).allSatisfy { $0 == 1 || $1.0 == $1.1 }
    }
}
