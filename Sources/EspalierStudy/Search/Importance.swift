import Foundation

/// How much each parameter has to do with whether a trial is among the best.
///
/// Of each parameter two densities are estimated: that of the best trials, a tenth of all but five at least, and that of all
/// trials. Where the parameter does not matter the two are alike. The importance is the mean of (best / all - 1)^2 over all
/// trials, the Pearson divergence; the importances of all parameters are scaled to a sum of 1. What parameters do together only
/// shows as far as it shows in each by itself.
///
/// Source: Watanabe, Bansal and Hutter 2023, "PED-ANOVA: efficiently quantifying hyperparameter importance in arbitrary subspaces",
/// with the trials themselves as the baseline.
enum Importance {
    /// Fewer completed trials say nothing.
    static let fewest = 20

    /// One a parameter; none where there are too few trials.
    ///
    /// - Parameters:
    ///   - trials: Coordinates and loss.
    ///   - ranges: One a parameter.
    static func values(_ trials: [(coordinates: [Double], loss: Double)], _ ranges: [SearchRange]) -> [Double] {
        guard trials.count >= fewest else { return [] }
        let sorted = trials.sorted { $0.loss < $1.loss }
        let count = max(5, trials.count / 10)
        // Ties with the last of the best belong to them, so that no order decides.
        let best = sorted.prefix { $0.loss <= sorted[count - 1].loss }
        guard best.count < trials.count else { return ranges.map { _ in 0 } }
        let divergences = ranges.indices.map { index in
            divergence(best.map { $0.coordinates[index] }, trials.map { $0.coordinates[index] }, ranges[index])
        }
        let sum = divergences.reduce(0, +)
        return divergences.map { sum > 0 ? $0 / sum : 0 }
    }

    private static func divergence(_ best: [Double], _ all: [Double], _ range: SearchRange) -> Double {
        let cells = range.categories ?? 64
        let first = shares(best, cells, range), second = shares(all, cells, range)
        return zip(first, second).reduce(0) { $0 + pow($1.0 / $1.1 - 1, 2) * $1.1 }
    }

    /// The density over so many cells, which add up to 1.
    private static func shares(_ coordinates: [Double], _ cells: Int, _ range: SearchRange) -> [Double] {
        var shares = [Double](repeating: 1 / Double(cells), count: cells)
        if range.categories != nil {
            for coordinate in coordinates { shares[min(Int(coordinate), cells - 1)] += 1 }
        } else {
            let width = deviation(of: coordinates)
            let middles = (0..<cells).map { (Double($0) + 0.5) / Double(cells) }
            for coordinate in coordinates {
                let kernel = middles.map { exp(-0.5 * pow(($0 - coordinate) / width, 2)) }
                let sum = kernel.reduce(0, +)
                for cell in kernel.indices { shares[cell] += kernel[cell] / sum }
            }
        }
        let sum = shares.reduce(0, +)
        return shares.map { $0 / sum }
    }

    /// The width of a kernel by Scott 1992; a cell at least.
    private static func deviation(of coordinates: [Double]) -> Double {
        let count = Double(coordinates.count), mean = coordinates.reduce(0, +) / count
        let variance = coordinates.reduce(0) { $0 + pow($1 - mean, 2) } / max(1, count - 1)
        return max(1.06 * variance.squareRoot() * pow(count, -0.2), 1 / 64)
    }
}
