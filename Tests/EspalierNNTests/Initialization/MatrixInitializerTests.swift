import EspalierEngine
import EspalierGraph
import EspalierSpec
import Foundation
import Testing

@testable import EspalierNN

/// The initialisers whose values are not independent draws: what their matrices are.
@Suite(.serialized) struct MatrixInitializerTests {
    static let names = ["truncatedNormal", "orthogonal", "identity", "dirac", "sparse", "lsuv"]

    static func draw(_ initializer: any Initializer, _ shape: Shape, seed: UInt64 = 3) throws -> [Float] {
        try initializer.values(shape, Fans(weight: shape), key: RandomKey(seed: seed)).values()
    }

    @Test func truncatedNormal() throws {
        let values = try Self.draw(TruncatedNormal(std: 0.3), [1000, 1000]).map { Double($0) / 0.3 }.sorted()
        #expect(values[0] >= -2 && values[0] < -1.999 && values[999_999] <= 2 && values[999_999] > 1.999)
        let spread = (values.reduce(0) { $0 + $1 * $1 } / 1e6).squareRoot()
        #expect(abs(spread / 0.879_626 - 1) < 0.003)
        // The share below x is (Phi(x) - Phi(-2)) / (Phi(2) - Phi(-2)).
        func below(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }
        let worst = values.indices.map { index in
            abs((below(values[index]) - below(-2)) / (below(2) - below(-2)) - (Double(index) + 0.5) / 1e6)
        }.max()!
        #expect(worst < 2.5e-3)
    }

    /// The products of all rows with each other, or of all columns where these are fewer.
    static func products(_ values: [Float], _ shape: Shape) -> [[Double]] {
        let rows = shape[0], columns = shape.count / shape[0]
        let vectors =
            rows <= columns
            ? (0..<rows).map { row in (0..<columns).map { Double(values[row * columns + $0]) } }
            : (0..<columns).map { column in (0..<rows).map { Double(values[$0 * columns + column]) } }
        return vectors.map { first in vectors.map { second in zip(first, second).reduce(0) { $0 + $1.0 * $1.1 } } }
    }

    /// All singular values are the gain: W W^T, or W^T W, is gain^2 times the identity.
    @Test(arguments: [[50, 50], [30, 80], [80, 30], [1, 7], [7, 1], [16, 8, 3, 3], [40, 2, 3], [300, 300]])
    func orthogonal(dimensions: [Int]) throws {
        let shape = Shape(dimensions)
        for gain in [1, 2.0.squareRoot()] {
            let products = Self.products(try Self.draw(Orthogonal(gain: gain), shape), shape)
            for (row, line) in products.enumerated() {
                for (column, value) in line.enumerated() {
                    #expect(abs(value - (row == column ? gain * gain : 0)) < 1e-5)
                }
            }
        }
    }

    /// Uniform: the first row of a 2 x 2 matrix points anywhere, and turns and mirrorings are as likely.
    @Test func orthogonalIsUniform() throws {
        let matrices = try (0..<4000).map { try Self.draw(Orthogonal(), [2, 2], seed: UInt64($0)) }
        let angles = matrices.map { atan2(Double($0[1]), Double($0[0])) / (2 * .pi) + 0.5 }.sorted()
        let worst = angles.indices.map { abs(angles[$0] - (Double($0) + 0.5) / 4000) }.max()!
        // 1.95 / sqrt(4000) in 99.9% of samples.
        #expect(worst < 0.031)
        let turns = matrices.count { $0[0] * $0[3] - $0[1] * $0[2] > 0 }
        // The standard deviation is 32.
        #expect(abs(turns - 2000) < 130)
    }

