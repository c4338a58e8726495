import EspalierGraph
import EspalierSpec

/// Keeps the variance of values through a linear layer.
///
/// U(-a, a) with a = sqrt(3 / fan_in); the variance is 1 / fan_in.
///
/// Source: LeCun, Bottou, Orr and Müller 1998, "Efficient BackProp".
///
/// Use it for linear layers and, in its normal form, for SELU; not before ReLU, which halves the variance in every
/// layer.
public struct LeCunUniform: Initializer {
    public static let name = "lecunUniform"
    public static let summary = "U(+-sqrt(3 / fan_in)), for SELU and linear layers"
    public static let fields: [Field<LeCunUniform>] = []

    public init() {}

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor {
        let bound = (3 / Double(fans.input)).squareRoot()
        return Uniform(low: -bound, high: bound).values(shape, fans, key: key)
    }
}

/// The normal sibling of `LeCunUniform`.
///
/// N(0, std^2) with std = sqrt(1 / fan_in).
///
/// Source: LeCun, Bottou, Orr and Müller 1998, "Efficient BackProp".
///
/// Use it before SELU, whose derivation assumes it; not before ReLU, which halves the variance in every layer.
public struct LeCunNormal: Initializer {
    public static let name = "lecunNormal"
    public static let summary = "N(0, 1 / fan_in), for SELU and linear layers"
    public static let fields: [Field<LeCunNormal>] = []

    public init() {}

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor {
        let std = (1 / Double(fans.input)).squareRoot()
        return Normal(std: std).values(shape, fans, key: key)
    }
}
