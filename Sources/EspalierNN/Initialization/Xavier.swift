import EspalierGraph
import EspalierSpec

/// Keeps the variance of values forward and of gradients backward, for activations linear around zero: sigmoid, tanh.
///
/// U(-a, a) with a = gain sqrt(6 / (fan_in + fan_out)); the variance is gain^2 2 / (fan_in + fan_out).
///
/// Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks".
///
/// Use it for sigmoid, tanh and linear layers; not for deep ReLU networks, whose values it halves in every layer.
public struct XavierUniform: Initializer {
    public var gain = 1.0

    public static let name = "xavierUniform"
    public static let summary = "U(+-gain sqrt(6 / (fan_in + fan_out))), for sigmoid and tanh"
    public static let fields = [Field("gain", \Self.gain, "factor on every value", in: .positive)]

    public init() {}
    public init(gain: Double) { self.gain = gain }

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor {
        let bound = gain * (6 / Double(fans.input + fans.output)).squareRoot()
        return Uniform(low: -bound, high: bound).values(shape, fans, key: key)
    }
}

/// The normal sibling of `XavierUniform`.
///
/// N(0, std^2) with std = gain sqrt(2 / (fan_in + fan_out)).
///
/// Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks".
///
/// Use it as `xavierUniform`, of which it has the variance; not for deep ReLU networks.
public struct XavierNormal: Initializer {
    public var gain = 1.0

    public static let name = "xavierNormal"
    public static let summary = "N(0, gain^2 2 / (fan_in + fan_out)), for sigmoid and tanh"
    public static let fields = [Field("gain", \Self.gain, "factor on every value", in: .positive)]

    public init() {}
    public init(gain: Double) { self.gain = gain }

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor {
        let std = gain * (2 / Double(fans.input + fans.output)).squareRoot()
        return Normal(std: std).values(shape, fans, key: key)
    }
}
