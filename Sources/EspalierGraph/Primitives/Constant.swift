/// A scalar known when the graph is written.
public struct Constant: Primitive {
    public let value: Double
    public let dtype: DType

    public init(value: Double, dtype: DType) {
        self.value = value
        self.dtype = dtype
    }

    public var description: String { "\(value)" }

    // By bits: 0 and -0 are two constants, and a NaN is itself.
    public static func == (first: Constant, second: Constant) -> Bool {
        first.value.bitPattern == second.value.bitPattern && first.dtype == second.dtype
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(value.bitPattern)
        hasher.combine(dtype)
    }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        guard dtype != .int32 || Int32(exactly: value) != nil else {
            throw ShapeError("constant", "\(value) is no whole number of 32 bits", [TensorType([], dtype)])
        }
        return TensorType([], dtype)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        ReferenceArray([], [value])
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [] }
}

extension Tensor: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    /// A scalar.
    public init(_ value: Double, _ dtype: DType = .float32) {
        self = .apply(Constant(value: value, dtype: dtype), [])
    }

    public init(floatLiteral value: Double) { self.init(value) }
    public init(integerLiteral value: Int) { self.init(Double(value)) }

    /// Every element is `value`.
    public static func full(_ shape: Shape, _ value: Double, _ dtype: DType = .float32) -> Tensor {
        Tensor(value, dtype).broadcast(to: shape)
    }

    public static func zeros(_ shape: Shape, _ dtype: DType = .float32) -> Tensor { full(shape, 0, dtype) }
    public static func ones(_ shape: Shape, _ dtype: DType = .float32) -> Tensor { full(shape, 1, dtype) }

    /// The value of which every element is known to be a copy when the graph is written.
    public var constantValue: Double? {
        switch node.primitive {
        case let constant as Constant: constant.value
        case is Broadcast, is Reshape: Tensor(node.inputs[0]).constantValue
        default: nil
        }
    }
}
