import EspalierGraph
import EspalierNN
import Foundation

/// How large values become on their way through a model, and gradients on their way back, as the first weights let one
/// expect: of wide layers, whose inputs are normal, at an input of mean 0 and variance 1.
///
/// A layer of fan n with weights of mean m and variance s^2, after values h, gives z with
///
///     E z = n m E h        Var z = n s^2 E h^2
///
/// and its activation f multiplies a squared gradient by E f'(z)^2. Sources: Poole, Lahiri, Raghu, Sohl-Dickstein and Ganguli
/// 2016, "Exponential expressivity in deep neural networks through transient chaos"; Schoenholz, Gilmer, Ganguli and
/// Sohl-Dickstein 2017, "Deep information propagation".
struct SignalPropagation {
    /// The root mean square of the model's outputs.
    private(set) var output = 1.0
    /// The gradient's root mean square at the first linear map's outputs over that where the last map takes it on.
    private(set) var gradient = 1.0
    /// The largest share of a layer's units that are expected to be saturated, and where.
    private(set) var saturated = 0.0
    private(set) var saturatedPath = ""
    /// How many linear maps the values go through.
    private(set) var depth = 0

    /// Values on their way.
    private struct Wave {
        var mean = 0.0
        var square = 1.0
        /// How much of it differs from sample to sample.
        var variation = 1.0
        /// The product of what squared gradients are multiplied by.
        var gradient = 1.0

        var variance: Double { max(0, square - mean * mean) }
    }

    /// - Parameters:
    ///   - sketch: The model.
    ///   - matched: Whether each layer's weights are drawn by what matches its activation, instead of as they are.
    init(_ sketch: ModelSketch, matched: Bool = false) {
        // What the last linear map and its activation do to the gradient depends on the loss, not on depth.
        let end = sketch.outputMap ?? sketch.parts.count
        let hidden = run(Array(sketch.parts[..<end]), Wave(), matched: matched)
        gradient = hidden.gradient.squareRoot()
        let last = sketch.outputMap.map { sketch.parts[$0...$0] } ?? []
        output = run(Array(last), hidden, matched: matched).square.squareRoot()
    }

    private mutating func run(_ parts: [ModelSketch.Part], _ start: Wave, matched: Bool) -> Wave {
        var wave = start
        for (index, part) in parts.enumerated() {
            switch part.kind {
            case .weights(let weight):
                let matching = Self.matching(parts[(index + 1)...])
                pass(&wave, weight, matched || weight.isConstant ? matching : weight.initializer, part)
            case .activation(let activation):
                let moments = ActivationMoments(activation, mean: wave.mean, variance: wave.variance, part.input)
                if moments.saturated > saturated { (saturated, saturatedPath) = (moments.saturated, part.path) }
                wave.mean = moments.mean
                wave.square = moments.square
                wave.variation *= moments.squaredSlope
                wave.gradient *= moments.squaredSlope
            case .batchNormalization:
                // Over the samples of a batch: what all have in common goes.
                wave = Wave(gradient: wave.gradient / max(wave.variation, 1e-5))
            case .normalization:
                // Over the units of a sample: what all samples have in common stays.
                let variance = max(wave.variance, 1e-5)
                wave = Wave(variation: wave.variation / variance, gradient: wave.gradient / variance)
            case .residual(let body, let shortcut):
                var outside = wave
                outside.gradient = 1
                let inside = run(body, outside, matched: matched), beside = run(shortcut, outside, matched: matched)
                wave.mean = inside.mean + beside.mean
                wave.square = inside.variance + beside.variance + wave.mean * wave.mean
                wave.variation = inside.variation + beside.variation
                wave.gradient *= inside.gradient + beside.gradient
            case .nonlinear where !Self.keepsSize(part.layer):
                wave = Wave(gradient: wave.gradient)
            case .dropout, .linear, .nonlinear: break
            }
        }
        return wave
    }

    private mutating func pass(
        _ wave: inout Wave, _ weight: Parameter.Slot, _ initializer: any Initializer, _ part: ModelSketch.Part
    ) {
        let fan = Double(weight.fans.input), moments = WeightMoments(initializer, weight)
        // Scaled by what arrives, or by their own norm, so that values leave with variance 1.
        let isUnit = initializer is LSUV || part.layer is SpectralNorm
        let variance = isUnit ? 1 / (fan * max(wave.square, 1e-30)) : moments.variance
        let mean = isUnit ? 0 : fan * moments.mean * wave.mean
        // Before the first linear map there is no gradient that matters.
        if depth > 0 { wave.gradient *= Double(weight.fans.output) * (isUnit ? variance : moments.square) }
        wave.square = mean * mean + fan * variance * wave.square
        wave.mean = mean
        wave.variation *= fan * variance
        depth += 1
    }

