import Synchronization

/// A tensor whose values come from outside the graph: an input, a parameter, a state, or given data.
public struct Leaf: Primitive {
    private static let count = Atomic<UInt64>(0)

    let id: UInt64
    public let name: String
    let type: TensorType
    /// The values, where the leaf stands for memory rather than for an argument.
    public let storage: Storage?
    /// What to do where a value is missing.
    public let remedy: String

    init(_ name: String, _ type: TensorType, _ storage: Storage?, remedy: String = "list it among the inputs") {
        self.id = Leaf.count.wrappingAdd(1, ordering: .relaxed).newValue
        self.name = name
        self.type = type
        self.storage = storage
        self.remedy = remedy
    }

    public static func == (first: Leaf, second: Leaf) -> Bool { first.id == second.id }
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
    public var description: String { name }

    public func resultType(of inputs: [TensorType]) -> TensorType { type }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        guard let storage else { preconditionFailure("no value was given for the leaf \"\(name)\"; \(remedy)") }
        switch type.dtype {
        case .int32: return ReferenceArray(type.shape, storage.integers.map(Double.init))
        case .float32, .bool: return ReferenceArray(type.shape, storage.floats.map(Double.init))
        }
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [] }
}

extension Tensor {
    /// A tensor whose values are given when the graph is executed.
    ///
    /// - Parameters:
    ///   - name: What it is called in errors.
    ///   - shape: The shape of its values.
    ///   - dtype: Their type.
    ///   - remedy: What an error says to do where no value is given.
    public static func input(
        _ name: String, _ shape: Shape, _ dtype: DType = .float32, remedy: String = "list it among the inputs"
    ) -> Tensor {
        apply(Leaf(name, TensorType(shape, dtype), nil, remedy: remedy), [])
    }

    /// A tensor that stands for the current contents of `storage`.
    public init(_ storage: Storage, _ shape: Shape, _ dtype: DType = .float32, name: String = "storage") {
        precondition(storage.count == shape.count, "\(name): \(storage.count) elements do not fill \(shape)")
        self = .apply(Leaf(name, TensorType(shape, dtype), storage), [])
    }

    /// A tensor of the given values, the last axis contiguous.
    public init(_ values: [Float], _ shape: Shape) {
        precondition(values.count == shape.count, "\(values.count) values do not fill \(shape)")
        let storage = Storage(count: values.count)
        _ = storage.floats.update(fromContentsOf: values)
        self.init(storage, shape, .float32, name: "data")
    }

    /// A tensor of the given whole numbers, the last axis contiguous.
    public init(_ values: [Int32], _ shape: Shape) {
        precondition(values.count == shape.count, "\(values.count) values do not fill \(shape)")
        let storage = Storage(count: values.count)
        _ = storage.integers.update(fromContentsOf: values)
        self.init(storage, shape, .int32, name: "data")
    }

    /// The leaf that this tensor is, where it is one.
    public var leaf: Leaf? { node.primitive as? Leaf }
}
