/// Successive halving: many candidates are tried for a short time, the better ones for longer.
///
/// A rung gives each of its candidates the same share of its epochs. All candidates get a quarter on one seed, the better
/// half of them (at most eight) a half, and the best three all of it, on several seeds; three or fewer are given all at once.
///
/// Source: Jamieson and Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization".
enum Halving {
    struct Rung: Sendable, Hashable {
        /// How many candidates it takes.
        var candidates: Int
        /// Of the epochs of the training that is repaired, also for one that would train longer; all of its own at 1.
        var share: Double
    }

    static let finalists = 3
    /// Below so many steps hardly anything is learned, and short trials say little of long ones.
    static let leastSteps = 500
    /// What a training of fewer is given where nothing helps.
    static let enoughSteps = 4 * leastSteps

    static func rungs(candidates: Int) -> [Rung] {
        guard candidates > finalists else { return [Rung(candidates: candidates, share: 1)] }
        let half = min(8, (candidates + 1) / 2)
        return [Rung(candidates: candidates, share: 0.25)]
            + (half > finalists ? [Rung(candidates: half, share: 0.5)] : [])
            + [Rung(candidates: finalists, share: 1)]
    }

    /// A share of so many epochs, but no less than `leastSteps` take.
    static func epochs(_ share: Double, of epochs: Int, stepsPerEpoch: Int) -> Int {
        let least = (leastSteps + stepsPerEpoch - 1) / stepsPerEpoch
        return min(epochs, max(1, Int((share * Double(epochs)).rounded(.up)), least))
    }
}
