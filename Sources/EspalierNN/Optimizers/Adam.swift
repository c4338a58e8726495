import EspalierGraph
import EspalierSpec

/// Adaptive moment estimation: a step per parameter, scaled by the running size of its gradient.
///
///     m <- beta1 m + (1 - beta1) g
///     v <- beta2 v + (1 - beta2) g^2
///     w <- w - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
///
/// The bias corrections 1 - beta^t make up for m and v starting at zero; `biasCorrection: false` leaves them out. m holds
/// gradients, without the learning rate. eps stands outside of the root, as in the paper's algorithm and in PyTorch;
/// `epsPlace` has the other forms. `amsgrad` divides by the largest v so far instead of the present one.
///
/// Slots: `firstMoment`, `secondMoment`; `largestSecondMoment` with amsgrad. Use it where nothing else is known of a
/// problem; with coupled L2 the decay is divided by the root too, so use `AdamW` for weight decay.
///
/// Sources: Kingma and Ba 2015, "Adam: a method for stochastic optimization"; the defaults are the paper's. Reddi, Kale and
/// Kumar 2018, "On the convergence of Adam and beyond" (amsgrad).
public struct Adam: Optimizer {
    public var learningRate = 0.001
    public var betas = [0.9, 0.999]
    public var eps = 1e-8
    public var epsPlace = EpsilonPlace.outside
    public var biasCorrection = true
    public var amsgrad = false

    /// Where eps stands in what the first moment is divided by.
    public enum EpsilonPlace: String, CaseIterable, ConfigurationRepresentable, Hashable {
        /// sqrt(v / (1 - beta2^t)) + eps.
        case outside
        /// sqrt(v / (1 - beta2^t) + eps), as in many books.
        case inside
        /// (sqrt(v) + eps) / sqrt(1 - beta2^t): the short form at the end of the paper's section 2, and TensorFlow's.
        case uncorrected
    }

    public static let name = "adam"
    public static let summary = "Adaptive moment estimation, with bias correction"
    public static let fields: [Field<Self>] = [
        .learningRate(), .betas(\Self.betas), .eps(\Self.eps, "added to the root of the second moment"),
        .adamEpsPlace(\Self.epsPlace), .biasCorrection(\Self.biasCorrection), .amsgrad(\Self.amsgrad),
    ]

    public init() {}

    public init(
        learningRate: Double = 0.001, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8,
        epsPlace: EpsilonPlace = .outside, biasCorrection: Bool = true, amsgrad: Bool = false
    ) {
        self.learningRate = learningRate
        self.betas = [betas.0, betas.1]
        self.eps = eps
        self.epsPlace = epsPlace
        self.biasCorrection = biasCorrection
        self.amsgrad = amsgrad
    }

    public var slots: [String] { ["firstMoment", "secondMoment"] + (amsgrad ? ["largestSecondMoment"] : []) }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        let beta1 = betas[0], beta2 = betas[1]
        let m = beta1 * slots[0] + (1 - beta1) * g
        let v = beta2 * slots[1] + (1 - beta2) * g.squared()
        let kept = amsgrad ? [m, v, .maximum(slots[2], v)] : [m, v]
        let stepSize = biasCorrection ? lr / Tensor.biasCorrection(beta1, t) : lr
        let root = biasCorrection ? Tensor.biasCorrection(beta2, t).rsqrt() : 1
        return (w - stepSize * (m / denominator(kept[kept.count - 1], root)), kept)
    }

    /// - Parameter root: 1 / sqrt(1 - beta2^t).
    private func denominator(_ v: Tensor, _ root: Tensor) -> Tensor {
        switch epsPlace {
        case .outside: v.sqrt() * root + eps
        case .inside: (v * root.squared() + eps).sqrt()
        case .uncorrected: (v.sqrt() + eps) * root
        }
    }
}

extension Field where Owner: Optimizer {
    static func adamEpsPlace(_ path: WritableKeyPath<Owner, Adam.EpsilonPlace> & Sendable) -> Self {
        Field("epsPlace", path, "eps outside or inside of the root, or outside of the root before its correction")
    }

    static func biasCorrection(_ path: WritableKeyPath<Owner, Bool> & Sendable) -> Self {
        Field("biasCorrection", path, "whether the moments are corrected for having started at zero")
    }

    static func amsgrad(_ path: WritableKeyPath<Owner, Bool> & Sendable) -> Self {
        Field("amsgrad", path, "whether the largest second moment so far is taken")
    }
}
