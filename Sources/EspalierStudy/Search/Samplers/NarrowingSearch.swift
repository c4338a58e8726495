import EspalierGraph
import EspalierSpec

/// Random search in stages: each draws from the part of the ranges in which the best trials before it lie.
///
/// A stage begins when all trials of those before it have ended, so it depends on nothing but the seed and their results. The
/// best `keep` of all trials span an interval of each parameter; it is widened on both sides by its width over their number, as
/// much as the extremes of so many even draws fall short of their range, but not beyond the range. Of a choice, the values
/// of the best trials stay.
///
/// Source: the search from coarse to fine by hand, as in Bengio 2012, "Practical recommendations for gradient-based training
/// of deep architectures"; the widths are this project's.
///
/// Use it where a person should be able to follow why a trial was made; not with many trials side by side in small stages,
/// as each stage waits for its last trial.
public struct NarrowingSearch: Sampler {
    public var stage = 15
    public var keep = 0.2

    public static let name = "narrowing"
    public static let summary = "Random search whose ranges narrow around the best trials, stage by stage"
    public static let fields = [
        Field("stage", \Self.stage, "trials of a stage", in: 2...),
        Field(
            "keep", \Self.keep, "share of all trials that the next stage lies around, but two at least", in: 0.01...0.9),
    ]

    public init() {}

    public init(stage: Int = 15, keep: Double = 0.2) {
        self.stage = stage
        self.keep = keep
    }

    public func ended(before number: Int) -> Int { number / stage * stage }

    public func draw(
        _ number: Int, in space: SearchSpace, seed: UInt64, after trials: [ObservedTrial]
    ) -> [Double] {
        let known = trials.filter { $0.number < ended(before: number) && $0.outcome != .failed }
            .sorted(by: ObservedTrial.isBetter)
        let best = known.prefix(max(2, Int((keep * Double(known.count)).rounded(.up)))).map(\.coordinates)
        guard best.count >= 2 else { return space.random(number, seed: seed) }
        let places = space.uniform(number, seed: seed)
        return space.parameters.indices.map { index in
            let kept = best.map { $0[index] }
            if space.parameters[index].range.categories != nil {
                let values = Set(kept).sorted()
                return values[Int(places[index] * Double(values.count))]
            }
            let low = kept.min() ?? 0, high = kept.max() ?? 1
            let margin = (high - low) / Double(kept.count)
            let start = max(0, low - margin), end = min(1, high + margin)
            return start + places[index] * (end - start)
        }
    }
}
