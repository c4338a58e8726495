import EspalierEngine
import EspalierGraph
import EspalierSpec

/// A model's parameters, statistics and random key in memory: one flat buffer each, of which the layers see views.
///
/// Parameters of one group lie together, so a group is a range and its update one kernel. Within a group they keep the
/// order of declaration; each starts on a cache line.
public final class ModelState {
    public let model: any Layer
    /// The model's layers, parameters, statistics and random layers by path.
    public let contents: LayerContents
    /// What training changes.
    public let parameters: FlatBuffer
    /// What training measures.
    public let statistics: FlatBuffer
    /// Two words that every random layer of the model draws under.
    public let key = Storage(count: 2)
    /// The range of each parameter group that has members.
    public let groups: [Range<Int>]

    /// Whether some weights have yet to be scaled by the first batch: see `scaleToUnitVariance(on:)`.
    public package(set) var awaitsBatch = false

    /// Draws first values and takes the model's tensors over.
    ///
    /// - Parameters:
    ///   - model: Its parameters, statistics and random layers are given their memory here.
    ///   - seed: The seed of the run: a parameter's draw depends on it and on the parameter's path.
    ///   - group: The number of the group that a parameter belongs to, from zero; one group if not given.
    public init(_ model: any Layer, seed: UInt64, group: (Parameter.Slot) -> Int = { _ in 0 }) throws {
        let contents = LayerContents(model)
        for (path, slot) in contents.parameters { slot.path = path }
        for (path, slot) in contents.statistics { slot.path = path }
        let count = (contents.parameters.map { group($0.slot) }.max() ?? 0) + 1
        let sorted = (0..<count).map { number in contents.parameters.filter { group($0.slot) == number } }
            .filter { !$0.isEmpty }
        let parameters = FlatBuffer(sorted.joined().map { ($0.path, $0.slot.shape) }, name: "parameters")
        var start = 0
        groups = sorted.map { members in
            defer { start += members.count }
            return parameters.range(of: start..<start + members.count)
        }
        self.model = model
        self.contents = contents
        self.parameters = parameters
        statistics = FlatBuffer(contents.statistics.map { ($0.path, $0.slot.shape) }, name: "statistics")
        for (path, slot) in contents.parameters { slot.tensor = parameters.tensor(path)! }
        for (path, slot) in contents.statistics {
            slot.tensor = statistics.tensor(path)!
            statistics.values(path)!.update(repeating: Float(slot.start))
        }
        let keyTensor = Tensor(key, [2], .int32, name: "random key")
        for (path, slot) in contents.randomness {
            slot.key = keyTensor
            slot.stream = UInt32(truncatingIfNeeded: stableHash(path))
        }
        try initialize(seed)
        awaitsBatch = contents.parameters.contains { $0.slot.initializer is LSUV }
    }

    private func initialize(_ seed: UInt64) throws {
        let first = try contents.parameters.map { path, slot in
            do {
                try slot.initializer.check(slot.shape)
            } catch let error as EspalierError {
                throw error.located(at: path)
            }
            return slot.initializer.values(slot.shape, slot.fans, key: RandomKey(seed: seed, ["initialize", path]))
        }
        for ((path, _), values) in zip(contents.parameters, try Engine.current.evaluate(first)) {
            _ = parameters.values(path)!.update(fromContentsOf: values)
        }
        try deriveFirstValues(seed)
    }

    /// Sets what begins with a function of other first values.
    private func deriveFirstValues(_ seed: UInt64) throws {
        let derived = contents.layers.flatMap { path, layer in
            (layer as? any Reparametrization)?.firstValues(key: RandomKey(seed: seed, ["derive", path])) ?? []
        }
        guard !derived.isEmpty else { return }
        for ((path, _), values) in zip(derived, try Engine.current.evaluate(derived.map(\.value))) {
            _ = (parameters.values(path) ?? statistics.values(path))!.update(fromContentsOf: values)
        }
    }

    /// Whether the layers train or infer.
    public var mode: Mode = .inference {
        didSet {
            for (_, layer) in contents.layers { (layer as? any ModeDependent)?.mode = mode }
        }
    }

