import EspalierGraph
import EspalierSpec

/// Uniform between two bounds.
///
/// Use it to follow a recipe that names the bounds; not where a scaled initialiser applies, which knows the layer's
/// size.
public struct Uniform: Initializer {
    public var low = -0.05
    public var high = 0.05

    public static let name = "uniform"
    public static let summary = "Uniform between low and high"
    public static let fields = [
        Field("low", \Self.low, "lower bound"), Field("high", \Self.high, "upper bound"),
    ]

    public init() {}
    public init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    public func validate() throws {
        guard low < high else {
            throw EspalierError("uniform from \(low) to \(high) is empty", expected: "low below high")
        }
    }

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor {
        low + (high - low) * Tensor.randomUniform(shape, key: key.tensor)
    }
}

/// Normal with mean zero.
///
/// With std 1 a neuron's input has a spread of sqrt(fan_in), and sigmoids saturate at both ends; with 0.01 every layer's
/// values collapse onto one. The scaled initialisers are there so that neither has to be avoided by trial.
///
/// Use it to follow a recipe that names the deviation, such as 0.02 for embeddings; not for deep networks, whose scale
/// depends on the layer's size.
public struct Normal: Initializer {
    /// The standard deviation.
    public var std = 0.01

    public static let name = "normal"
    public static let summary = "Normal with mean 0 and the given standard deviation"
    public static let fields = [Field("std", \Self.std, "standard deviation", in: .positive)]

    public init() {}
    public init(std: Double) { self.std = std }

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor {
        std * Tensor.randomNormal(shape, key: key.tensor)
    }
}

/// Normal with mean zero, drawn again wherever it is more than two standard deviations off.
///
/// `std` is that of the normal distribution before it is cut: what is left has 0.8796 of it. As PyTorch's
/// `trunc_normal_(std: s, a: -2 s, b: 2 s)`.
///
/// Use it as `normal`, where single large weights would harm; not where the deviation has to be `std` itself.
public struct TruncatedNormal: Initializer {
    /// The standard deviation before the ends are cut off.
    public var std = 0.01

    public static let name = "truncatedNormal"
    public static let summary = "Normal with mean 0, without what is beyond two standard deviations"
    public static let fields = [
        Field("std", \Self.std, "standard deviation before the ends are cut off", in: .positive)
    ]

    public init() {}
    public init(std: Double) { self.std = std }

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor {
        var random = RandomStream(key: key)
        let values = (0..<shape.count).map { _ in
            var draw = random.normal()
            while abs(draw) > 2 { draw = random.normal() }
            return Float(std * draw)
        }
        return Tensor(values, shape)
    }
}
