import EspalierGraph
import EspalierSpec

/// Keeps the variance of values through ReLU, which drops half of it.
///
/// U(-a, a) with a = sqrt(6 / fan_in); the variance is 2 / fan_in.
///
/// Source: He, Zhang, Ren and Sun 2015, "Delving deep into rectifiers".
public struct HeUniform: Initializer {
    public static let name = "heUniform"
    public static let summary = "U(+-sqrt(6 / fan_in)), for the ReLU family"
    public static let fields: [Field<HeUniform>] = []

    public init() {}

    public func values(_ shape: Shape, _ fans: Fans, key: Tensor) -> Tensor {
        let bound = (6 / Double(fans.input)).squareRoot()
        return Uniform(low: -bound, high: bound).values(shape, fans, key: key)
    }
}

/// The normal sibling of `HeUniform`.
///
/// N(0, std^2) with std = sqrt(2 / fan_in).
///
/// Source: He, Zhang, Ren and Sun 2015, "Delving deep into rectifiers".
public struct HeNormal: Initializer {
    public static let name = "heNormal"
    public static let summary = "N(0, 2 / fan_in), for the ReLU family"
    public static let fields: [Field<HeNormal>] = []

    public init() {}

    public func values(_ shape: Shape, _ fans: Fans, key: Tensor) -> Tensor {
        let std = (2 / Double(fans.input)).squareRoot()
        return Normal(std: std).values(shape, fans, key: key)
    }
}
