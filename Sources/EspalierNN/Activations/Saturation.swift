import EspalierGraph

/// Where an activation is flat: what counts as saturated for it, and what as dead.
///
/// An input is *saturated* where the slope falls towards zero and its magnitude is at most 1/20 of the steepest: what is
/// learned through it is learned twenty times more slowly. A slope that stays, however small (that of leaky ReLU), does
/// not saturate. An input is *dead* where output and slope are both exactly zero; a neuron that is dead on every sample
/// neither says nor learns anything. The share of 1/20 is this project's.
public struct Saturation: Sendable, Hashable {
    /// Inputs at or below this are saturated; nothing where the function does not flatten downwards.
    public var below: Double?
    /// Inputs at or above this are saturated; nothing where the function does not flatten upwards.
    public var above: Double?
    /// Whether inputs at or below `below` are dead.
    public var isDeadBelow: Bool

    public init(below: Double? = nil, above: Double? = nil, isDeadBelow: Bool = false) {
        self.below = below
        self.above = above
        self.isDeadBelow = isDeadBelow
    }

    /// The function is nowhere flat.
    public static let never = Saturation()
    /// Zero, with slope zero, up to `bound`.
    public static func dead(below bound: Double, saturatedAbove above: Double? = nil) -> Saturation {
        Saturation(below: bound, above: above, isDeadBelow: true)
    }

    /// The share of the steepest slope below which an input is saturated.
    static let share = 0.05
    /// Where the slope s(1 - s) of the logistic function s falls to the share of its largest value, 1/4.
    static let sigmoid = Saturation(below: -4.356_552, above: 4.356_552)
}

extension Activation {
    public func isSaturated(_ x: Tensor) -> Tensor {
        let none = Tensor.full(x.shape, 0, .bool)
        let low = saturation.below.map { x .<= Tensor($0) } ?? none
        return saturation.above.map { low .| (x .>= Tensor($0)) } ?? low
    }

    /// Which elements of the input are dead, as bool: output and slope are zero.
    public func isDead(_ x: Tensor) -> Tensor {
        guard saturation.isDeadBelow, let below = saturation.below else { return .full(x.shape, 0, .bool) }
        return x .<= Tensor(below)
    }
}
