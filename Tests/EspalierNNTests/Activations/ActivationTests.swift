import EspalierEngine
import EspalierGraph
import Testing

@testable import EspalierNN

/// What an activation says of itself, and how it stands numbers that are not usual.
@Suite(.serialized) struct ActivationTests {
    /// Element by element; not here: those that look at several elements at once.
    static var elementwise: [any Activation] {
        [
            ReLU(), Sigmoid(), Tanh(), GELU(), GELU(.tanh), SiLU(), LeakyReLU(), RReLU(), ReLU6(), ELU(),
            ELU(alpha: 0.3),
            ELU(alpha: 2), SELU(), CELU(), CELU(alpha: 1.7), Mish(), Softplus(), Softplus(beta: 3), Softsign(),
            HardTanh(),
            HardTanh(minimum: 0, maximum: 2), HardSigmoid(), HardSwish(), Exponential(), Thresholded(),
            Thresholded(threshold: -0.5, value: 3),
        ]
    }

    /// Values and slopes in double precision.
    static func curve(_ activation: any Activation, at points: [Double]) -> (values: [Double], slopes: [Double]) {
        let x = Tensor.input("x", [points.count])
        let y = activation(x)
        let results = Reference.evaluate([y] + y.sum().gradients(by: [x]), [x: ReferenceArray(x.shape, points)])
        return (results[0].values, results[1].values)
    }

    /// The bounds of saturation are where the slope falls to 1/20 of the steepest, and stays below.
    @Test(arguments: elementwise.indices) func saturationIsWhereTheSlopeIsSmall(index: Int) {
        let activation = Self.elementwise[index], bounds = activation.saturation
        let grid = (-20_000...20_000).map { Double($0) / 1000 + 0.0005 }
        let steepest = activation is Exponential ? 1 : Self.curve(activation, at: grid).slopes.map(abs).max()!
        func slopes(_ points: [Double]) -> [Double] {
            Self.curve(activation, at: points).slopes.map { abs($0) / (0.05 * steepest) }
        }
        for (bound, side) in [(bounds.below, -1.0), (bounds.above, 1.0)] {
            guard let bound else {
                #expect(slopes([side * 1e4])[0] > 0.1, "\(activation) is flat, and does not say so")
                continue
            }
            let beyond = (1...2000).map { bound + side * Double($0) / 100 }
            #expect(slopes(beyond).allSatisfy { $0 <= 1 }, "\(activation) beyond \(bound)")
            #expect(slopes([bound - side * 1e-4])[0] > 1, "\(activation) saturates before \(bound)")
        }
    }

    /// Dead is what has neither output nor slope.
    ///
    /// Below -5 both round to zero where they should not.
    @Test(arguments: elementwise.indices) func deadIsZeroWithSlopeZero(index: Int) throws {
        let activation = Self.elementwise[index]
        let points = stride(from: -5.0, through: 8, by: 0.25).map(\.self)
        let (values, slopes) = Self.curve(activation, at: points)
        let x = Tensor(points.map { Float($0) }, [points.count])
        let dead = Reference.evaluate([activation.isDead(x)])[0].values
        for (index, point) in points.enumerated() {
            #expect((dead[index] != 0) == (values[index] == 0 && slopes[index] == 0), "\(activation) at \(point)")
        }
    }

    @Test func saturatedElementsAreMarked() throws {
        func marks(_ activation: any Activation, _ values: [Float], _ shape: Shape) -> [Double] {
            Reference.evaluate([activation.isSaturated(Tensor(values, shape))])[0].values
        }
        #expect(marks(Sigmoid(), [-5, -4, 0, 4, 5], [5]) == [1, 0, 0, 0, 1])
        #expect(marks(ReLU(), [-1, 0, 1], [3]) == [1, 1, 0])
        #expect(marks(LeakyReLU(), [-9, 9], [2]) == [0, 0])
        // The gates are the second half.
        #expect(marks(GLU(), [9, 9, 0, -9, 0, 0, 5, 0], [2, 4]) == [0, 1, 1, 0])
        #expect(marks(SoftmaxLayer(), [0, 0, 9, 1, 1, 2], [2, 3]) == [1, 1, 1, 0, 0, 0])
        #expect(marks(SoftmaxLayer(axis: 1), [0, 0, 9, 1], [1, 2, 2]) == [1, 0, 1, 0])
        #expect(marks(LogSoftmaxLayer(), [0, 0, 99], [1, 3]) == [0, 0, 0])
        #expect(Reference.evaluate([SoftmaxLayer().isDead(Tensor([0, 99] as [Float], [1, 2]))])[0].values == [0, 0])
    }

