import CKernels
import EspalierGraph
import Synchronization

/// Compiles computations and keeps what it compiled, by structure.
///
/// Everything runs on the thread that asks, together with the team of threads; two threads of the process take turns.
public final class Engine: Sendable {
    /// The engine that evaluates tensors outside of a trainer.
    @TaskLocal public static var current = Engine()

    /// So many plans of `evaluate` are kept; of more than that, those used last.
    public static let evaluationLimit = 64

    /// How many threads the kernels use.
    public let threads: Int
    private let state = Mutex(State())

    private struct State: ~Copyable {
        var evaluations = RecentlyUsed<GraphKey, Executable>(limit: Engine.evaluationLimit)
        /// That of the evaluations.
        let workspace = Workspace()
        var compilations = 0
    }

    /// - Parameter threads: At most this many threads; without it as many as this process can use, by its affinity and
    ///   by the time that its container gives it.
    public init(threads: Int? = nil) {
        self.threads = threads ?? Processors.usable
        precondition(self.threads >= 1, "an engine needs at least one thread")
    }

    /// How many plans have been made.
    public var compilationCount: Int { state.withLock { $0.compilations } }

    /// A computation made ready to run.
    ///
    /// - Throws: `EngineError` where it cannot be compiled.
    public func compile(_ computation: Computation) throws -> sending Executable {
        state.withLock { $0.compilations += 1 }
        return try Executable(computation, threads: threads, workspace: Workspace())
    }

    /// A computation made ready to run in memory that it shares with others, one after the other.
    ///
    /// - Throws: `EngineError` where it cannot be compiled.
    public func compile(_ computation: Computation, in workspace: Workspace) throws -> Executable {
        state.withLock { $0.compilations += 1 }
        return try Executable(computation, threads: threads, workspace: workspace)
    }

    /// The values of `tensors`.
    ///
    /// Graphs of equal structure share a plan, whatever data their leaves hold.
    public func evaluate(_ tensors: [Tensor]) throws -> [[Float]] {
        try state.withLock { state in
            var leaves: [Node] = []
            let key = GraphKey(tensors, leaves: &leaves)
            let executable: Executable
            if let known = state.evaluations[key] {
                executable = known
            } else {
                state.compilations += 1
                executable = try Executable(
                    Computation(of: tensors, leaves: leaves), threads: threads, workspace: state.workspace)
                state.evaluations[key] = executable
            }
            for (index, leaf) in leaves.enumerated() {
                guard let storage = leaf.leaf?.storage else {
                    let remedy = leaf.leaf?.remedy ?? ""
                    throw EngineError("no value is given for the input \"\(leaf.primitive)\"; \(remedy)")
                }
                executable.input(index).pointer.copyMemory(from: storage.pointer, byteCount: storage.count * 4)
            }
            try executable.run()
            return tensors.indices.map { Array(executable.output($0)) }
        }
    }
}

extension Tensor {
    /// The elements, computed now; the last axis is contiguous.
    public func values() throws -> [Float] {
        precondition(dtype == .float32, "values: the elements are \(dtype); use integers() or truths()")
        return try Engine.current.evaluate([self])[0]
    }

    /// The whole numbers, computed now.
    public func integers() throws -> [Int32] {
        precondition(dtype == .int32, "integers: the elements are \(dtype)")
        return try Engine.current.evaluate([self])[0].map { Int32(bitPattern: $0.bitPattern) }
    }

    /// The truth values, computed now.
    public func truths() throws -> [Bool] {
        precondition(dtype == .bool, "truths: the elements are \(dtype)")
        return try Engine.current.evaluate([self])[0].map { $0 != 0 }
    }

    /// The single element of a scalar, computed now.
    public func item() throws -> Float {
        precondition(count == 1, "item: \(node.type) has \(count) elements")
        return try values()[0]
    }

    /// A tensor that holds the values of this one, computed now.
    public func evaluated() throws -> Tensor {
        let storage = Storage(count: count)
        _ = storage.floats.update(fromContentsOf: try Engine.current.evaluate([self])[0])
        return Tensor(storage, shape, dtype)
    }
}
