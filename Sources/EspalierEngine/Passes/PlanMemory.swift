import EspalierGraph

/// Where in one arena the results lie, so that memory is shared by what is never alive at the same time.
struct MemoryPlan {
    /// A span of the arena that holds a node's memory from kernel `first` to kernel `last`.
    struct Buffer: Hashable {
        var node: Node
        var elements: Int
        var first: Int
        var last: Int
        /// In elements from the start of the arena.
        var offset = 0
    }

    private(set) var buffers: [Node: Buffer] = [:]
    /// The arena's size in elements.
    private(set) var elements = 0

    /// Memory of the arena that must exist at once, whatever the plan: the largest sum of living buffers.
    private(set) var lowerBound = 0

    private static let alignment = Storage.alignment / 4

    init(_ kernels: [KernelGroup], _ dependencies: Dependencies, _ placements: Placements) {
        func use(_ node: Node, at index: Int) {
            let target = placements.location(of: node).target
            if target.primitive is Leaf || target.primitive is Constant { return }
            var buffer =
                buffers[target]
                ?? Buffer(
                    node: target, elements: Self.aligned(target.type.shape.count), first: index, last: index)
            buffer.first = min(buffer.first, index)
            buffer.last = max(buffer.last, index)
            buffers[target] = buffer
        }
        for (index, kernel) in kernels.enumerated() {
            for node in kernel.stored { use(node, at: index) }
            let inside = Set(kernel.nodes)
            for node in kernel.nodes {
                for view in dependencies.reads[node]! where !inside.contains(view.base) { use(view.base, at: index) }
            }
        }
        for root in dependencies.layouts.computation.roots {
            use(dependencies.layouts.view(root).base, at: kernels.count)
        }
        place()
    }

    private static func aligned(_ elements: Int) -> Int {
        (elements + alignment - 1) / alignment * alignment
    }

    /// The largest first, each at the lowest offset where nothing alive at the same time lies.
    private mutating func place() {
        let order = buffers.values.sorted { ($0.elements, $1.node.id) > ($1.elements, $0.node.id) }
        var placed: [Buffer] = []
        for var buffer in order {
            let neighbours = placed.filter { $0.first <= buffer.last && buffer.first <= $0.last }
                .sorted { $0.offset < $1.offset }
            for neighbour in neighbours where neighbour.offset < buffer.offset + buffer.elements {
                buffer.offset = max(buffer.offset, neighbour.offset + neighbour.elements)
            }
            placed.append(buffer)
            buffers[buffer.node] = buffer
            elements = max(elements, buffer.offset + buffer.elements)
        }
        for moment in Set(placed.map(\.first)) {
            lowerBound = max(
                lowerBound,
                placed.filter { $0.first <= moment && moment <= $0.last }.reduce(0) { $0 + $1.elements })
        }
    }
}
