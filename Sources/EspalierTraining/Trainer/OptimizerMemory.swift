import EspalierEngine
import EspalierGraph
import EspalierNN

/// What an optimiser keeps from step to step, and its update as a part of the step's graph.
///
/// The parameters are updated in pieces: a whole group at once, as one flat tensor, or each parameter by itself where the
/// optimiser asks for that.
final class OptimizerMemory {
    private struct Piece {
        /// The key of its kept values.
        var path: String
        /// Where it lies in the parameters' memory.
        var range: Range<Int>
        /// What the optimiser sees.
        var shape: Shape
        var rule: any Optimizer
    }

    private let parameters: FlatBuffer
    private let isPerParameter: Bool
    private let pieces: [Piece]
    /// The kept values by name, in the order in which pieces first name them.
    private let slots: [(name: String, buffer: FlatBuffer)]
    /// The new values of the present trace, by name and piece.
    private var next: [String: [String: Tensor]] = [:]

    init(_ optimizer: any Optimizer, _ state: ModelState, groups: [ParameterGroup] = []) {
        parameters = state.parameters
        isPerParameter = optimizer.isPerParameter
        if isPerParameter {
            let slots = Dictionary(uniqueKeysWithValues: state.contents.parameters.map { ($0.path, $0.slot) })
            pieces = state.parameters.entries.map { entry in
                let range = entry.offset..<entry.offset + entry.shape.count
                let decays = groups.index(of: entry.path).map { groups[$0].decays } ?? true
                let rule = slots[entry.path].map { optimizer.rule(for: $0, decays: decays) as any Optimizer }
                return Piece(path: entry.path, range: range, shape: entry.shape, rule: rule ?? optimizer)
            }
        } else {
            pieces = state.groups.map { Piece(path: "\($0)", range: $0, shape: [$0.count], rule: optimizer) }
        }
        var shapes: [(name: String, members: [(path: String, shape: Shape)])] = []
        for piece in pieces {
            for (name, shape) in zip(piece.rule.slots, piece.rule.slotShapes(for: piece.shape)) {
                let index = shapes.firstIndex { $0.name == name } ?? shapes.endIndex
                if index == shapes.endIndex { shapes.append((name, [])) }
                shapes[index].members.append((piece.path, shape))
            }
        }
        slots = shapes.map { ($0.name, FlatBuffer($0.members, name: $0.name)) }
    }

    /// The memory of each kept value, by name.
    var storages: [(name: String, storage: Storage)] { slots.map { ($0.name, $0.buffer.storage) } }

    /// The kept values of a name.
    func buffer(_ name: String) -> FlatBuffer? { slots.first { $0.name == name }?.buffer }

    /// The number of values kept.
    var count: Int { slots.reduce(0) { $0 + $1.buffer.storage.count } }

    /// Forgets all, as before the first step.
    func clear() {
        for slot in slots { slot.buffer.storage.floats.update(repeating: 0) }
    }

    // Tracing

    /// The new values of the parameters in `range`, one of the state's groups.
    func update(
        _ w: Tensor, gradient g: Tensor, in range: Range<Int>, learningRate: Tensor, step: Tensor
    ) -> Tensor {
        let results = pieces.filter { range.contains($0.range.lowerBound) }.map { piece in
            let own = piece.range.lowerBound - range.lowerBound..<piece.range.upperBound - range.lowerBound
            let kept = piece.rule.slots.compactMap { buffer($0)?.tensor(piece.path) }
            let result = piece.rule.update(
                w.slice(own).reshaped(to: piece.shape), gradient: g.slice(own).reshaped(to: piece.shape), slots: kept,
                learningRate: learningRate, step: step)
            for (name, value) in zip(piece.rule.slots, result.slots) { next[name, default: [:]][piece.path] = value }
            return result.parameter
        }
        return isPerParameter ? parameters.assemble(results, in: range) : .concatenate(results)
    }

    /// The updates of the kept values, after those of all groups; what no group asked for stays.
    func updates() -> [Computation.Update] {
        defer { next = [:] }
        return slots.map { name, buffer in
            let values = buffer.entries.compactMap { next[name]?[$0.path] ?? buffer.tensor($0.path) }
            return .init(buffer.tensor, buffer.assemble(values, in: 0..<buffer.storage.count))
        }
    }
}
