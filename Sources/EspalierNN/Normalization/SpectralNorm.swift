import EspalierGraph
import EspalierSpec

/// A layer whose weight is divided by its largest singular value: W / sigma(W), so that it stretches nothing.
///
/// The weight is taken as a matrix of `out` rows, and sigma = u^T W v. u and v follow the largest singular value by the
/// power method: each training step sets u = W v / |W v| and v = W^T u / |W^T u| so many times before; inference leaves them.
/// No derivative passes through u and v.
///
/// Shapes: W (`parametrizations.weight.original`) as the layer's weight, u (`parametrizations.weight.0._u`) [out], v
/// (`…._v`) [in kernel...]; they start from random directions and 15 iterations. Names and defaults are PyTorch's
/// (`parametrizations.spectral_norm`).
///
/// Source: Miyato, Kataoka, Koyama and Yoshida 2018, "Spectral normalization for generative adversarial networks".
///
/// Use it for discriminators and wherever a Lipschitz bound is wanted; not for plain classifiers, whose fit it limits.
public final class SpectralNorm: Reparametrization, ModeDependent {
    public let layer: any Layer
    private let learned: Reparametrized
    @Statistic private var left: Tensor
    @Statistic private var right: Tensor
    /// How often u and v are improved in a step.
    public let powerIterations: Int
    /// What norms are at least, where they divide.
    public let eps: Double
    public var mode = Mode.inference

    /// - Parameters:
    ///   - layer: A linear layer, a convolution or an embedding.
    ///   - powerIterations: How often u and v are improved in a step; 1 as PyTorch.
    ///   - eps: What norms are at least, where they divide; 1e-12 as PyTorch.
    /// - Throws: `EspalierError` for a layer of another kind.
    public init(_ layer: any Layer, powerIterations: Int = 1, eps: Double = 1e-12) throws {
        precondition(powerIterations >= 1, "spectral normalization takes at least one power iteration")
        self.layer = layer
        self.powerIterations = powerIterations
        self.eps = eps
        learned = try Reparametrized(layer, as: "parametrizations.weight.original")
        let matrix = Self.matrix(.zeros(learned.weight.shape), isTransposed: learned.isTransposed).shape
        func start(_ count: Int) -> Double { 1 / Double(count).squareRoot() }
        _left = Statistic([matrix[0]], start: start(matrix[0]), name: "parametrizations.weight.0._u")
        _right = Statistic([matrix[1]], start: start(matrix[1]), name: "parametrizations.weight.0._v")
    }

    public func forward(_ x: Tensor) -> Tensor {
        let w = learned.weight.tensor
        let matrix = Self.matrix(w, isTransposed: learned.isTransposed)
        if mode == .training { (left, right) = improved(left, right, matrix.stopGradient(), powerIterations) }
        let sigma = (left.stopGradient() * matrix.times(right.stopGradient())).sum()
        return learned.weight.replaced(by: w / sigma) { layer(x) }
    }

    /// The power method.
    private func improved(_ u: Tensor, _ v: Tensor, _ w: Tensor, _ iterations: Int) -> (Tensor, Tensor) {
        (0..<iterations).reduce((u, v)) { vectors, _ in
            let u = unit(w.times(vectors.1))
            return (u, unit(w.transposed().times(u)))
        }
    }

    private func unit(_ x: Tensor) -> Tensor { x / .maximum(x.squared().sum().sqrt(), Tensor(eps)) }

    func firstValues(key: RandomKey) -> [(path: String, value: Tensor)] {
        let w = Self.matrix(learned.weight.tensor, isTransposed: learned.isTransposed)
        let draws = [left, right].enumerated().map {
            unit(.randomNormal($1.shape, key: key.tensor, stream: UInt32(2 * $0)))
        }
        let (u, v) = improved(draws[0], draws[1], w, 15)
        return [($left.path, u), ($right.path, v)]
    }

    /// A weight as a matrix with a row for each output.
    private static func matrix(_ w: Tensor, isTransposed: Bool) -> Tensor {
        let rows = isTransposed ? w.transposed([1, 0] + Array(2..<w.rank)) : w
        return rows.reshaped(to: [rows.shape[0], rows.count / rows.shape[0]])
    }

    public var description: String {
        "SpectralNorm(\(layer)\(powerIterations == 1 ? "" : ", powerIterations: \(powerIterations)")\(mode.suffix))"
    }
}

extension Tensor {
    /// The product of this matrix with a vector.
    fileprivate func times(_ vector: Tensor) -> Tensor { matmul(vector.expanded(at: 1)).flattened() }
}

/// `spectralNorm: {layer: {linear: {units: 5}}}` in a configuration.
public struct SpectralNormSpecification: LayerSpecification {
    public var layer = LayerChoice(LinearSpecification())
    public var powerIterations = 1
    public var eps = 1e-12

    public static let kind = LayerKind.normalization
    public static let name = "spectralNorm"
    public static let summary = "A layer whose weight is divided by its largest singular value"
    public static let fields = [
        Field("layer", \Self.layer, "a linear layer, a convolution or an embedding", required: true),
        Field("powerIterations", \Self.powerIterations, "iterations of the power method in each step", in: 1...),
        Field("eps", \Self.eps, "what norms are at least, where they divide", in: .positive),
    ]

    public init() {}

    public func makeLayer(_ context: LayerContext) throws -> any Layer {
        try SpectralNorm(
            context.makeLayer(layer, setting: "\(Self.name).layer"), powerIterations: powerIterations, eps: eps)
    }
}
