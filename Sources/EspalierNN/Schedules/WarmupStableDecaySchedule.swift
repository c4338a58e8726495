import EspalierSpec

/// A rise on a line, a long plateau at lr_0, and a decay at the end.
///
/// `warmup` and `decay` are shares of the steps. In the decay, x from 0 to 1, the factor falls from 1 to decayTo along a
/// line, half a cosine, or 1 - sqrt(x).
///
/// Source: Hu et al. 2024, "MiniCPM"; a decay of a fifth along 1 - sqrt(x) is from Hägele et al. 2024, "Scaling laws and
/// compute-optimal training beyond fixed training durations"; the share of the warm-up is this project's. Use it where
/// one long training is to be ended at several lengths: only the decay has to be repeated.
public struct WarmupStableDecaySchedule: Schedule {
    public var warmup = 0.05
    public var decay = 0.2
    public var decayTo = 0.0
    public var shape = Shape.squareRoot
    public var steps: Int?

    /// The way down.
    public enum Shape: String, CaseIterable, ConfigurationRepresentable, Hashable {
        case squareRoot, linear, cosine
    }

    public static let name = "warmupStableDecay"
    public static let summary = "A rise, a long plateau at lr_0, and a decay at the end"
    public static let fields = [
        Field("warmup", \Self.warmup, "share of the steps in which the rate rises", in: 0...1),
        Field("decay", \Self.decay, "share of the steps in which it falls", in: 0...1),
        Field("decayTo", \Self.decayTo, "the last factor", in: 0...1),
        Field("shape", \Self.shape, "the way down: 1 - sqrt(x), a line, or half a cosine"),
        Field("steps", \Self.steps, "steps until the end; null is the training's end", in: 1...),
    ]

    public init() {}

    public init(
        warmup: Double = 0.05, decay: Double = 0.2, decayTo: Double = 0, shape: Shape = .squareRoot, steps: Int? = nil
    ) {
        self.warmup = warmup
        self.decay = decay
        self.decayTo = decayTo
        self.shape = shape
        self.steps = steps
    }

    public func validate() throws {
        guard warmup + decay > 1 else { return }
        throw EspalierError(
            "warmupStableDecay: warmup \(warmup) and decay \(decay) are more than the whole training",
            expected: "shares whose sum is at most 1", fix: "warmupStableDecay: {warmup: 0.05, decay: 0.2}")
    }

    public func factor(at step: Int, of total: Int) -> Double {
        let done = progress(step, of: steps ?? total)
        // Half a step ahead of the line through zero: a first step at rate zero would change nothing.
        if done < warmup { return min(1, (Double(step) + 0.5) / (warmup * Double(max(steps ?? total, 1)))) }
        guard decay > 0, done > 1 - decay else { return 1 }
        let x = 1 - (1 - done) / decay
        let remaining =
            switch shape {
            case .squareRoot: 1 - x.squareRoot()
            case .linear: 1 - x
            case .cosine: halfCosine(x)
            }
        return decayTo + (1 - decayTo) * remaining
    }
}
