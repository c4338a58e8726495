import EspalierData
import EspalierEngine
import EspalierNN
import EspalierSpec

/// How much the gradients of samples differ from each other, against the gradient of all.
///
/// With the gradient G of the expected loss and the covariance Sigma of a sample's gradient, a batch of b samples has a
/// gradient with E |G_b|^2 = |G|^2 + tr(Sigma) / b. From the gradients of batches of b and of all B samples together,
///
///     |G|^2     = (B |G_B|^2 - b |G_b|^2) / (B - b)
///     tr(Sigma) = (|G_b|^2 - |G_B|^2) / (1 / b - 1 / B)
///     scale     = tr(Sigma) / |G|^2
///
/// A batch far smaller than the scale is mostly noise, one far larger repeats itself: both waste samples or time.
///
/// Source: McCandlish, Kaplan, Amodei et al. 2018, "An empirical model of large-batch training", appendix A (the simple noise
/// scale), from which both estimates are; each is without bias, their quotient is not.
public struct GradientNoise: Sendable, Hashable {
    /// |G|^2; not above zero where noise hides it.
    public var squaredGradient: Double
    /// tr(Sigma).
    public var variance: Double
    /// Samples of a part, and in all.
    public var batchSize: Int
    public var samples: Int

    /// In samples; infinite where noise hides the gradient.
    public var scale: Double { squaredGradient > 0 ? max(0, variance) / squaredGradient : .infinity }
}

extension Trainer {
    /// The noise of the gradient, from those of batches of `data` and of all of them together.
    ///
    /// The loss is that of training, without penalties. With batch normalisation the gradient of a batch depends on its size
    /// beyond its noise, so that the estimate holds for batches of this size. The training is left as it was.
    ///
    /// - Parameters:
    ///   - data: The more batches it makes the surer the estimate; what makes no whole batch is left out.
    ///   - batchSize: Samples of a batch; that of the settings if not given, and never more than half of all.
    /// - Throws: `EspalierError` for data that the model cannot take, or of fewer than two samples, `EngineError` for a label
    ///   out of range.
    public func gradientNoise(on data: Dataset, batchSize: Int? = nil) throws -> GradientNoise {
        let rows = DataOrder.permutation(count: data.count, seed: UInt64(settings.seed), epoch: 1)
        return try gradientNoise(on: rows, of: data, batchSize: batchSize ?? settings.batchSize)
    }

    func gradientNoise(on rows: [Int], of data: Dataset, batchSize: Int) throws -> GradientNoise {
        precondition(batchSize >= 1, "a batch has at least one sample, not \(batchSize)")
        guard rows.count >= 2 else {
            throw EspalierError(
                "the gradients of \(rows.count) samples do not differ", at: data.name, expected: "at least 2 samples")
        }
        return try onLossSurface(of: data) { surface in
            let size = min(batchSize, rows.count / 2)
            let batches = try surfaceBatches(rows, size: size, of: data)
            let (mean, small) = try surface.gradient(on: batches, of: data)
            let large = mean.reduce(0) { $0 + Double($1) * Double($1) }
            let (b, all) = (Double(size), Double(size * batches.count))
            return GradientNoise(
                squaredGradient: (all * large - b * small) / (all - b), variance: (small - large) / (1 / b - 1 / all),
                batchSize: size, samples: size * batches.count)
        }
    }
}
