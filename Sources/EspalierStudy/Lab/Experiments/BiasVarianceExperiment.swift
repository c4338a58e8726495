import EspalierData
import EspalierGraph
import EspalierNN
import EspalierSpec
import EspalierTraining
import Foundation

/// Bias and variance of polynomials and of networks on a noisy curve, over many draws of the noise.
public struct BiasVarianceExperiment: LabExperiment {
    public var seed = 0
    public var draws = 100
    public var degrees = 12
    public var widths = [1, 2, 3, 5, 10, 30]
    public var steps = 2000

    public static let name = "biasVariance"
    public static let summary = "Bias, variance and their sum for polynomials and networks of growing capacity"
    public static let lesson = """
        Of many models, each fitted to another draw of the same noisy curve, the mean misses the curve (bias), and the single \
        ones scatter around the mean (variance). With more capacity the bias falls and the variance rises; their sum is \
        lowest in between. The noise itself is a floor that no model gets below.
        """
    public static let fields = [
        Field("seed", \Self.seed, "of the noise", in: 0...),
        Field("draws", \Self.draws, "of the noise, each with a fit of its own", in: 2...100_000),
        Field("degrees", \Self.degrees, "polynomials from degree 0 to this", in: 1...20),
        Field("widths", \Self.widths, "hidden units of the networks"),
        Field("steps", \Self.steps, "of Adam for each network", in: 1...1_000_000),
    ]

    public init() {}

    private static let samples = 30, noise = 0.3
    /// From -1 to 1.
    private static let places = (0..<samples).map { -1 + 2 * Double($0) / Double(samples - 1) }
    private static let curve = places.map { sin(.pi * $0) }

    private func targets(_ draw: Int) -> [Double] {
        var random = RandomStream(seed: UInt64(seed), "noise", draw)
        return Self.curve.map { $0 + Self.noise * random.normal() }
    }

    /// Bias squared and variance of fits, a list of values at the places for each draw.
    private static func parts(_ fits: [[Double]]) -> (bias: Double, variance: Double) {
        let mean = fits.meanCurve
        let bias = zip(mean, curve).map { ($0 - $1) * ($0 - $1) }.mean
        let variance = fits.map { fit in zip(fit, mean).map { ($0 - $1) * ($0 - $1) }.mean }.mean
        return (bias, variance * Double(fits.count) / Double(max(fits.count - 1, 1)))
    }

    private func network(width: Int, draw: Int) throws -> [Double] {
        let data = try Dataset(
            name: "curve", sampleShape: [1], inputs: Self.places.map(Float.init),
            targets: .values(targets(draw).map(Float.init), width: 1, names: ["y"]))
        let model = Sequential {
            Linear(1, width)
            Tanh()
            Linear(width, 1)
        }
        let trainer = try Trainer(
            model, loss: MeanSquaredError(), optimizer: Adam(learningRate: 0.02),
            settings: TrainingSettings(batchSize: Self.samples, seed: draw), sampleShape: [1], targetShape: [1])
        let rows = Array(0..<Self.samples)
        for _ in 0..<steps { try trainer.step(on: rows, of: data) }
        return try trainer.predict(data).map(Double.init)
    }

