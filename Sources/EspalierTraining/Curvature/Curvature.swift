import EspalierData
import EspalierSpec

/// How the loss bends, and how noisy its gradient is, before a step of a training.
public struct Curvature: Sendable, Hashable {
    /// Steps taken before it was measured.
    public var step: Int
    public var epoch: Int
    public var eigenvalues: HessianEigenvalues
    /// Nothing where there are too few samples.
    public var noise: GradientNoise?
    /// Above which curvature steps at the present rate swing ever wider, where the optimiser has such a bound.
    public var stableBelow: Double?
    /// How many training samples it was measured on, always the same.
    public var samples: Int
}

extension Curvature {
    /// Of a training with more samples so many are measured, or four batches.
    static let samples = 256

    /// As `events.jsonl` has it.
    var entries: [(String, ConfigurationValue)] {
        var entries: [(String, ConfigurationValue)] = [
            ("largestEigenvalue", .number(eigenvalues.largest)), ("smallestEigenvalue", .number(eigenvalues.smallest)),
            ("iterations", .integer(eigenvalues.iterations)), ("converged", .boolean(eigenvalues.isConverged)),
            ("samples", .integer(samples)),
        ]
        if let stableBelow { entries.append(("stableBelow", .number(stableBelow))) }
        if let noise {
            entries += [
                ("noiseScale", .number(noise.scale)), ("squaredGradient", .number(noise.squaredGradient)),
                ("gradientVariance", .number(noise.variance)),
            ]
        }
        return entries
    }
}

extension Trainer {
    /// What is known of the loss surface where the training stands.
    ///
    /// - Parameter data: What is trained on.
    /// - Throws: As `hessianEigenvalues(on:)`.
    public func curvature(on data: Dataset) throws -> Curvature {
        let order = DataOrder.permutation(count: data.count, seed: UInt64(settings.seed), epoch: 1)
        let rows = Array(order.prefix(max(Curvature.samples, 4 * settings.batchSize)))
        // Of parts of one sample batch normalisation has no variance.
        let size = min(settings.batchSize, rows.count / 2), hasNoise = size > (normalizesBatches ? 1 : 0)
        return Curvature(
            step: step, epoch: epoch,
            eigenvalues: try hessianEigenvalues(on: rows, of: data, iterations: 30, tolerance: 1e-3),
            noise: hasNoise ? try gradientNoise(on: rows, of: data, batchSize: size) : nil,
            stableBelow: plans.optimizer.stableCurvature(learningRate: rate(at: step)),
            samples: rows.count)
    }
}
