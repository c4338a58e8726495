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
        let gate = dependencies.gate
        for (index, update) in layouts.computation.updates.enumerated() {
            let base = layouts.view(update.value.node).base
            // Waiting in a circle would be possible after some of the writers are ordered, so all are tried first.
            var ordered = dependencies
            let target = update.target.node
            let isOrdered = writers(of: base, dependencies).allSatisfy { writer in
                ordered.overwrite(target, writer) && (gate.map { ordered.wait(writer.node, for: $0) } ?? true)
            }
            guard isOrdered, placement[base] == nil else {
                copied.insert(index)
                continue
            }
            dependencies = ordered
            placement[base] = Placement(target: target, offset: 0)
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

    /// The nodes that write the result of `base`: itself, or the parts of a concatenation that are in place.
    private func writers(of base: Node, _ dependencies: Dependencies) -> [Writer] {
        guard base.primitive is Concatenate else { return [Writer(node: base, range: 0..<base.type.shape.count)] }
        var writers: [Writer] = []
        var offset = 0
        for input in base.inputs {
            let part = dependencies.layouts.view(input).base
            let isPlaced = placement[part]?.target == base && placement[part]?.offset == offset
            let inner =
                isPlaced
                ? self.writers(of: part, dependencies) : [Writer(node: base, range: 0..<input.type.shape.count)]
            writers += inner.map {
                Writer(node: $0.node, range: $0.range.lowerBound + offset..<$0.range.upperBound + offset)
            }
            offset += input.type.shape.count
        }
        return writers
    }
}

/// A node that writes a range of elements.
struct Writer {
    var node: Node
    var range: Range<Int>
}

extension Dependencies {
    /// The node that decides whether there are updates.
    var gate: Node? {
        guard let gate = layouts.computation.gate else { return nil }
        let base = layouts.view(layouts.computation.outputs[gate].node).base
        return base.primitive is Leaf || base.primitive is Constant ? nil : base
    }

    /// Makes `writer` come after `gate`, and says whether that is possible.
    fileprivate mutating func wait(_ writer: Node, for gate: Node) -> Bool {
        guard writer != gate, !path(from: writer, to: gate) else { return false }
        order(gate, before: writer)
        return true
    }

    /// Makes every reader of what `writer` overwrites in `target` come first, and says whether that is possible.
    fileprivate mutating func overwrite(_ target: Node, _ writer: Writer) -> Bool {
        for reader in readers[target] ?? [] {
            let overlaps = reads[reader]!.contains { $0.base == target && $0.span.overlaps(writer.range) }
            guard overlaps else { continue }
            if reader == writer.node {
                guard reader.isElementwise, self.reads(reader, of: target, inPlace: writer.range) else { return false }
            } else if !path(from: writer.node, to: reader) {
                order(reader, before: writer.node)
            } else {
                guard isCompanion(reader, of: writer, overwriting: target) else { return false }
                join(reader, to: writer.node)
            }
        }
        return true
    }

    /// So many nodes find room in the kernel of another.
    private static let mostCompanions = 4

    /// Whether `reader` compares what `writer` overwrites with what it writes: element by element, and with nothing else that
    /// is computed, so that no other kernel can come between.
    private func isCompanion(_ reader: Node, of writer: Writer, overwriting target: Node) -> Bool {
        writer.node.isElementwise && reader.isTiled && reader.domain == writer.node.domain && reader.domain.rank == 1
            && (companions[writer.node]?.count ?? 0) < Self.mostCompanions
            && reads(reader, of: target, inPlace: writer.range)
            && reads[reader]!.allSatisfy { view in
                view.base == writer.node
                    ? view.isIdentity(on: reader) : view.base.primitive is Leaf || view.base.primitive is Constant
            } && !isUpdate(reader)
    }

    /// Whether `node` is a new value or a part of one: then it waits for whoever reads the old one.
    private func isUpdate(_ node: Node) -> Bool {
        layouts.computation.updates.contains { layouts.view($0.value.node).base == node }
            || (readers[node] ?? []).contains { $0.primitive is Concatenate }
    }

    /// Whether `node` reads the elements `range` of `target` one by one, each at the place where it lies in the range.
    func reads(_ node: Node, of target: Node, inPlace range: Range<Int>) -> Bool {
        !readsKey(node)
            && reads[node]!.allSatisfy { view in
                view.base != target || !view.span.overlaps(range) || (view.isContiguous && view.span == range)
            }
    }

    /// Whether random numbers are drawn, each of which needs all of its key.
    private func readsKey(_ node: Node) -> Bool {
        node.primitive is RandomUniform
            || node.inputs.contains { input in
                let base = layouts.view(input).base
                return recomputed.contains(base) && readsKey(base)
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
