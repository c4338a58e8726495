import EspalierGraph
import EspalierSpec

/// Adaptive steps with a second moment of rows and columns alone: a matrix [n, m] keeps n + m values instead of n m.
///
///     beta_t = 1 - t^tau,  rho_t = min(lr, 1 / sqrt(t)),  alpha_t = max(eps2, RMS(W)) rho_t
///     R <- beta_t R + (1 - beta_t) mean over columns of G^2        [n, 1]
///     C <- beta_t C + (1 - beta_t) mean over rows of G^2           [1, m]
///     V = R C / max(mean of R, eps1)
///     U = G / max(sqrt(V), eps1)
///     W <- W - lr lambda W - alpha_t U / max(1, RMS(U) / d)
///
/// RMS(X) is sqrt(mean X^2). Of more than two axes the last two are rows and columns, as in PyTorch; a vector keeps its own
/// V <- beta_t V + (1 - beta_t) g^2. eps1 bounds the divisors, as in PyTorch; with `epsPlace: squares` it is added to G^2, as in
/// the paper (eps1 = 1e-30), and nothing else is bounded.
///
/// Slots: `rows` and `columns`, or `secondMoment` of a vector. Defaults: PyTorch's, with lambda 0 as in the paper. Use it
/// where the optimiser's memory is what limits a network; else `AdamW` follows its gradients more closely.
///
/// Source: Shazeer and Stern 2018, "Adafactor: adaptive learning rates with sublinear memory cost".
public struct Adafactor: Optimizer {
    public var learningRate = 0.01
    /// tau.
    public var beta2Decay = -0.8
    /// eps1 and eps2; the first is the spacing of float32 at 1.
    public var eps = [Double(Float.ulpOfOne), 1e-3]
    public var epsPlace = EpsilonPlace.divisors
    /// d.
    public var clipping = 1.0
    /// lambda.
    public var weightDecay = 0.0
    /// Which parameters decay.
    public var on = WeightPenalty.Target.weights
    /// Whether this is the rule of a parameter with rows and columns.
    private var isFactored = true

    /// Where eps1 stands.
    public enum EpsilonPlace: String, CaseIterable, ConfigurationRepresentable, Hashable {
        case divisors
        case squares
    }

    public static let name = "adafactor"
    public static let summary = "Adaptive steps that keep one value for each row and column"
    public static let fields: [Field<Self>] = [
        .learningRate("the largest step, as a share of the parameter's size"),
        Field("beta2Decay", \Self.beta2Decay, "the exponent with which the running means become longer", in: -1...0),
        Field(
            "eps", \Self.eps, "the least divisor, and the least size of a parameter that steps are measured by",
            accepting: "two numbers above 0", where: { $0.count == 2 && $0.allSatisfy { $0 > 0 } }),
        Field("epsPlace", \Self.epsPlace, "whether the first eps bounds divisors or is added to squared gradients"),
        Field("clipping", \Self.clipping, "the largest root mean square of a step before it is scaled", in: 1...),
        .weightDecay(\Self.weightDecay), .decaying(\Self.on),
    ]

    public init() {}

    public init(
        learningRate: Double = 0.01, beta2Decay: Double = -0.8, eps: (Double, Double) = (Double(Float.ulpOfOne), 1e-3),
        epsPlace: EpsilonPlace = .divisors, clipping: Double = 1, weightDecay: Double = 0,
        on: WeightPenalty.Target = .weights
    ) {
        self.learningRate = learningRate
        self.beta2Decay = beta2Decay
        self.eps = [eps.0, eps.1]
        self.epsPlace = epsPlace
        self.clipping = clipping
        self.weightDecay = weightDecay
        self.on = on
    }

    public var slots: [String] { isFactored ? ["rows", "columns"] : ["secondMoment"] }

    public func slotShapes(for shape: Shape) -> [Shape] {
        guard isFactored else { return [shape] }
        return [shape.keeping([shape.rank - 1]), shape.keeping([shape.rank - 2])]
    }

    public var isPerParameter: Bool { true }

    public func rule(for parameter: Parameter.Slot, decays: Bool) -> Self {
        var rule = self
        rule.isFactored = parameter.shape.rank >= 2
        if !decays || !on.includes(parameter) { rule.weightDecay = 0 }
        return rule
    }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        let share = (t.log() * beta2Decay).exp()
        let (root, kept) = rootOfSecondMoment(
            epsPlace == .squares ? g.squared() + eps[0] : g.squared(), share, slots)
        let u = g / (epsPlace == .divisors ? .maximum(root, Tensor(eps[0])) : root)
        let rho = Tensor.minimum(lr, t.rsqrt())
        let alpha = Tensor.maximum(w.rootMeanSquare(), Tensor(eps[1])) * rho
        let excess = Tensor.maximum(u.rootMeanSquare() / clipping, 1)
        return (w - (lr * weightDecay) * w - (alpha / excess) * u, kept)
    }

    /// The root of the second moment of what the squares `s` belong to, and the new slots.
    private func rootOfSecondMoment(_ s: Tensor, _ share: Tensor, _ slots: [Tensor]) -> (Tensor, [Tensor]) {
        func mean(_ kept: Tensor, _ value: Tensor) -> Tensor { kept + share * (value - kept) }
        guard isFactored else {
            let v = mean(slots[0], s)
            return (v.sqrt(), [v])
        }
        let r = mean(slots[0], s.mean(axes: [-1], keepDimensions: true))
        let c = mean(slots[1], s.mean(axes: [-2], keepDimensions: true))
        let size = r.mean(axes: [-2], keepDimensions: true)
        // Roots before the product: that of two small moments is zero in single precision.
        return ((r / (epsPlace == .divisors ? .maximum(size, Tensor(eps[0])) : size)).sqrt() * c.sqrt(), [r, c])
    }
}
