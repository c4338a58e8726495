import EspalierSpec

/// The plain mean of the weights at the ends of late epochs: of epoch `start`, and every `every` epochs from there.
///
/// From `start` on the learning rate is lr_0 `rate`, which keeps the weights moving around a minimum; with `rateTo` it
/// falls within each `every` epochs on a line from lr_0 `rate` to lr_0 `rateTo`, and the mean takes in the ends. Without
/// `rate` the schedule goes on. Running statistics are measured anew over the training data before every evaluation.
///
/// PyTorch's `AveragedModel`, with `update_bn`.
///
/// Source: Izmailov, Podoprikhin, Garipov, Vetrov and Wilson 2018, "Averaging weights leads to wider optima and better
/// generalization", which begins after three quarters of the training. Use it for the last quarter of a training with a
/// high rate; not together with a schedule that ends near zero, where all that it takes in is the same.
public struct StochasticWeightAverage: Specification {
    public var start: Int?
    public var every = 1
    public var rate: Double?
    public var rateTo: Double?

    public static let name = "swa"
    public static let summary = "The plain mean of the weights at the ends of late epochs"
    public static let fields = [
        Field(
            "start", \Self.start, "the first epoch that is averaged; null is after three quarters",
            in: 1...1_000_000_000),
        Field("every", \Self.every, "epochs from one that is averaged to the next", in: 1...1_000_000_000),
        Field("rate", \Self.rate, "times lr_0 from start on; null lets the schedule go on", in: .positive),
        Field("rateTo", \Self.rateTo, "what each cycle of every epochs falls to; null stays at rate", in: .positive),
    ]

    public init() {}

    public init(start: Int? = nil, every: Int = 1, rate: Double? = nil, rateTo: Double? = nil) {
        self.start = start
        self.every = every
        self.rate = rate
        self.rateTo = rateTo
    }

    public func validate() throws {
        guard rateTo != nil, rate == nil else { return }
        throw EspalierError(
            "swa: rateTo is where cycles end, and there is no rate at which they begin", expected: "rate beside rateTo",
            fix: "swa: {rate: 0.5, rateTo: 0.05, every: 2}")
    }

    /// The first epoch that is averaged, of a training of `epochs`.
    func firstEpoch(of epochs: Int) -> Int { start ?? epochs * 3 / 4 + 1 }

    /// Whether the end of `epoch` is taken in.
    func takes(_ epoch: Int, of epochs: Int) -> Bool {
        let first = firstEpoch(of: epochs)
        return epoch >= first && (epoch - first) % every == 0
    }

    /// The factor on lr_0 at `step`, from 0; nothing where the schedule decides.
    func factor(at step: Int, stepsPerEpoch: Int, epochs: Int) -> Double? {
        // The first cycle ends with the first epoch that is taken in.
        let begin = (firstEpoch(of: epochs) - 1) * stepsPerEpoch
        guard let rate, step >= begin else { return nil }
        guard let rateTo else { return rate }
        let ahead = begin + stepsPerEpoch, cycle = every * stepsPerEpoch
        let within = ((step - ahead) % cycle + cycle) % cycle
        let share = Double(within + 1) / Double(cycle)
        return rate + (rateTo - rate) * share
    }
}
