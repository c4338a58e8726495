import EspalierEngine
import EspalierGraph
import EspalierSpec
import Foundation
import Testing

@testable import EspalierNN

/// A million draws of every initialiser.
///
/// Bounds for n = 10^6: a mean strays by std / 1000, a standard deviation by less than 0.1%; five times that is a
/// failure. The Kolmogorov-Smirnov distance is below 1.95 / 1000 in 99.9% of samples; 2.5 / 1000 fails.
@Suite(.serialized) struct InitializationTests {
    static let shape: Shape = [1000, 1000]
    static let fans = Fans(input: 300, output: 500)

    func draw(_ initializer: any Initializer, seed: UInt64 = 1) throws -> [Float] {
        try initializer.values(Self.shape, Self.fans, key: RandomKey(seed: seed, ["test"])).values()
    }

    func check(_ values: [Float], mean: Double, std: Double, distribution: (Double) -> Double) {
        let n = Double(values.count)
        let average = values.reduce(0) { $0 + Double($1) } / n
        let spread = (values.reduce(0) { $0 + (Double($1) - average) * (Double($1) - average) } / n).squareRoot()
        #expect(abs(average - mean) < 5e-3 * std)
        #expect(abs(spread / std - 1) < 5e-3)
        let sorted = values.sorted()
        let worst = sorted.indices.reduce(0.0) { worst, index in
            max(worst, abs(distribution(Double(sorted[index])) - (Double(index) + 0.5) / n))
        }
        #expect(worst < 2.5e-3)
    }

    static let uniforms: [(initializer: any Initializer, low: Double, high: Double)] = [
        (Uniform(low: -0.2, high: 0.7), -0.2, 0.7),
        (XavierUniform(), -(6 / 800).squareRoot(), (6 / 800).squareRoot()),
        (HeUniform(), -(6 / 300).squareRoot(), (6 / 300).squareRoot()),
        (LeCunUniform(), -(3 / 300).squareRoot(), (3 / 300).squareRoot()),
        (XavierUniform(gain: 5.0 / 3), -(6 / 800).squareRoot() * 5 / 3, (6 / 800).squareRoot() * 5 / 3),
        (HeUniform(mode: .fanOut, slope: 0.5), -(6 / 625).squareRoot(), (6 / 625).squareRoot()),
    ]

    @Test(arguments: uniforms.indices) func uniform(index: Int) throws {
        let (initializer, low, high) = Self.uniforms[index]
        let values = try draw(initializer)
        check(values, mean: (low + high) / 2, std: (high - low) / 12.0.squareRoot()) { ($0 - low) / (high - low) }
        let smallest = Double(values.min()!), largest = Double(values.max()!), width = high - low
        #expect(smallest >= low - 1e-7 && smallest < low + 1e-4 * width)
        #expect(largest <= high + 1e-7 && largest > high - 1e-4 * width)
    }

    static let normals: [(initializer: any Initializer, std: Double)] = [
        (Normal(std: 0.02), 0.02), (XavierNormal(), (2.0 / 800).squareRoot()), (HeNormal(), (2.0 / 300).squareRoot()),
        (LeCunNormal(), (1.0 / 300).squareRoot()), (XavierNormal(gain: 2), (8.0 / 800).squareRoot()),
        (HeNormal(mode: .fanOut), (2.0 / 500).squareRoot()), (HeNormal(slope: 0.3), (2.0 / 1.09 / 300).squareRoot()),
    ]

    @Test(arguments: normals.indices) func normal(index: Int) throws {
        let (initializer, std) = Self.normals[index]
        let values = try draw(initializer)
        check(values, mean: 0, std: std) { 0.5 * erfc(-$0 / (std * 2.0.squareRoot())) }
        #expect(values.allSatisfy { $0.isFinite })
        // Of a million normal draws the largest lies between 4.1 and 6.6 standard deviations, all but surely.
        let largest = Double(values.map { abs($0) }.max()!) / std
        #expect(largest > 4.1 && largest < 6.6)
        // The share beyond two standard deviations is 4.55%.
        let beyond = Double(values.count { abs(Double($0)) > 2 * std }) / 1e6
        #expect(abs(beyond - 0.0455) < 0.0011)
        // Neighbours are independent.
        let product = zip(values, values.dropFirst()).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } / 1e6
        #expect(abs(product) < 5e-3 * std * std)
    }

    @Test func constants() throws {
        #expect(try Set(draw(Zeros())) == [0])
        #expect(try Set(draw(Ones())) == [1])
        #expect(try Set(draw(ConstantInitializer(0.25))) == [0.25])
    }

    @Test func everyInitializerIsTested() {
        let drawn = Self.uniforms.map(\.initializer) + Self.normals.map(\.initializer)
        let tested = drawn.map { type(of: $0).name }
        #expect(
            Set(tested + ["zeros", "ones", "constant"] + MatrixInitializerTests.names)
                == Set(Registry<any Initializer>.standard.names))
    }

    @Test func fansCountTheReceptiveField() {
        #expect(Fans(weight: [5, 7]) == Fans(input: 7, output: 5))
        #expect(Fans(weight: [8, 3, 5, 5]) == Fans(input: 75, output: 200))
        #expect(Fans(weight: [6]) == Fans(input: 1, output: 6))
    }

    func weights(seed: UInt64) throws -> [[Float]] {
        let model = Sequential {
            Linear(20, 20, initializer: Normal(std: 1))
            Linear(20, 20, initializer: Normal(std: 1))
        }
        let state = try ModelState(model, seed: seed)
        return ["0.weight", "1.weight"].map { Array(state.parameters.values($0)!) }
    }

    @Test func aDrawFollowsSeedAndPath() throws {
        let first = try weights(seed: 1), again = try weights(seed: 1), other = try weights(seed: 2)
        #expect(first == again)
        #expect(first[0] != other[0])
        #expect(first[1] != other[1])
        #expect(first[0] != first[1])
        let correlation = zip(first[0], first[1]).reduce(0) { $0 + $1.0 * $1.1 } / 400
        #expect(abs(correlation) < 0.25)
    }

    @Test func aDrawDoesNotDependOnThreads() throws {
        let one = try Engine.$current.withValue(Engine(threads: 1)) { try draw(HeNormal()) }
        let four = try Engine.$current.withValue(Engine(threads: 4)) { try draw(HeNormal()) }
        #expect(one == four)
    }

    @Test func emptyRangesAreErrors() {
        #expect(throws: EspalierError.self) { try Uniform(low: 1, high: 1).validate() }
    }
}