    /// An orthogonal convolution of one position keeps every pixel's length; 100 layers keep a vector's.
    @Test func orthogonalLayersKeepLengths() throws {
        let model = Sequential((0..<100).map { _ in Linear(24, 24, bias: false, initializer: Orthogonal()) })
        _ = try ModelState(model, seed: 2)
        let x = Tensor.randomNormal([8, 24], key: RandomKey(seed: 5).tensor)
        let lengths = try Engine.current.evaluate([x, model(x)].map { $0.squared().sum(axes: [1]) })
        for (before, after) in zip(lengths[0], lengths[1]) { #expect(abs(after / before - 1) < 1e-4) }
    }

    @Test func identityPassesOnWhatFits() throws {
        #expect(try Self.draw(IdentityInitializer(gain: 2), [2, 3]) == [2, 0, 0, 0, 2, 0])
        #expect(try Self.draw(IdentityInitializer(), [3, 2]) == [1, 0, 0, 1, 0, 0])
    }

    /// As `torch.nn.init.dirac_`: the convolution is the identity on the channels there are.
    @Test func diracPassesOnWhatFits() throws {
        let layer = Conv2d(3, 5, kernelSize: [3, 5], padding: .same, bias: false, initializer: Dirac())
        _ = try ModelState(layer, seed: 0)
        let x = Tensor.randomNormal([2, 3, 4, 6], key: RandomKey(seed: 1).tensor)
        let values = try Engine.current.evaluate([x, layer(x).slice(0..<3, axis: 1), layer(x).slice(3..<5, axis: 1)])
        #expect(values[0] == values[1])
        #expect(values[2].allSatisfy { $0 == 0 })
        // Two groups of [2, 3, 3]: outputs 0 and 2 take channel 0, 1 and 3 channel 1, at the middle of three.
        let grouped = try Self.draw(Dirac(groups: 2), [4, 3, 3])
        #expect(grouped.indices.filter { grouped[$0] != 0 } == [1, 13, 19, 31])
    }

    @Test func sparseColumnsHaveTheirShareOfZeros() throws {
        let values = try Self.draw(Sparse(sparsity: 0.315, std: 0.5), [1000, 300])
        for column in 0..<300 {
            #expect((0..<1000).count { values[$0 * 300 + column] == 0 } == 315)
        }
        let others = values.filter { $0 != 0 }.map(Double.init)
        let spread = (others.reduce(0) { $0 + $1 * $1 } / Double(others.count)).squareRoot()
        #expect(abs(spread / 0.5 - 1) < 0.01)
        // Zeros are at random: rows have different numbers of them.
        #expect(Set((0..<1000).map { row in (0..<300).count { values[row * 300 + $0] == 0 } }).count > 20)
        // Rounded up, as PyTorch does.
        #expect(try Self.draw(Sparse(sparsity: 0.1), [5, 1]).count { $0 == 0 } == 1)
    }

    @Test func wrongShapesAreErrors() {
        let misfits: [(any Initializer, Shape)] = [
            (Orthogonal(), [3]), (IdentityInitializer(), [3]), (IdentityInitializer(), [3, 3, 3]), (Dirac(), [3, 3]),
            (Dirac(groups: 2), [3, 3, 3]), (Sparse(sparsity: 0.5), [3, 3, 3]), (LSUV(), [3]),
        ]
        for (initializer, shape) in misfits {
            #expect(throws: EspalierError.self, "\(initializer.words) of \(shape)") { try initializer.check(shape) }
        }
        #expect(throws: EspalierError.self) { try ModelState(Linear(2, 2, initializer: Dirac()), seed: 0) }
    }

    @Test(
        arguments: [
            ["orthogonal": ["gain": 0]], "sparse", ["sparse": ["sparsity": 1.2]], ["heNormal": ["mode": "fan_avg"]],
            ["xavierUniform": ["gain": -1]], ["truncatedNormal": ["std": 0]], ["dirac": ["groups": 0]],
            ["lsuv": ["tolerance": 0]],
        ] as [ConfigurationValue])
    func wrongSettingsAreErrors(_ value: ConfigurationValue) {
        #expect(throws: EspalierError.self) {
            try Registry<any Initializer>.standard.read(ConfigurationNode(value))
        }
    }
}
