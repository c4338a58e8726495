import EspalierGraph
import EspalierSpec

/// Limited-memory BFGS: steps by a model of the curvature, made of the last changes of parameters and gradient.
///
/// With s_i and y_i the last changes, newest last, the direction d = -H g comes from two loops:
///
///     q = -g;                     for i newest to oldest: a_i = s_i q / (y_i s_i),  q <- q - a_i y_i
///     d = (y s / y y) q (newest); for i oldest to newest: d <- d + (a_i - y_i d / (y_i s_i)) s_i
///     w <- w + t d
///
/// t is the learning rate (in the very first step at most 1 / |g|_1 of it), or with `lineSearch: strongWolfe` what satisfies the
/// two conditions f(w + t d) <= f(w) + 1e-4 t g d and |g(w + t d) d| <= 0.9 |g d|. A pair enters if y s > 1e-10.
///
/// One step of a training makes up to `maxIterations` such iterations, each of which computes loss and gradient of the same
/// batch anew, as PyTorch's closure does; under the same random numbers, so that dropout is part of a fixed function.
/// Running statistics and scores are those of the first evaluation. The loops run in double precision outside of the
/// graph, in which `update` keeps the gradient and leaves w as it is.
///
/// Slots: `gradient`; the pairs, 2 `historySize` times the parameters in double precision, are kept by `Search`. Defaults:
/// PyTorch's. Use it for small data in one batch, where it reaches digits that no other method does; not with small batches,
/// whose gradients differ by more than the curvature tells.
///
/// Sources: Liu and Nocedal 1989, "On the limited memory BFGS method for large scale optimization"; Nocedal and Wright 2006,
/// "Numerical optimization", algorithms 7.4 and 3.5.
public struct LBFGS: Optimizer {
    public var learningRate = 1.0
    public var maxIterations = 20
    public var maxEvaluations: Int?
    public var toleranceGradient = 1e-7
    public var toleranceChange = 1e-9
    public var historySize = 100
    public var lineSearch = LineSearch.none

    /// How the length of a step is found.
    public enum LineSearch: String, CaseIterable, ConfigurationRepresentable, Hashable {
        /// The learning rate.
        case none
        /// The first length found with enough descent and a flat enough slope.
        case strongWolfe
    }

    public static let name = "lbfgs"
    public static let summary = "Limited-memory BFGS, with several evaluations of a batch in each step"
    public static let fields: [Field<Self>] = [
        .learningRate("length of a step, or the first that a line search tries"),
        Field("maxIterations", \Self.maxIterations, "moves within a step", in: 1...),
        Field(
            "maxEvaluations", \Self.maxEvaluations, "evaluations within a step; 5/4 of the moves where not given",
            in: 1...),
        Field(
            "toleranceGradient", \Self.toleranceGradient, "a step ends where no gradient is larger", in: 0...),
        Field(
            "toleranceChange", \Self.toleranceChange, "a step ends where loss or parameters change by no more", in: 0...
        ),
        Field("historySize", \Self.historySize, "pairs of changes kept", in: 1...),
        Field("lineSearch", \Self.lineSearch, "how the length of a move is found"),
    ]

    public init() {}

    public init(
        learningRate: Double = 1, maxIterations: Int = 20, maxEvaluations: Int? = nil, toleranceGradient: Double = 1e-7,
        toleranceChange: Double = 1e-9, historySize: Int = 100, lineSearch: LineSearch = .none
    ) {
        self.learningRate = learningRate
        self.maxIterations = maxIterations
        self.maxEvaluations = maxEvaluations
        self.toleranceGradient = toleranceGradient
        self.toleranceChange = toleranceChange
        self.historySize = historySize
        self.lineSearch = lineSearch
    }

    public var slots: [String] { ["gradient"] }

    public func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        (w, [g])
    }
}
