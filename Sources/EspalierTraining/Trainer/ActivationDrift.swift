/// How far the outputs of each layer move from one probe to the next: what a layer after it has to follow.
///
/// With mean mu and standard deviation s of each unit's outputs, then and now,
///
///     drift = sqrt(mean over units of (mu - mu')^2 + (s - s')^2) / sqrt(mean over units of s'^2)
///
/// which is the distance of Wasserstein (of order 2) between normal distributions of these moments, in units of the spread
/// that there was. A drift of 0.1 is little; at 1 the layer after it sees inputs where none were. Two batches of n samples
/// alone differ by about sqrt(3 / n), as their means and spreads are those of samples.
///
/// Source: Ioffe and Szegedy 2015, "Batch normalization", for what it is (internal covariate shift) and that normalisation
/// lessens it; Santurkar, Tsipras, Ilyas and Madry 2018, "How does batch normalization help optimization?", for doubts that
/// it is what slows a training. So it is shown, and nothing is concluded from it alone. The measure is this project's.
struct ActivationDrift {
    private struct Moments {
        var means: [Double]
        var deviations: [Double]
    }

    private var last: [String: Moments] = [:]

    /// Notes the units' means and mean squares in a probe.
    ///
    /// - Returns: The drift since the probe before; nothing where there was none, or where the outputs did not vary.
    mutating func note(_ path: String, _ means: [Double], _ squares: [Double]) -> Double? {
        let now = Moments(means: means, deviations: zip(means, squares).map(LayerProbe.deviation))
        defer { last[path] = now }
        guard let before = last[path], before.means.count == now.means.count else { return nil }
        var moved = 0.0, spread = 0.0
        for unit in now.means.indices {
            let (mean, deviation) = (
                now.means[unit] - before.means[unit], now.deviations[unit] - before.deviations[unit]
            )
            moved += mean * mean + deviation * deviation
            spread += before.deviations[unit] * before.deviations[unit]
        }
        return spread > 0 ? (moved / spread).squareRoot() : nil
    }
}
