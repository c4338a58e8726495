import EspalierGraph
import EspalierSpec

/// The mean error of a kind of model, taken apart: what all its trainings have in common, what tells them from each other, and
/// what no model can know.
///
/// Trainings on R different training sets predict f_1 ... f_R for a sample whose target is y. Of values, with the squared error:
///
///     variance     = mean_r (f_r - m)^2 R / (R - 1)           m = mean_r f_r
///     bias^2 + noise = (m - y)^2 - variance / R
///
/// which are without bias themselves; noise, where it is known, is the variance of y about what is true. Of classes, with the
/// error 0 or 1 (Domingos 2000): the main prediction is the class that most trainings say, bias is 1 where that is wrong, and
/// variance is the share of trainings that say something else; this adds to the error where the main prediction is right
/// (unbiased), and takes from it where it is wrong and the other answer right (biased). Bias holds the noise. Summed over
/// samples, either gives the mean error exactly:
///
///     error = bias + noise + variance         error = bias + unbiased variance - biased variance
///
/// Intervals are those of draws of samples and of trainings, both with replacement (Owen 2007, "The pigeonhole bootstrap"); of
/// trainings one less than there are (Rao and Wu 1988, as in `Resampling`).
///
/// Sources: Geman, Bienenstock and Doursat 1992, "Neural networks and the bias/variance dilemma"; Domingos 2000, "A unified
/// bias-variance decomposition and its applications".
public struct Decomposition: Sendable, Hashable {
    /// Of classes: what the main predictions get wrong; of values: bias^2, with the noise where that is not known.
    public var bias: Measured
    /// What trainings add by differing: of classes unbiased minus biased variance.
    public var variance: Measured
    /// The mean error of a training.
    public var error: Measured
    /// Variance minus bias.
    public var excess: Measured
    /// Where it is known; else it is part of the bias.
    public var noise: Double?
    /// Of classes alone.
    public var unbiasedVariance: Measured?
    public var biasedVariance: Measured?
    /// How many trainings there are.
    public var replicates: Int

    private init(_ parts: [Measured], replicates: Int, noise: Double? = nil) {
        (bias, variance, error, excess) = (parts[0], parts[1], parts[2], parts[3])
        unbiasedVariance = parts.count > 4 ? parts[4] : nil
        biasedVariance = parts.count > 4 ? parts[5] : nil
        self.noise = noise
        self.replicates = replicates
    }

    /// Of values.
    ///
    /// - Parameters:
    ///   - values: What each training predicts: at least two trainings, `width` values for each sample.
    ///   - targets: The values that are right, as they were measured.
    ///   - width: How many values a sample has.
    ///   - noise: The variance of the targets about what is true, where that is known.
    public init(values: [[Double]], targets: [Double], width: Int = 1, noise: Double? = nil) {
        precondition(values.count >= 2 && values.allSatisfy { $0.count == targets.count }, "trainings of other samples")
        self.init(
            Self.measured(trainings: values.count, samples: targets.count / width, scale: 1) { counts, weights in
                Self.squared(values, targets, width, noise ?? 0, counts, weights)
            }, replicates: values.count, noise: noise)
    }

    /// Of classes.
    ///
    /// - Parameters:
    ///   - classes: What each training takes each sample for: at least two trainings.
    ///   - targets: The classes that are right.
    public init(classes: [[Int]], targets: [Int]) {
        precondition(
            classes.count >= 2 && classes.allSatisfy { $0.count == targets.count }, "trainings of other samples")
        let number = (classes.joined().max() ?? 0) + 1
        self.init(
            Self.measured(trainings: classes.count, samples: targets.count) { counts, weights in
                Self.zeroOne(classes, targets, number, counts, weights)
            }, replicates: classes.count)
        // Shares; what variance adds may be less than nothing.
        bias = bias.atLeastZero
        unbiasedVariance = unbiasedVariance?.atLeastZero
        biasedVariance = biasedVariance?.atLeastZero
    }

    /// Numbers with the intervals that draws of trainings and samples give.
    ///
    /// - Parameter scale: Which of the numbers is a variance, whose estimates are off by factors.
    private static func measured(
        trainings: Int, samples: Int, scale: Int? = nil, _ parts: (_ counts: [Double], _ weights: [Double]) -> [Double]
    ) -> [Measured] {
        let values = parts(
            [Double](repeating: 1, count: trainings), [Double](repeating: 1, count: samples))
        let (replicates, rows) = (
            Resampling(name: "replicates", count: trainings), Resampling(name: "heldOut", count: samples)
        )
        let draws = (0..<Resampling.draws).map { draw in
            parts(replicates.weights(draw, taking: trainings - 1), rows.weights(draw))
        }
        return values.indices.map { part in
            let estimate = Estimate(value: values[part], draws: draws.map { $0[part] }.filter(\.isFinite))
            return part == scale ? estimate.mirroredAsScale.measured : estimate.centred.measured
        }
    }

    private static func squared(
        _ predictions: [[Double]], _ targets: [Double], _ width: Int, _ noise: Double, _ counts: [Double],
        _ weights: [Double]
    ) -> [Double] {
        let number: Double = counts.reduce(0, +)
        let samples = Double(targets.count)
        let drawn = predictions.indices.filter { counts[$0] > 0 }
        var bias = 0.0, variance = 0.0, error = 0.0
        for index in targets.indices where weights[index / width] > 0 {
            let weight = weights[index / width] / samples
            var mean = 0.0, squares = 0.0, errors = 0.0
            for training in drawn { mean += counts[training] * predictions[training][index] / number }
            for training in drawn {
                let (difference, rest) = (
                    predictions[training][index] - mean, predictions[training][index] - targets[index]
                )
                squares += counts[training] * difference * difference
                errors += counts[training] * rest * rest / number
            }
            let spread = squares / (number - 1)
            variance += weight * spread
            bias += weight * ((mean - targets[index]) * (mean - targets[index]) - spread / number)
            error += weight * errors
        }
        return [bias - noise, variance, error, variance - bias + noise]
    }

    private static func zeroOne(
        _ classes: [[Int]], _ targets: [Int], _ kinds: Int, _ counts: [Double], _ weights: [Double]
    ) -> [Double] {
        let number: Double = counts.reduce(0, +)
        let samples = Double(targets.count)
        let drawn = classes.indices.filter { counts[$0] > 0 }
        var bias = 0.0, unbiased = 0.0, biased = 0.0, error = 0.0
        var votes = [Double](repeating: 0, count: kinds)
        for (sample, target) in targets.enumerated() where weights[sample] > 0 {
            for kind in votes.indices { votes[kind] = 0 }
            for training in drawn { votes[classes[training][sample]] += counts[training] / number }
            var main = 0
            for kind in votes.indices where votes[kind] > votes[main] { main = kind }
            let weight = weights[sample] / samples
            let right = votes.indices.contains(target) ? votes[target] : 0
            error += weight * (1 - right)
            if main == target {
                unbiased += weight * (1 - right)
            } else {
                bias += weight
                biased += weight * right
            }
        }
        return [bias, unbiased - biased, error, unbiased - biased - bias, unbiased, biased]
    }
}

extension Decomposition {
    public var configuration: ConfigurationValue {
        .map([
            .init("bias", bias.configuration), .init("variance", variance.configuration),
            .init("noise", noise.map { .number($0) } ?? .null), .init("error", error.configuration),
            .init("excess", excess.configuration),
            .init("unbiasedVariance", unbiasedVariance?.configuration ?? .null),
            .init("biasedVariance", biasedVariance?.configuration ?? .null), .init("replicates", .integer(replicates)),
        ])
    }
}
