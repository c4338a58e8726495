import EspalierGraph
import EspalierSpec

/// How parameters follow their gradients: a page of mathematics on whole tensors.
///
/// `update` is traced once, over the flat buffer of all parameters; what it computes element by element becomes one
/// pass over memory. An optimiser that has to see a parameter by itself (its norm, its rows and columns) says so by
/// `isPerParameter`, and is then traced once for each, on a tensor of the parameter's shape.
public protocol Optimizer: Specification {
    /// The learning rate before any schedule.
    var learningRate: Double { get set }

    /// The names of the values kept per parameter from step to step; all start at zero.
    var slots: [String] { get }

    /// The shapes of the kept values, in the order of `slots`, for a w of this shape; all as w, if not given.
    func slotShapes(for shape: Shape) -> [Shape]

    /// One step.
    ///
    /// - Parameters:
    ///   - w: The values.
    ///   - g: The gradient of the loss by w.
    ///   - slots: The kept values, in the order of `slots`.
    ///   - lr: The present learning rate, a scalar.
    ///   - t: The number of this step, from 1, a scalar.
    /// - Returns: The new w, and the new kept values.
    func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor])

    /// Whether `decayed` is for this parameter; for none if not given.
    func decays(_ parameter: Parameter.Slot) -> Bool

    /// The values w after weight decay, before a step at learning rate `lr`.
    func decayed(_ w: Tensor, learningRate lr: Tensor) -> Tensor

    /// Up to which curvature of a quadratic loss steps at this rate do not swing ever wider; nothing, if not given, where that
    /// depends on more than the rate.
    ///
    /// Source: Cohen et al. 2021, "Gradient descent on neural networks typically occurs at the edge of stability".
    func stableCurvature(learningRate: Double) -> Double?

    /// Whether w is one parameter in its own shape; many in one flat tensor, if not given.
    var isPerParameter: Bool { get }

    /// What one parameter follows, where `isPerParameter`: all the same, if not given.
    ///
    /// - Parameters:
    ///   - parameter: The parameter.
    ///   - decays: Whether weight decay may fall on it.
    func rule(for parameter: Parameter.Slot, decays: Bool) -> Self
}

extension Optimizer {
    public func slotShapes(for shape: Shape) -> [Shape] { slots.map { _ in shape } }
    public func decays(_ parameter: Parameter.Slot) -> Bool { false }
    public func decayed(_ w: Tensor, learningRate lr: Tensor) -> Tensor { w }
    public func stableCurvature(learningRate: Double) -> Double? { nil }
    public var isPerParameter: Bool { false }
    public func rule(for parameter: Parameter.Slot, decays: Bool) -> Self { self }
}

extension Registry where Part == any Optimizer {
    /// The optimisers that Espalier brings.
    public static var standard: Self {
        var registry = Self(kind: "optimizer")
        registry.register(SGD.self) { $0 }
        registry.register(Momentum.self) { $0 }
        registry.register(Nesterov.self) { $0 }
        registry.register(AdaGrad.self) { $0 }
        registry.register(RMSProp.self) { $0 }
        registry.register(Adam.self) { $0 }
        registry.register(AdamW.self) { $0 }
        registry.register(NAdam.self) { $0 }
        registry.register(RAdam.self) { $0 }
        registry.register(AdaDelta.self) { $0 }
        registry.register(AdaMax.self) { $0 }
        registry.register(Lion.self) { $0 }
        registry.register(LAMB.self) { $0 }
        registry.register(Muon.self) { $0 }
        registry.register(Adafactor.self) { $0 }
        registry.register(LBFGS.self) { $0 }
        return registry
    }
}
