import EspalierGraph
import EspalierSpec

/// What is done to a gradient before the optimiser sees it: `gradient:` in a configuration.
///
/// Clipping bounds a step that one steep batch would make too far. Of several kinds each works on what the one before
/// leaves, in this order:
///
/// - *by value*, to [-v, v]: g_i <- max(-v, min(v, g_i)). It bends the gradient's direction.
/// - *by each parameter's norm*: g <- g min(1, c / (||g|| + 1e-6)) for each tensor alone.
/// - *adaptive*: for each unit, what enters a neuron or output channel, g <- g min(1, c max(||w||, 1e-3) / ||g||); a vector is one unit.
/// - *by the global norm* of all parameters together, as PyTorch's `clip_grad_norm_`: the direction stays.
///
/// The gradient is that of loss and coupled penalties. A gradient that is not finite is not
/// hidden: by value it stays, and a norm that is not finite makes the parameters so, which ends the training.
///
/// `accumulate` batches make one step, on the mean over all of their samples: the same as one batch as large, in the
/// memory of a small one. Batch normalisation alone sees the small ones: its statistics are theirs, one after another.
///
/// Sources: Pascanu, Mikolov and Bengio 2013, "On the difficulty of training recurrent neural networks" (norm); Brock,
/// De, Smith and Simonyan 2021, "High-performance large-scale image recognition without normalization" (adaptive).
///
/// Use it where single steps are far larger than others: the global norm for recurrent networks and transformers (1 is
/// usual), adaptive clipping (0.01) for large batches without normalisation; not in place of a lower learning rate,
/// which is what is wrong where most steps are clipped.
public struct GradientSettings: Specification {
    public var clipNorm: Double?
    public var clipValue: Double?
    public var clipParameterNorm: Double?
    public var adaptiveClip: Double?
    public var accumulate = 1

    public static let name = "gradient"
    public static let summary = "What is done to a gradient before the optimiser sees it"
    public static let fields = [
        Field("clipNorm", \Self.clipNorm, "the largest norm of all gradients together", in: .positive),
        Field("clipValue", \Self.clipValue, "the largest absolute value of an element", in: .positive),
        Field(
            "clipParameterNorm", \Self.clipParameterNorm, "the largest norm of each parameter's gradient", in: .positive
        ),
        Field(
            "adaptiveClip", \Self.adaptiveClip, "the largest norm of a unit's gradient, as share of its weights' norm",
            in: .positive),
        Field("accumulate", \Self.accumulate, "batches whose gradients make one step", in: 1...),
    ]

    public init() {}

    public init(
        clipNorm: Double? = nil, clipValue: Double? = nil, clipParameterNorm: Double? = nil,
        adaptiveClip: Double? = nil, accumulate: Int = 1
    ) {
        self.clipNorm = clipNorm
        self.clipValue = clipValue
        self.clipParameterNorm = clipParameterNorm
        self.adaptiveClip = adaptiveClip
        self.accumulate = accumulate
    }

    /// Whether any gradient may be changed.
    public var clips: Bool { [clipNorm, clipValue, clipParameterNorm, adaptiveClip].contains { $0 != nil } }
}
