import EspalierGraph
import EspalierSpec

/// Momentum whose steps are made orthogonal: every direction of a weight matrix moves alike.
///
///     B <- mu B + (1 - mu) G
///     U = (1 - mu) G + mu B                          (without Nesterov: B)
///     X = U / max(|U|, eps), then k times            (X of no more rows than columns; else transposed)
///         A = X X^T,  X <- a X + (b A + c A A) X
///     W <- W - lr lambda W
///     W <- W - lr s X
///
/// The iteration takes the singular values of U to around 1 (0.7 to 1.2) and leaves its directions. s makes up for the
/// matrix's shape [rows, columns]: `original` sqrt(max(1, rows / columns)), `matchRMSAdamW` 0.2 sqrt(max(rows, columns)), with
/// which AdamW's rate and decay can be kept, `spectralUnclamped` sqrt(rows / columns).
///
/// A weight of more axes, as a convolution's [out, in, ...], is taken as the matrix [out, in ...], as Jordan does; PyTorch
/// refuses it. Other parameters, biases and scales of normalisations, follow AdamW, as is usual: Adam's step with the settings
/// of `others`, and the decay above, at the matrices' rate, where `on` is `all`. A schedule scales both rates. An embedding is a matrix like others here, although Jordan leaves it to AdamW.
/// The iteration is in the precision of the training; PyTorch's is in bfloat16.
///
/// Slots: `momentum` of a matrix, Adam's two of another parameter. Defaults: PyTorch's. Use it for the hidden layers of large
/// networks; each step costs some 6 k rows^2 columns operations, too much for small batches of small ones.
///
/// Sources: Jordan, Jin, Boza, You, Cesista, Newhouse and Bernstein 2024, "Muon: an optimizer for hidden layers in neural
/// networks"; Liu et al. 2025, "Muon is scalable for LLM training" (matchRMSAdamW).
public struct Muon: Optimizer {
    public var learningRate = 0.001
    /// mu.
    public var momentum = 0.95
    public var nesterov = true
    /// a, b and c.
    public var coefficients = [3.4445, -4.7750, 2.0315]
    /// k.
    public var iterations = 5
    public var eps = 1e-7
    public var adjustment = Adjustment.original
    /// lambda.
    public var weightDecay = 0.1
    /// Which parameters decay.
    public var on = WeightPenalty.Target.weights
    /// For the parameters that are no matrices.
    public var others = Adam()
    /// Whether this is the rule of a matrix.
    private var isMatrix = true

    /// How a step makes up for the shape of its matrix.
    public enum Adjustment: String, CaseIterable, ConfigurationRepresentable, Hashable {
        case original
        case matchRMSAdamW
        case spectralUnclamped

        func factor(rows: Int, columns: Int) -> Double {
            let rows = Double(rows), columns = Double(columns)
            return switch self {
            case .original: max(1, rows / columns).squareRoot()
            case .matchRMSAdamW: 0.2 * max(rows, columns).squareRoot()
            case .spectralUnclamped: (rows / columns).squareRoot()
            }
        }
    }

    public static let name = "muon"
    public static let summary = "Momentum with orthogonal steps for matrices, AdamW for all else"
    public static let fields: [Field<Self>] = [
        .learningRate("step size of matrices"), .momentum(\Self.momentum, "share of the running mean that stays"),
        Field("nesterov", \Self.nesterov, "whether the step mixes the gradient into the mean once more"),
        Field(
            "coefficients", \Self.coefficients, "a, b and c of the iteration", accepting: "three numbers",
            where: { $0.count == 3 }),
        Field("iterations", \Self.iterations, "how often the step is made more orthogonal", in: 1...99),
        .eps(\Self.eps, "the least norm that a step is divided by"),
        Field("adjustment", \Self.adjustment, "how a step makes up for the shape of its matrix"),
        .weightDecay(\Self.weightDecay), .decaying(\Self.on),
        Field(
            "others", \Self.others, "what parameters that are no matrices follow", accepting: "the settings of adam"),
    ]

    public init() {}

    public init(
        learningRate: Double = 0.001, momentum: Double = 0.95, nesterov: Bool = true, iterations: Int = 5,
        adjustment: Adjustment = .original, weightDecay: Double = 0.1, on: WeightPenalty.Target = .weights,
        others: Adam = Adam()
    ) {
        self.learningRate = learningRate
        self.momentum = momentum
        self.nesterov = nesterov
        self.iterations = iterations
        self.adjustment = adjustment
        self.weightDecay = weightDecay
        self.on = on
        self.others = others
    }

    public var slots: [String] { isMatrix ? ["momentum"] : others.slots }

    public var isPerParameter: Bool { true }

    public func rule(for parameter: Parameter.Slot, decays: Bool) -> Self {
        var rule = self
        rule.isMatrix = parameter.role == .weight && parameter.shape.rank >= 2
        return rule
    }

    public func decays(_ parameter: Parameter.Slot) -> Bool { weightDecay > 0 && on.includes(parameter) }

    public func decayed(_ w: Tensor, learningRate lr: Tensor) -> Tensor { w - (lr * weightDecay) * w }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        guard isMatrix else {
            let rate = lr * (others.learningRate / learningRate)
            return others.update(w, gradient: g, slots: slots, learningRate: rate, step: t)
        }
        let mean = momentum * slots[0] + (1 - momentum) * g
        let direction = nesterov ? (1 - momentum) * g + momentum * mean : mean
        let rows = w.shape[0], columns = w.count / rows
        let step = orthogonalized(direction.reshaped(to: [rows, columns])).reshaped(to: w.shape)
        return (w - (lr * adjustment.factor(rows: rows, columns: columns)) * step, [mean])
    }

    /// A matrix with the directions of `matrix` and singular values around 1, by Newton and Schulz's iteration.
    func orthogonalized(_ matrix: Tensor) -> Tensor {
        let isTall = matrix.shape[0] > matrix.shape[1]
        var x = isTall ? matrix.transposed() : matrix
        x = x / .maximum(x.norm(), Tensor(eps))
        for _ in 0..<iterations {
            let a = x.matmul(x, transposeSecond: true)
            x = coefficients[0] * x + (coefficients[1] * a + coefficients[2] * a.matmul(a)).matmul(x)
        }
        return isTall ? x.transposed() : x
    }
}