    /// Whether values leave about as large as they came.
    private static func keepsSize(_ layer: any Layer) -> Bool {
        switch layer {
        case is MaxPool1d, is MaxPool2d, is MaxPool3d, is AdaptiveMaxPool1d, is AdaptiveMaxPool2d, is AdaptiveMaxPool3d,
            is GlobalMaxPool, is Upsample:
            true
        default: false
        }
    }

    /// What a layer's weights are drawn by where nobody says.
    private static func matching(_ following: ArraySlice<ModelSketch.Part>) -> any Initializer {
        for part in following {
            if part.weight != nil { break }
            if case .activation(let activation) = part.kind { return activation.matchingInitializer }
        }
        return XavierUniform()
    }
}

/// Mean and mean square of a layer's first weights.
struct WeightMoments {
    let mean: Double
    let square: Double
    var variance: Double { max(0, square - mean * mean) }

    /// So many values are drawn to see what an initialiser gives.
    private static let rows = 32

    init(_ initializer: any Initializer, _ weight: Parameter.Slot) {
        let units = max(1, weight.shape.dimensions.first ?? 1), inputs = max(1, weight.shape.count / units)
        switch initializer {
        case let identity as IdentityInitializer:
            (mean, square) = (0, identity.gain * identity.gain * Double(min(units, inputs)) / Double(units * inputs))
        case is Dirac:
            (mean, square) = (0, Double(min(units, weight.shape[1])) / Double(units * inputs))
        case let orthogonal as Orthogonal:
            (mean, square) = (0, orthogonal.gain * orthogonal.gain / Double(max(units, inputs)))
        case is LSUV: (mean, square) = (0, 1 / Double(max(units, inputs)))
        case let sparse as Sparse:
            (mean, square) = (0, (1 - sparse.sparsity) * sparse.std * sparse.std)
        default:
            // Of the others each value is drawn by itself, and the fans alone decide how.
            let drawn = initializer.values([Self.rows, Self.rows], weight.fans, key: .init(seed: 0, ["doctor"]))
            let values = Reference.evaluate([drawn])[0].values
            let count = Double(values.count), mean = values.reduce(0, +) / count
            square = values.reduce(0) { $0 + $1 * $1 } / count
            // What is left of draws around zero is chance.
            self.mean = abs(mean) < 4 * (square / count).squareRoot() ? 0 : mean
        }
    }
}

/// What an activation makes of normal inputs.
struct ActivationMoments {
    /// E f(z), E f(z)^2, and E f'(z)^2.
    private(set) var mean = 0.0
    private(set) var square = 0.0
    private(set) var squaredSlope = 0.0
    /// The share of inputs beyond its saturation points, where it has one on either side.
    private(set) var saturated = 0.0

    /// Of the standard normal distribution: its points, and their shares.
    private static let points = [Double](stride(from: -6.0, through: 6, by: 0.05))
    private static let shares: [Double] = {
        let weights: [Double] = points.map { exp(-$0 * $0 / 2) }
        let sum = weights.reduce(0.0) { $0 + $1 }
        return weights.map { $0 / sum }
    }()

    init(_ activation: any Activation, mean: Double, variance: Double, _ shape: Shape) {
        let spread = variance.squareRoot()
        guard mean.isFinite, spread.isFinite else {
            (self.mean, square, squaredSlope) = (mean, .infinity, .infinity)
            return
        }
        let z: [Double] = Self.points.map { point in mean + spread * point }
        let count = z.count, step = 1e-5 * max(1, abs(mean) + spread)
        let before: [Double] = z.map { $0 - step }, after: [Double] = z.map { $0 + step }
        let values = activation.values(at: [z, before, after].flatMap(\.self), shape)
        let saturation = activation.saturation
        for (index, share) in Self.shares.enumerated() {
            let y = values[index], slope = (values[2 * count + index] - values[count + index]) / (2 * step)
            self.mean += share * y
            square += share * y * y
            squaredSlope += share * slope * slope
            if let below = saturation.below, let above = saturation.above, z[index] <= below || z[index] >= above {
                saturated += share
            }
        }
        if !square.isFinite { square = .infinity }
        if !squaredSlope.isFinite { squaredSlope = .infinity }
    }
}
