import Foundation

/// Whether what was measured after a change is better than before it, beyond what chance does.
///
/// Both are measured on the same seeds, so that the differences count, one a seed. A repair may come here up to `tests`
/// times. The first time a few seeds may be enough; where they leave it open, and every later time, more are looked at. Each
/// look may be wrong with the probability `level` / (`tests` + 1), so all together with `level` (Bonferroni).
///
/// The look at a few seeds takes Student's paired t test, one-sided, since a few that agree closely are enough then.
/// Trainings that fail on half of the seeds pass it with a probability of 1/64, however they are tested: three failures, then
/// three successes. Therefore it is taken once. The look at more takes a test that asks nothing of how values are distributed:
/// of all 2^n ways to give the differences a sign, the share whose mean is no smaller than that seen (Fisher 1935, "The
/// design of experiments").
struct Acceptance: Sendable, Hashable {
    /// The probability to accept anything in a repair in which nothing makes a difference.
    var level = 0.05
    /// How often a change may be put to the test in a repair.
    var tests = 3
    /// The least mean gain that counts as one, in accuracy or R^2: about what the choice of a seed moves a good training by.
    var leastGain = 0.01

    enum Verdict: Sendable, Hashable {
        /// With the probability that chance does as much.
        case accepted(Double)
        /// More seeds may show it.
        case open(Double)
        case rejected(String)
    }

    /// - Parameters:
    ///   - before: A value for each seed.
    ///   - after: Of the same seeds.
    ///   - test: How many changes were put to the test, with this one.
    ///   - isLast: Whether there will be no more seeds.
    func verdict(before: [Double], after: [Double], test: Int, isLast: Bool) -> Verdict {
        precondition(before.count == after.count && before.count >= 2)
        let differences = zip(after, before).map { $0 - $1 }
        let mean = differences.reduce(0, +) / Double(differences.count)
        guard mean >= leastGain else {
            return .rejected("a gain of \(mean.short) is less than the \(leastGain.short) that counts")
        }
        let chance = isLast ? Self.signFlipTest(differences) : Self.tTest(differences)
        if isLast || test == 1, chance <= level / Double(tests + 1) { return .accepted(chance) }
        guard isLast else { return .open(chance) }
        return .rejected(
            "over \(differences.count) seeds chance gives a gain of \(mean.short) with probability \(chance.short)")
    }

    /// The probability that the mean of normal differences around zero comes out so far above it, by Student's t.
    static func tTest(_ differences: [Double]) -> Double {
        let count = Double(differences.count), mean = differences.reduce(0, +) / count
        let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        guard variance > 0 else { return mean > 0 ? 0 : 1 }
        return upperTail(ofT: mean / (variance / count).squareRoot(), freedom: differences.count - 1)
    }

    /// P(T > t) for Student's distribution with a whole number of degrees of freedom.
    ///
    /// Source: Abramowitz and Stegun 1964, "Handbook of mathematical functions", 26.7.3 and 26.7.4.
    static func upperTail(ofT t: Double, freedom: Int) -> Double {
        let angle = atan(abs(t) / Double(freedom).squareRoot()), cosine = cos(angle)
        let isOdd = freedom % 2 == 1
        // The sum 1 + 1/2 cos^2 + (1 3)/(2 4) cos^4 + …, or cos + 2/3 cos^3 + (2 4)/(3 5) cos^5 + …
        var term = isOdd ? cosine : 1, sum = freedom == 1 ? 0 : term
        for k in stride(from: isOdd ? 3 : 2, to: freedom, by: 2) {
            term *= cosine * cosine * Double(k - 1) / Double(k)
            sum += term
        }
        let inside = isOdd ? 2 / Double.pi * (angle + sin(angle) * sum) : sin(angle) * sum
        return t > 0 ? (1 - inside) / 2 : (1 + inside) / 2
    }

    /// The share of all ways to give the differences a sign whose mean is no smaller than theirs.
    static func signFlipTest(_ differences: [Double]) -> Double {
        let sum = differences.reduce(0, +)
        // Sums of the same numbers in another order differ in their last bits.
        let slack = differences.reduce(0) { $0 + abs($1) } * 1e-12
        let count = differences.count
        var asLarge = 0
        for signs in 0..<1 << count {
            var flipped = 0.0
            for index in 0..<count { flipped += signs >> index & 1 == 0 ? differences[index] : -differences[index] }
            if flipped >= sum - slack { asLarge += 1 }
        }
        return Double(asLarge) / Double(1 << count)
    }
}
