import EspalierGraph
import EspalierSpec

/// Uniform between two bounds.
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

    public func values(_ shape: Shape, _ fans: Fans, key: Tensor) -> Tensor {
        low + (high - low) * Tensor.randomUniform(shape, key: key)
    }
}

/// Normal with mean zero.
public struct Normal: Initializer {
    /// The standard deviation.
    public var std = 0.01

    public static let name = "normal"
    public static let summary = "Normal with mean 0 and the given standard deviation"
    public static let fields = [Field("std", \Self.std, "standard deviation", in: .positive)]

    public init() {}
    public init(std: Double) { self.std = std }

    public func values(_ shape: Shape, _ fans: Fans, key: Tensor) -> Tensor {
        std * Tensor.randomNormal(shape, key: key)
    }
}
