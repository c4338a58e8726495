import EspalierNN
import EspalierTraining

/// Batch normalisation reads what dropout has thinned: in inference nothing is dropped, and its running statistics are those
/// of other values.
///
/// Dividing by 1 - p keeps the mean; the variance of what is kept is larger in training than in inference. Source: Li, Chen,
/// Hu and Yang 2018, "Understanding the disharmony between dropout and batch normalization by variance shift".
enum NormalizationAfterDropout: Check {
    static func findings(in prepared: PreparedExperiment) -> [Finding] {
        let sketch = ModelSketch(prepared.model, sampleShape: prepared.data.train.sampleShape)
        var dropout: (path: String, p: Double)?
        for part in sketch.parts {
            switch part.kind {
            case .dropout(let p) where p > 0: dropout = (part.path, p)
            case .batchNormalization:
                guard let dropout else { continue }
                return [finding(part, dropout.path, dropout.p)]
            // Standardised anew, whatever was dropped before.
            case .normalization, .nonlinear: dropout = nil
            default: break
            }
        }
        return []
    }

    private static func finding(_ part: ModelSketch.Part, _ path: String, _ p: Double) -> Finding {
        // Of values with mean 0, the most that it can be.
        let factor = 1 / (1 - p)
        return Finding(
            .trainEvalMismatch, at: part.path, .info,
            evidence: [.init("p", p), .init("largestVarianceFactor", factor)],
            explanation:
                "The batch normalisation at \(part.path) comes after the dropout at \(path), which keeps the mean of what it "
                + "thins and raises the variance by up to a factor of \(factor.short). The normalisation's running variance is "
                + "that of training; in inference nothing is dropped, and it divides by too much. Dropout after the last batch "
                + "normalisation does not do that.")
    }
}