    /// Large numbers overflow on neither side, also not in the derivative; what is not a number stays so.
    @Test(arguments: elementwise.indices) func noNumberIsTooLarge(index: Int) throws {
        let activation = Self.elementwise[index]
        let points: [Float] = [-1e18, -1e4, -100, -0.0, 0, 80, 100, 1e4, 1e18].filter {
            $0 < 88 || !(activation is Exponential)
        }
        let x = Tensor(points, [points.count])
        let y = activation(x)
        for (values, what) in zip(try Engine.current.evaluate([y] + y.sum().gradients(by: [x])), ["value", "slope"]) {
            #expect(values.allSatisfy { $0.isFinite }, "\(what) of \(activation): \(values)")
        }
        #expect(try activation(Tensor([.nan] as [Float], [1])).values()[0].isNaN, "\(activation)")
    }

    @Test func randomSlopesAreUniformAndTheirMeanIsInference() throws {
        let layer = RReLU()
        let state = try ModelState(layer, seed: 1)
        state.mode = .training
        state.setKey(RandomKey(seed: 4, step: 1))
        let x = Tensor.full([100_000], -1)
        let slopes = try layer(x).values().map { -Double($0) }
        #expect(slopes.allSatisfy { $0 >= 0.125 && $0 < 1.0 / 3 + 1e-7 })
        let mean = slopes.reduce(0, +) / 1e5
        let variance = slopes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1e5
        // The width is 5/24, the standard deviation 0.06014; the mean of 10^5 strays by 0.00019.
        #expect(abs(mean - 11.0 / 48) < 0.001)
        #expect(abs(variance / (25.0 / 576 / 12) - 1) < 0.02)
        #expect(try layer(Tensor([2, 0.5] as [Float], [2])).values() == [2, 0.5])
        state.mode = .inference
        #expect(try layer(Tensor([-1] as [Float], [1])).values() == [-11.0 / 48])
    }

    /// Mean 0 and variance 1 are SELU's fixed point.
    @Test func seluKeepsMeanAndVariance() throws {
        let x = Tensor.randomNormal([1000, 1000], key: RandomKey(seed: 1).tensor)
        let y = SELU()(x)
        let values = try Engine.current.evaluate([y.mean(), y.variance()])
        #expect(abs(values[0][0]) < 0.005)
        #expect(abs(values[1][0] - 1) < 0.01)
    }

    @Test func matchingInitializers() {
        #expect(LeakyReLU(negativeSlope: 0.2).matchingInitializer.words == "heNormal(slope: 0.2)")
        #expect((PReLU(initialSlope: 0.5).matchingInitializer as? HeNormal)?.slope == 0.5)
        #expect((RReLU(lower: 0.1, upper: 0.3).matchingInitializer as? HeNormal)?.slope == 0.2)
        #expect(SELU().matchingInitializer is LeCunNormal)
        #expect(Sigmoid().matchingInitializer is XavierUniform && Tanh().matchingInitializer is XavierUniform)
        for activation in [ReLU(), ELU(), CELU(), Mish(), HardSwish(), ReLU6()] as [any Activation] {
            #expect(activation.matchingInitializer.words == "heNormal")
        }
    }

    /// ELU's slope is alpha just below zero and 1 just above: with alpha 1 there is no bend.
    @Test(arguments: [0.5, 1, 2]) func eluHasASlopeAtZeroWhereAlphaIsOne(alpha: Double) {
        let slopes = Self.curve(ELU(alpha: alpha), at: [-1e-9, 1e-9]).slopes
        #expect(abs(slopes[0] - alpha) < 1e-6 && slopes[1] == 1)
        #expect((abs(slopes[0] - slopes[1]) < 1e-6) == (alpha == 1))
    }

    /// Inputs of mean 1/2 leave tanh with a mean too, in units of their spread: less of one than they leave sigmoid with.
    @Test func tanhShiftsTheMeanLessAndNotByNothing() {
        var random = RandomStream(seed: 3, "inputs")
        let inputs = (0..<10_000).map { _ in 0.5 + random.normal() }
        func shift(_ activation: any Activation) -> Double {
            let values = Self.curve(activation, at: inputs).values
            let mean = values.reduce(0, +) / Double(values.count)
            return mean / (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)).squareRoot()
        }
        let tanh = shift(Tanh()), sigmoid = shift(Sigmoid())
        #expect(tanh > 0.4 && tanh < 0.7, "\(tanh)")
        #expect(sigmoid > 2.5, "\(sigmoid)")
    }
}
