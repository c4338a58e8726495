import EspalierGraph

/// Decides which results are written straight to where they belong: the parts of a concatenation into the whole, a new
/// value over the old one.
struct Placements {
    /// A node's result lies in the memory of `target`, from element `offset` on.
    struct Placement {
        var target: Node
        var offset: Int
    }

    private(set) var placement: [Node: Placement] = [:]
    /// The updates whose value has memory of its own and is copied at the end.
    private(set) var copied: Set<Int> = []

    init(_ dependencies: inout Dependencies) {
        let layouts = dependencies.layouts
        for node in dependencies.computed where node.primitive is Concatenate { place(partsOf: node, dependencies) }
        for (index, update) in layouts.computation.updates.enumerated() {
            let base = layouts.view(update.value.node).base
            let writers = self.writers(of: base, dependencies)
            let fits = placement[base] == nil && writers.allSatisfy { writer in
                Self.conflicts(with: writer, on: update.target.node, dependencies).isEmpty
            }
            guard fits else {
                copied.insert(index)
                continue
            }
            placement[base] = Placement(target: update.target.node, offset: 0)
            for writer in writers {
                for reader in dependencies.readers[update.target.node] ?? []
                where reader != writer.node && writer.overlapsReads(of: reader, on: update.target.node, dependencies) {
                    dependencies.order(reader, before: writer.node)
                }
            }
        }
    }

    /// The element of which memory, and from where on, holds the result of `node`.
    func location(of node: Node) -> Placement {
        guard let outer = placement[node] else { return Placement(target: node, offset: 0) }
        var location = self.location(of: outer.target)
        location.offset += outer.offset
        return location
    }

    /// Parts that a kernel writes, whole, each to one place, need no copy when they lie in one piece there.
    private mutating func place(partsOf node: Node, _ dependencies: Dependencies) {
        guard let concatenate = node.primitive as? Concatenate,
            node.type.shape.dimensions[..<concatenate.axis].allSatisfy({ $0 == 1 })
        else { return }
        var offset = 0
        for input in node.inputs {
            let view = dependencies.layouts.view(input)
            let isWritten = !(view.base.primitive is Leaf || view.base.primitive is Constant)
            if view.isWhole, isWritten, placement[view.base] == nil, !dependencies.recomputed.contains(view.base) {
                placement[view.base] = Placement(target: node, offset: offset)
            }
            offset += view.shape.count
        }
    }

    /// A node that writes a range of elements.
    struct Writer {
        var node: Node
        var range: Range<Int>

        /// Whether `reader` reads some of these elements from the memory of `target`.
        func overlapsReads(of reader: Node, on target: Node, _ dependencies: Dependencies) -> Bool {
            dependencies.reads[reader]!.contains { $0.base == target && $0.span.overlaps(range) }
        }

        /// Whether `view` holds just these elements in order, so that each is read where it is written.
        func matches(_ view: View) -> Bool {
            view.isContiguous && view.span == range
        }
    }

    /// The nodes that write the result of `base`: itself, or the parts of a concatenation that are in place.
    private func writers(of base: Node, _ dependencies: Dependencies) -> [Writer] {
        guard base.primitive is Concatenate else { return [Writer(node: base, range: 0..<base.type.shape.count)] }
        var writers: [Writer] = []
        var offset = 0
        for input in base.inputs {
            let part = dependencies.layouts.view(input).base
            let isPlaced = placement[part]?.target == base && placement[part]?.offset == offset
            let inner = isPlaced ? self.writers(of: part, dependencies) : [Writer(node: base, range: 0..<input.type.shape.count)]
            writers += inner.map {
                Writer(node: $0.node, range: $0.range.lowerBound + offset..<$0.range.upperBound + offset)
            }
            offset += input.type.shape.count
        }
        return writers
    }

    /// The readers of `target` that would meet elements which `writer` has already overwritten.
    private static func conflicts(with writer: Writer, on target: Node, _ dependencies: Dependencies) -> [Node] {
        (dependencies.readers[target] ?? []).filter { reader in
            let views = dependencies.reads[reader]!.filter { $0.base == target && $0.span.overlaps(writer.range) }
            if views.isEmpty { return false }
            if reader == writer.node { return !(reader.isElementwise && views.allSatisfy(writer.matches)) }
            return dependencies.path(from: writer.node, to: reader)
        }
    }
}

extension View {
    /// From the first to past the last element that is met.
    var span: Range<Int> {
        let last = zip(shape.dimensions, strides).reduce(offset) { $0 + ($1.0 - 1) * $1.1 }
        return offset..<last + 1
    }
}