    public func run(in lab: Lab) throws -> LabResult {
        let all = (0..<draws).map(targets)
        let polynomials = (0...degrees).map { degree in
            let basis = Self.orthonormalPolynomials(degree)
            let fits = all.map { Self.projected($0, on: basis) }
            let exact = (
                bias: zip(Self.projected(Self.curve, on: basis), Self.curve).map { ($0 - $1) * ($0 - $1) }.mean,
                variance: Self.noise * Self.noise * Double(degree + 1) / Double(Self.samples)
            )
            return (measured: Self.parts(fits), exact: exact)
        }
        let trials = widths.flatMap { width in (0..<draws).map { (width, $0) } }
        let outputs = try lab.map(trials) { try network(width: $0, draw: $1) }
        let networks = widths.indices.map { index in
            Self.parts(Array(outputs[index * draws..<(index + 1) * draws]))
        }
        var measurements: [LabMeasurement] = []
        for degree in [1, 3, 9] where degree <= degrees {
            let (measured, exact) = polynomials[degree]
            // A sum of squares of as many normal numbers as there are draws and coefficients.
            let error = 3 * (2 / Double((draws - 1) * (degree + 1))).squareRoot()
            measurements.append(
                LabMeasurement(
                    "variance, degree \(degree)", measured.variance, expected: .about(exact.variance, within: error)))
            // The mean of the fits scatters by a share of their variance, and twice its root times the bias.
            let slack =
                4 * exact.variance / Double(draws) + 6 * (exact.variance * exact.bias / Double(draws)).squareRoot()
            measurements.append(
                LabMeasurement(
                    "bias squared, degree \(degree)", measured.bias,
                    expected: max(0, exact.bias - slack)...exact.bias + slack))
        }
        func lowest(_ sums: [Double]) -> Int { sums.indices.min { sums[$0] < sums[$1] } ?? 0 }
        let sums = polynomials.map { $0.measured.bias + $0.measured.variance }
        let best = lowest(polynomials.map { $0.exact.bias + $0.exact.variance })
        let networkSums = networks.map { $0.bias + $0.variance }
        measurements += [
            LabMeasurement(
                "degree of the least sum", Double(lowest(sums)), expected: Double(best)...Double(best)),
            LabMeasurement("hidden units of the least sum", Double(widths[lowest(networkSums)])),
            LabMeasurement(
                "least sum of the networks over that of the polynomials", (networkSums.min() ?? 0) / (sums.min() ?? 1)),
        ]
        func figure(_ title: String, _ axis: String, _ x: [Double], _ parts: [(bias: Double, variance: Double)])
            -> LabFigure
        {
            LabFigure(
                title,
                "Over \(draws) draws of the noise; the noise's own variance, \(Self.noise * Self.noise), comes on top.",
                .lines(
                    .init(
                        x: .init(axis), y: .init("squared error", logarithmic: true),
                        [
                            .init("bias²", x: x, y: parts.map(\.bias)),
                            .init("variance", x: x, y: parts.map(\.variance)),
                            .init("sum", x: x, y: parts.map { $0.bias + $0.variance }),
                        ])))
        }
        return LabResult(
            data: "drawn: sin(pi x) at \(Self.samples) places, noise \(Self.noise)", measurements: measurements,
            figures: [
                figure("Polynomials", "degree", (0...degrees).map(Double.init), polynomials.map(\.measured)),
                figure("Networks", "hidden units", widths.map(Double.init), networks),
                fitsFigure(all),
            ],
            notes: [
                "The noise is drawn anew each time (a parametric bootstrap). For polynomials both parts are known: the "
                    + "variance is noise^2 (degree + 1) / samples, the bias what is left of the curve beside its projection. "
                    + "Bands are three standard errors of \(draws) draws."
            ])
    }

    /// Some of the fits themselves: what bias and variance look like.
    private func fitsFigure(_ all: [[Double]]) -> LabFigure {
        let panels = [1, 3, 9].filter { $0 <= degrees }.map { degree in
            let basis = Self.orthonormalPolynomials(degree)
            return LabFigure.Lines.Panel(
                "degree \(degree)",
                [.init("curve", x: Self.places, y: Self.curve)]
                    + all.prefix(8).map { .init("fit", x: Self.places, y: Self.projected($0, on: basis)) })
        }
        return LabFigure(
            "Eight of the fits", "The curve, and fits to eight draws: too stiff, about right, too loose.",
            .lines(.init(x: .init("x"), y: .init("y"), panels: panels)))
    }

    /// Polynomials at the places that are orthonormal there, by Gram and Schmidt.
    private static func orthonormalPolynomials(_ degree: Int) -> [[Double]] {
        var basis: [[Double]] = []
        for power in 0...degree {
            // What is multiplied by x is a polynomial of the next degree, and nearly orthogonal already.
            var next = power == 0 ? places.map { _ in 1.0 } : zip(basis[power - 1], places).map(*)
            for _ in 0..<2 {
                for other in basis {
                    let share = zip(next, other).reduce(0) { $0 + $1.0 * $1.1 }
                    next = zip(next, other).map { $0 - share * $1 }
                }
            }
            let norm = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
            basis.append(next.map { $0 / norm })
        }
        return basis
    }

    private static func projected(_ values: [Double], on basis: [[Double]]) -> [Double] {
        var result = values.map { _ in 0.0 }
        for one in basis {
            let share = zip(values, one).reduce(0) { $0 + $1.0 * $1.1 }
            result = zip(result, one).map { $0 + share * $1 }
        }
        return result
    }
}
