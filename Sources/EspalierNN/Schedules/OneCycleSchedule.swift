import EspalierSpec

/// One rise to lr_0 and one long fall far below where it began: from lr_0 / startDivisor in the first `rise` share of the
/// steps to lr_0, then to lr_0 / (startDivisor endDivisor), each along half a cosine or a line.
///
/// PyTorch's `OneCycleLR` with max_lr = lr_0, pct_start = rise, div_factor = startDivisor, final_div_factor =
/// endDivisor, and its defaults; the momentum does not go up and down here. With `threePhase` the fall goes back to the
/// start first, in as many steps as the rise, then to the end.
///
/// Source: Smith and Topin 2018, "Super-convergence: very fast training of neural networks using large learning rates".
/// Use it for short trainings at a high rate, which a range test finds; not where the end is unknown.
public struct OneCycleSchedule: Schedule {
    public var rise = 0.3
    public var startDivisor = 25.0
    public var endDivisor = 1e4
    public var shape = Shape.cosine
    public var threePhase = false
    public var steps: Int?

    /// The way from one rate to the next.
    public enum Shape: String, CaseIterable, ConfigurationRepresentable, Hashable {
        case cosine, linear
    }

    public static let name = "oneCycle"
    public static let summary = "One rise to lr_0 and one long fall far below where it began"
    public static let fields = [
        Field("rise", \Self.rise, "share of the steps in which the rate rises", in: 0...1),
        Field("startDivisor", \Self.startDivisor, "lr_0 over the first rate", in: 1...),
        Field("endDivisor", \Self.endDivisor, "the first rate over the last", in: 1...),
        Field("shape", \Self.shape, "the way from one rate to the next"),
        Field("threePhase", \Self.threePhase, "whether it falls back to the start first, then to the end"),
        Field("steps", \Self.steps, "steps until the end; null is the training's end", in: 2...),
    ]

    public init() {}

    public init(
        rise: Double = 0.3, startDivisor: Double = 25, endDivisor: Double = 1e4, shape: Shape = .cosine,
        threePhase: Bool = false, steps: Int? = nil
    ) {
        self.rise = rise
        self.startDivisor = startDivisor
        self.endDivisor = endDivisor
        self.shape = shape
        self.threePhase = threePhase
        self.steps = steps
    }

    public func validate() throws {
        guard threePhase, rise > 0.5 else { return }
        throw EspalierError(
            "oneCycle: a rise of \(rise) of the steps leaves no room for a fall as long", expected: "rise up to 0.5",
            fix: "oneCycle: {threePhase: true, rise: 0.3}")
    }

    public func factor(at step: Int, of total: Int) -> Double {
        let last = Double(max((steps ?? total) - 1, 1)), t = min(Double(step), last)
        let start = 1 / startDivisor, end = start / endDivisor
        // The last step of the rise, as PyTorch counts it.
        let top = min(max(rise * (last + 1) - 1, 0), last)
        var phases = [(from: 0.0, to: top, start, 1.0)]
        if threePhase { phases.append((top, min(2 * top, last), 1, start)) }
        phases.append((phases[phases.count - 1].to, last, phases[phases.count - 1].3, end))
        let phase = phases.first { t <= $0.to } ?? phases[phases.count - 1]
        let share = phase.to > phase.from ? (t - phase.from) / (phase.to - phase.from) : 1
        let remaining = shape == .cosine ? halfCosine(share) : 1 - share
        return phase.3 + (phase.2 - phase.3) * remaining
    }
}
