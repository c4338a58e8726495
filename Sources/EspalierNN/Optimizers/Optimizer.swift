import EspalierGraph
import EspalierSpec

/// How parameters follow their gradients: a page of mathematics on whole tensors.
///
/// `update` is traced once, over the flat buffer of all parameters; what it computes element by element becomes one
/// pass over memory.
public protocol Optimizer: Specification {
    /// The learning rate before any schedule.
    var learningRate: Double { get set }

    /// The names of the values kept per parameter from step to step; all start at zero.
    var slots: [String] { get }

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
}

extension Optimizer {
    public func decays(_ parameter: Parameter.Slot) -> Bool { false }
    public func decayed(_ w: Tensor, learningRate lr: Tensor) -> Tensor { w }
}

extension Registry where Part == any Optimizer {
    /// The optimisers that Espalier brings.
    public static var standard: Self {
        var registry = Self(kind: "optimizer")
        registry.register(SGD.self) { $0 }
        registry.register(Adam.self) { $0 }
        registry.register(AdamW.self) { $0 }
        return registry
    }
}
