import EspalierGraph
import EspalierSpec

/// Keeps the variance of values forward and of gradients backward, for activations linear around zero: sigmoid, tanh.
///
/// U(-a, a) with a = sqrt(6 / (fan_in + fan_out)); the variance is 2 / (fan_in + fan_out).
///
/// Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks".
public struct XavierUniform: Initializer {
    public static let name = "xavierUniform"
    public static let summary = "U(+-sqrt(6 / (fan_in + fan_out))), for sigmoid and tanh"
    public static let fields: [Field<XavierUniform>] = []

    public init() {}

    public func values(_ shape: Shape, _ fans: Fans, key: Tensor) -> Tensor {
        let bound = (6 / Double(fans.input + fans.output)).squareRoot()
        return Uniform(low: -bound, high: bound).values(shape, fans, key: key)
    }
}

/// The normal sibling of `XavierUniform`.
///
/// N(0, std^2) with std = sqrt(2 / (fan_in + fan_out)).
///
/// Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks".
public struct XavierNormal: Initializer {
    public static let name = "xavierNormal"
    public static let summary = "N(0, 2 / (fan_in + fan_out)), for sigmoid and tanh"
    public static let fields: [Field<XavierNormal>] = []

    public init() {}

    public func values(_ shape: Shape, _ fans: Fans, key: Tensor) -> Tensor {
        let std = (2 / Double(fans.input + fans.output)).squareRoot()
        return Normal(std: std).values(shape, fans, key: key)
    }
}
