import EspalierGraph
import EspalierSpec
import Foundation

/// A smooth ReLU: always positive, its slope the logistic function.
///
/// y = log(1 + exp(beta x)) / beta, and x where beta x is above the threshold.
///
/// Source: Dugas, Bengio, Bélisle, Nadeau and Garcia 2001, "Incorporating second-order functional knowledge for better
/// option pricing".
///
/// Use it for outputs that have to be positive, such as a variance; not between layers, where it moves the mean further
/// from zero than ReLU does.
public final class Softplus: Activation {
    /// How sharp the bend is.
    public let beta: Double
    /// Where beta x is above this, y is x.
    public let threshold: Double

    /// - Parameters:
    ///   - beta: How sharp the bend is; 1 as PyTorch.
    ///   - threshold: Where beta x is above this, y is x; 20 as PyTorch.
    public init(beta: Double = 1, threshold: Double = 20) {
        self.beta = beta
        self.threshold = threshold
    }

    public func forward(_ x: Tensor) -> Tensor { x.softplus(beta: beta, threshold: threshold) }

    /// Like ReLU it lets about half of the variance through.
    public var matchingInitializer: any Initializer { HeNormal() }

    /// The slope is sigmoid(beta x).
    public var saturation: Saturation { Saturation(below: log(Saturation.share / (1 - Saturation.share)) / beta) }

    public var description: String {
        "Softplus(\(beta == 1 ? "" : "beta: \(beta), ")threshold: \(threshold))"
    }
}

extension Tensor {
    /// log(1 + exp(beta x)) / beta, and x where beta x is above the threshold.
    func softplus(beta: Double = 1, threshold: Double = 20) -> Tensor {
        let z = beta == 1 ? self : self * beta
        // log(1 + exp(z)) = z + log(1 + exp(-z)): no exponential of a large number on either side.
        let y = z.split(above: { $0 + (-$0.abs()).exp().log1p() }, below: { $0.exp().log1p() })
        return .select(z .> Tensor(threshold), self, beta == 1 ? y : y / beta)
    }
}

/// `softplus` in a configuration.
public struct SoftplusSpecification: LayerSpecification {
    public var beta = 1.0
    public var threshold = 20.0

    public static let kind = LayerKind.activation
    public static let name = "softplus"
    public static let summary = "log(1 + exp(beta x)) / beta"
    public static let fields = [
        Field("beta", \Self.beta, "how sharp the bend is", in: .positive),
        Field("threshold", \Self.threshold, "where beta x is above this, the result is x", in: 0...),
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) -> any Layer { Softplus(beta: beta, threshold: threshold) }
}
