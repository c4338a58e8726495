import EspalierGraph
import EspalierSpec

// The settings that many optimisers share.

extension Field where Owner: Optimizer {
    static func learningRate(_ summary: String = "step size") -> Self {
        Field("learningRate", \Owner.learningRate, summary, in: .positive)
    }

    static func eps(_ path: WritableKeyPath<Owner, Double> & Sendable, _ summary: String) -> Self {
        Field("eps", path, summary, in: .positive)
    }

    static func betas(
        _ path: WritableKeyPath<Owner, [Double]> & Sendable,
        _ summary: String = "shares of the first and second moment that stay"
    ) -> Self {
        Field(
            "betas", path, summary, accepting: "two numbers from 0 to below 1",
            where: { $0.count == 2 && $0.allSatisfy((0..<1).contains) })
    }

    static func weightDecay(_ path: WritableKeyPath<Owner, Double> & Sendable) -> Self {
        Field("weightDecay", path, "share of a weight, times the step size, that a step takes away", in: 0...)
    }

    static func decaying(_ path: WritableKeyPath<Owner, WeightPenalty.Target> & Sendable) -> Self {
        Field("on", path, "what decays: weights, or all parameters")
    }
}

/// Where eps stands when a step is divided by the root of a running square.
public enum EpsilonPlace: String, CaseIterable, ConfigurationRepresentable, Hashable {
    /// sqrt(s) + eps, as in PyTorch.
    case outside
    /// sqrt(s + eps), as in many books.
    case inside

    /// What a step is divided by.
    func root(_ s: Tensor, _ eps: Double) -> Tensor {
        self == .outside ? s.sqrt() + eps : (s + eps).sqrt()
    }
}

extension Tensor {
    /// 1 - beta^t as -expm1(t log beta): the difference of two nearly equal numbers would lose half of its digits.
    static func biasCorrection(_ beta: Double, _ t: Tensor) -> Tensor {
        beta == 0 ? 1 : -(t * logarithm(beta)).expm1()
    }

    /// The square root of the sum of all squares.
    func norm() -> Tensor { squared().sum().sqrt() }

    /// The square root of the mean of all squares.
    func rootMeanSquare() -> Tensor { squared().mean().sqrt() }
}
