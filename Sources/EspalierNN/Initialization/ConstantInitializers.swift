import EspalierGraph
import EspalierSpec

/// Every value is zero.
///
/// Use it for biases; not for weights, whose neurons would stay equal.
public struct Zeros: Initializer {
    public static let name = "zeros"
    public static let summary = "Every value is 0; equal weights never part, so for biases only"
    public static let fields: [Field<Zeros>] = []

    public init() {}

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor { .zeros(shape) }
}

/// Every value is one.
///
/// Use it for scales; not for weights, whose neurons would stay equal.
public struct Ones: Initializer {
    public static let name = "ones"
    public static let summary = "Every value is 1"
    public static let fields: [Field<Ones>] = []

    public init() {}

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor { .ones(shape) }
}

/// Every value is the same.
///
/// Neurons of one layer that start equal receive equal gradients and stay equal: the layer acts as a single neuron.
///
/// Use it for biases with a meaning, such as one for a forget gate; not for weights of a layer with more than one
/// neuron.
public struct ConstantInitializer: Initializer {
    public var value = 0.0

    public static let name = "constant"
    public static let summary = "Every value is the same; weights that start equal stay equal"
    public static let fields = [Field("value", \Self.value, "the value", required: true)]

    public init() {}
    public init(_ value: Double) { self.value = value }

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor { .full(shape, value) }
}
