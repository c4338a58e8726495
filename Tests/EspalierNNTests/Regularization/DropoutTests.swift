import EspalierEngine
import EspalierGraph
import Testing

@testable import EspalierNN

@Suite(.serialized) struct DropoutTests {
    /// Output and gradient by the input of a dropout layer in training, at a key.
    func run(p: Double, count: Int, step: Int, threads: Int = 1, mode: Mode = .training) throws -> [[Float]] {
        let layer = Dropout(p: p)
        let state = try ModelState(layer, seed: 0)
        state.mode = mode
        state.setKey(RandomKey(seed: 9, step: step))
        let x = Tensor((0..<count).map { 1 + Float($0 % 7) }, [count])
        let y = layer(x)
        // Squared, so that the derivative needs the mask's values and not only that it is there.
        let gradient = y.squared().sum().gradients(by: [x])[0]
        return try Engine(threads: threads).evaluate([y, gradient, x])
    }

    @Test(arguments: [0.1, 0.5, 0.8]) func shareAndExpectation(p: Double) throws {
        let n = 1_000_000
        let results = try run(p: p, count: n, step: 1)
        let y = results[0], gradient = results[1], x = results[2]
        let dropped = Double(y.count { $0 == 0 }) / Double(n)
        // Five standard deviations of a share of a million.
        #expect(abs(dropped - p) < 5 * (p * (1 - p) / Double(n)).squareRoot())
        let ratio = y.reduce(0) { $0 + Double($1) } / x.reduce(0) { $0 + Double($1) }
        #expect(abs(ratio - 1) < 6 * (p / (1 - p) / Double(n)).squareRoot())
        for index in 0..<n {
            if y[index] == 0 {
                #expect(gradient[index] == 0)
            } else {
                let expected = Double(x[index]) / (1 - p)
                guard abs(Double(y[index]) / expected - 1) < 1e-6,
                    abs(Double(gradient[index]) / (2 * expected / (1 - p)) - 1) < 1e-6
                else {
                    Issue.record("element \(index): \(x[index]) becomes \(y[index]), gradient \(gradient[index])")
                    return
                }
            }
        }
    }

    @Test func aMaskIsThatOfItsStep() throws {
        let first = try run(p: 0.5, count: 10_000, step: 1)[0]
        #expect(try run(p: 0.5, count: 10_000, step: 1)[0] == first)
        #expect(try run(p: 0.5, count: 10_000, step: 1, threads: 4)[0] == first)
        let second = try run(p: 0.5, count: 10_000, step: 2)[0]
        // Independent masks agree in half of all places, to five standard deviations.
        let same = zip(first, second).count { ($0 == 0) == ($1 == 0) }
        #expect(abs(same - 5000) < 250)
    }

    @Test func layersOfAModelDropDifferently() throws {
        let model = Sequential {
            Dropout(p: 0.5)
            Dropout(p: 0.5)
        }
        let state = try ModelState(model, seed: 0)
        state.mode = .training
        let x = Tensor.ones([10_000])
        let masks = try Engine(threads: 1).evaluate(model.layers.map { $0(x) })
        let same = zip(masks[0], masks[1]).count { $0 == $1 }
        #expect(abs(same - 5000) < 250)
        #expect(state.contents.randomness.map(\.path) == ["0.random", "1.random"])
    }

    @Test func inferenceIsTheIdentity() throws {
        let results = try run(p: 0.5, count: 1000, step: 1, mode: .inference)
        #expect(results[0] == results[2])
        let layer = Dropout(p: 0.5), x = Tensor.input("x", [3])
        #expect(layer(x) == x)
        layer.mode = .training
        #expect(layer(x) != x)
        let none = Dropout(p: 0)
        none.mode = .training
        #expect(none(x) == x)
    }
}
