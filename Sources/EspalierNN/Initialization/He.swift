import EspalierGraph
import EspalierSpec

/// Keeps the variance of values through ReLU, which drops half of it.
///
/// U(-a, a) with a = sqrt(6 / ((1 + slope^2) fan)); the variance is 2 / ((1 + slope^2) fan). A leaky ReLU of that slope
/// below zero drops less. With fan_in the variance of values is kept forward, with fan_out that of gradients backward.
///
/// Source: He, Zhang, Ren and Sun 2015, "Delving deep into rectifiers".
///
/// Use it for the ReLU family; not for sigmoid or tanh, which it drives into saturation. It does not keep ReLUs from
/// dying later.
public struct HeUniform: Initializer {
    public var mode = FanMode.fanIn
    public var slope = 0.0

    public static let name = "heUniform"
    public static let summary = "U(+-sqrt(6 / ((1 + slope^2) fan))), for the ReLU family"
    public static let fields = [
        Field("mode", \Self.mode, "which fan: what goes in, or what goes out"),
        Field("slope", \Self.slope, "of the leaky ReLU that follows, below zero"),
    ]

    public init() {}
    public init(mode: FanMode = .fanIn, slope: Double = 0) {
        self.mode = mode
        self.slope = slope
    }

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor {
        let bound = (6 / ((1 + slope * slope) * fans[mode])).squareRoot()
        return Uniform(low: -bound, high: bound).values(shape, fans, key: key)
    }
}

/// The normal sibling of `HeUniform`.
///
/// N(0, std^2) with std = sqrt(2 / ((1 + slope^2) fan)).
///
/// Source: He, Zhang, Ren and Sun 2015, "Delving deep into rectifiers".
///
/// Use it as `heUniform`, of which it has the variance; no choice between the two has been shown to matter. Not for
/// sigmoid or tanh.
public struct HeNormal: Initializer {
    public var mode = FanMode.fanIn
    public var slope = 0.0

    public static let name = "heNormal"
    public static let summary = "N(0, 2 / ((1 + slope^2) fan)), for the ReLU family"
    public static let fields = [
        Field("mode", \Self.mode, "which fan: what goes in, or what goes out"),
        Field("slope", \Self.slope, "of the leaky ReLU that follows, below zero"),
    ]

    public init() {}
    public init(mode: FanMode = .fanIn, slope: Double = 0) {
        self.mode = mode
        self.slope = slope
    }

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor {
        let std = (2 / ((1 + slope * slope) * fans[mode])).squareRoot()
        return Normal(std: std).values(shape, fans, key: key)
    }
}
