import Foundation

/// What was seen of a step from the inside.
public struct Probe: Sendable, Hashable {
    /// Steps taken, this one included.
    public var step: Int
    public var epoch: Int
    /// Of the batch, before the step.
    public var loss: Double
    public var parameters: [ParameterProbe]
    /// In the order of the data.
    public var layers: [LayerProbe]
    /// Of the batch normalisations that train, in the order of the data.
    public var normalizations: [NormalizationProbe] = []
}

/// What a probe saw of one parameter.
public struct ParameterProbe: Sendable, Hashable {
    /// The dotted path within the model.
    public var path: String
    /// Euclidean norms: of the gradient, of the parameter before the step, of the step's change.
    public var gradientNorm: Double
    public var weightNorm: Double
    public var updateNorm: Double
}

/// What a probe saw of one layer's outputs, over units, samples and places.
public struct LayerProbe: Sendable, Hashable {
    /// The dotted path within the model.
    public var path: String
    public var layer: String
    /// How many units it has: outputs of a dense layer, channels of a convolution.
    public var units: Int
    public var mean: Double
    /// The standard deviation over everything, and the mean of those of the units over samples and places: where that is
    /// far smaller, units differ from each other, and hardly from sample to sample.
    public var deviation: Double
    public var unitDeviation: Double
    /// The root of the mean square of a sample's loss's derivative by the outputs.
    public var gradient: Double
    /// The share of outputs whose inputs are saturated, as `Saturation` says; nothing where the layer saturates nowhere.
    public var saturated: Double?
    /// The share of units saturated for every sample at every place, and of those that were so in this probe and in up to
    /// `DeadUnits.window` - 1 before it.
    public var silent: Double?
    public var dead: Double?
    /// How many of some outputs are in each of `LayerProbe.bins` bins of equal width from `low` to `high`.
    public var histogram: [Int]
    public var low: Double
    public var high: Double
    /// How far the outputs have moved since the probe before, see `ActivationDrift`; nothing in the first.
    public var drift: Double?

    /// In how many bins outputs are counted.
    public static let bins = 24
}

extension LayerProbe {
    init(
        _ layer: ProbedLayer, _ measures: ProbedLayer.Measures, batch: Int
    ) {
        path = layer.path
        self.layer = layer.layer
        units = measures.sums.count
        let perUnit = Double(layer.elementsPerUnit), count = perUnit * Double(units)
        var mean = 0.0, square = 0.0, unitDeviation = 0.0
        for (sum, squares) in zip(measures.sums, measures.squares) {
            let unitMean = Double(sum) / perUnit, unitSquare = Double(squares) / perUnit
            mean += unitMean
            square += unitSquare
            unitDeviation += Self.deviation(unitMean, unitSquare)
        }
        mean /= Double(units)
        self.mean = mean
        deviation = Self.deviation(mean, square / Double(units))
        self.unitDeviation = unitDeviation / Double(units)
        // The loss is a mean over the batch: what a sample's own loss changes by is so many times more.
        gradient = (measures.gradientSquares.total / count).squareRoot() * Double(batch)
        if layer.saturated != nil {
            saturated = measures.saturated.total / count
            silent = Double(measures.saturated.count { Double($0) >= perUnit }) / Double(units)
        }
        (histogram, low, high) = Self.histogram(measures.shown)
    }

    /// From the mean and the mean square; infinite where the squares are too large for their type.
    static func deviation(_ mean: Double, _ square: Double) -> Double {
        let variance = square - mean * mean
        // The greater of zero and no number would be zero.
        if variance.isNaN { return square == .infinity ? .infinity : .nan }
        return max(0, variance).squareRoot()
    }

    /// In double precision, as neither the largest spread nor the reciprocal of the smallest is a finite `Float`.
    static func histogram(_ values: UnsafeBufferPointer<Float>) -> (counts: [Int], low: Double, high: Double) {
        var low = Float.infinity, high = -Float.infinity
        for value in values where value.isFinite { (low, high) = (min(low, value), max(high, value)) }
        guard low <= high else { return ([], 0, 0) }
        var counts = [Int](repeating: 0, count: high > low ? bins : 1)
        let (first, last) = (Double(low), Double(high))
        let scale = high > low ? Double(bins) / (last - first) : 0
        counts.withUnsafeMutableBufferPointer { counts in
            let end = counts.count - 1
            for value in values where value.isFinite { counts[min(Int((Double(value) - first) * scale), end)] += 1 }
        }
        return (counts, first, last)
    }
}

/// Which units of each layer put out nothing but saturation, probe after probe.
struct DeadUnits {
    /// A unit is dead that was silent in so many probes in a row: one that answers to few samples is not.
    static let window = 4
    private var counts: [String: [UInt8]] = [:]

    /// Notes which units of a layer were silent in a probe.
    ///
    /// - Returns: The share of units that have been so throughout the window; nothing before there is a window.
    mutating func note(_ path: String, isSilent: [Bool]) -> Double? {
        var counts = self.counts[path] ?? [UInt8](repeating: 0, count: isSilent.count + 1)
        guard counts.count == isSilent.count + 1 else { return nil }
        // The last one counts probes.
        counts[isSilent.count] = min(counts[isSilent.count] + 1, UInt8(Self.window))
        var dead = 0
        for (index, isSilent) in isSilent.enumerated() {
            counts[index] = isSilent ? min(counts[index] + 1, UInt8(Self.window)) : 0
            if counts[index] == UInt8(Self.window) { dead += 1 }
        }
        self.counts[path] = counts
        return counts[isSilent.count] < UInt8(Self.window) ? nil : Double(dead) / Double(max(isSilent.count, 1))
    }
}

extension UnsafeBufferPointer<Float> {
    /// In double precision.
    fileprivate var total: Double { reduce(0) { $0 + Double($1) } }
}