    /// The number of values that training changes.
    public var parameterCount: Int { contents.parameters.reduce(0) { $0 + $1.slot.shape.count } }
    /// The number of values that training measures.
    public var statisticCount: Int { contents.statistics.reduce(0) { $0 + $1.slot.shape.count } }

    /// Whether every parameter and statistic is a finite number.
    public var isFinite: Bool {
        parameters.storage.floats.allSatisfy(\.isFinite) && statistics.storage.floats.allSatisfy(\.isFinite)
    }

    /// Sets the key that random layers draw under.
    public func setKey(_ key: RandomKey) {
        self.key.integers[0] = Int32(bitPattern: key.words[0])
        self.key.integers[1] = Int32(bitPattern: key.words[1])
    }

    /// The key that random layers draw under now.
    public var presentKey: RandomKey {
        RandomKey(words: SIMD2(UInt32(bitPattern: key.integers[0]), UInt32(bitPattern: key.integers[1])))
    }

    /// A copy of all parameters and statistics.
    public func snapshot() -> Snapshot {
        Snapshot(parameters: Array(parameters.storage.floats), statistics: Array(statistics.storage.floats))
    }

    /// Puts back what a snapshot holds.
    public func restore(_ snapshot: Snapshot) {
        _ = parameters.storage.floats.update(fromContentsOf: snapshot.parameters)
        _ = statistics.storage.floats.update(fromContentsOf: snapshot.statistics)
    }

    /// Everything that a model's predictions depend on.
    public struct Snapshot: Sendable, Hashable {
        package var parameters: [Float]
        package var statistics: [Float]

        package init(parameters: [Float], statistics: [Float]) {
            self.parameters = parameters
            self.statistics = statistics
        }
    }
}

/// Tensors one after the other in one memory, each on a cache line of its own.
public final class FlatBuffer {
    /// The memory.
    public let storage: Storage
    /// The whole memory.
    public let tensor: Tensor
    /// What lies in it, and from which element on.
    public let entries: [(path: String, shape: Shape, offset: Int)]

    static let alignment = Storage.alignment / 4

    /// Memory of zeros for tensors of these shapes.
    public init(_ shapes: [(path: String, shape: Shape)], name: String) {
        var offset = 0
        entries = shapes.map { path, shape in
            defer { offset += Self.aligned(shape.count) }
            return (path, shape, offset)
        }
        storage = Storage(count: max(offset, Self.alignment))
        tensor = Tensor(storage, [storage.count], name: name)
    }

    static func aligned(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }

    /// The elements that some consecutive entries take.
    func range(of entries: Range<Int>) -> Range<Int> {
        func start(_ index: Int) -> Int {
            index < self.entries.count ? self.entries[index].offset : storage.count
        }
        return start(entries.lowerBound)..<start(entries.upperBound)
    }

    /// The tensor of a path, as a view of the whole.
    public func tensor(_ path: String) -> Tensor? {
        entries.first { $0.path == path }.map { entry in
            tensor.slice(entry.offset..<entry.offset + entry.shape.count).reshaped(to: entry.shape)
        }
    }

    /// The present values of a path.
    public func values(_ path: String) -> UnsafeMutableBufferPointer<Float>? {
        entries.first { $0.path == path }.map { entry in
            UnsafeMutableBufferPointer(rebasing: storage.floats[entry.offset..<entry.offset + entry.shape.count])
        }
    }

    /// The Euclidean norm of the present values of a path; zero where there is none.
    package func norm(_ path: String) -> Double {
        (values(path)?.reduce(0) { $0 + Double($1) * Double($1) } ?? 0).squareRoot()
    }

    /// Tensors of the entries in `range`, put together as they lie in memory; the gaps are zero.
    public func assemble(_ tensors: [Tensor], in range: Range<Int>) -> Tensor {
        var parts: [Tensor] = []
        for (entry, tensor) in zip(entries.filter { range.contains($0.offset) }, tensors) {
            parts.append(tensor.flattened())
            let gap = Self.aligned(entry.shape.count) - entry.shape.count
            if gap > 0 { parts.append(.zeros([gap])) }
        }
        let count = parts.reduce(0) { $0 + $1.count }
        if count < range.count { parts.append(.zeros([range.count - count])) }
        return .concatenate(parts)
    }
}
