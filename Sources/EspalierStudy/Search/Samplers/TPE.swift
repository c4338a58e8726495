import EspalierGraph
import EspalierSpec
import Foundation

/// Draws where good trials have been and bad ones have not: the tree-structured Parzen estimator, over all parameters at once.
///
/// The best of the trials that ended, a share `gamma` of them but `most` at most, make the density l; all others make g. Of
/// `candidates` drawn from l the one with the largest l/g is the next trial, which is the one with the largest expected
/// improvement. A density is a mixture of one kernel a trial and one that covers the whole space: over a number a
/// normal distribution cut off at the range's ends, over whole numbers its share of each, over a choice a distribution that
/// prefers the trial's value. As a kernel spans all parameters, what good trials have in common is learned too.
///
/// Trials that are still running count as bad (the constant liar), so that trials side by side do not all go to one place.
/// A trial that was pruned is worse than any that was not; of two the better one came further.
///
/// Source: Bergstra et al. 2011, "Algorithms for hyper-parameter optimization", and 2013, "Making a science of model search"; over all
/// parameters at once: Falkner, Klein and Hutter 2018, "BOHB: robust and efficient hyperparameter optimization at scale";
/// the settings: Watanabe 2023, "Tree-structured Parzen estimator: understanding its algorithm components".
///
/// Use it for whatever takes more than some twenty trials; not where trials have to be the same with any number of them side by
/// side, which is `random`.
public struct TPE: Sampler {
    public var startup = 10
    public var candidates = 64
    public var gamma = 0.15
    public var most = 25

    public static let name = "tpe"
    public static let summary = "Where good trials have been and bad ones have not (tree-structured Parzen estimator)"
    public static let fields = [
        Field("startup", \Self.startup, "trials drawn at random before", in: 2...),
        Field("candidates", \Self.candidates, "points that a trial is chosen from", in: 1...10000),
        Field("gamma", \Self.gamma, "share of the trials that count as good", in: 0.01...0.9),
        Field("most", \Self.most, "the most trials that count as good", in: 1...),
    ]

    public init() {}

    public func draw(
        _ number: Int, in space: SearchSpace, seed: UInt64, after trials: [ObservedTrial]
    ) -> [Double] {
        let ended = trials.filter { $0.outcome != .running }
        guard ended.count >= startup else { return space.random(number, seed: seed) }
        let count = min(Int((gamma * Double(ended.count)).rounded(.up)), most)
        let good = ended.sorted(by: ObservedTrial.isBetter).prefix(count)
        let isGood = Set(good.map(\.number))
        let ranges = space.parameters.map(\.range)
        let better = ParzenDensity(good.sorted { $0.number < $1.number }.map(\.coordinates), in: ranges)
        let worse = ParzenDensity(trials.filter { !isGood.contains($0.number) }.map(\.coordinates), in: ranges)
        var random = RandomStream(seed: seed, "search", "tpe", number)
        var best = (point: [Double](), score: -Double.infinity)
        for _ in 0..<candidates {
            let point = better.draw(using: &random)
            let score = better.logarithm(at: point) - worse.logarithm(at: point)
            if score > best.score || best.point.isEmpty { best = (point, score) }
        }
        return best.point
    }
}
