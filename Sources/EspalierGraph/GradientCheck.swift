/// Compares derivatives with central differences of the reference evaluation.
public enum GradientCheck {
    /// The largest disagreement found, relative to max(1, |derivative|).
    public struct Result: Sendable, CustomStringConvertible {
        public var worst: Double
        public var place: String
        public var description: String { "\(worst) at \(place)" }
    }

    /// Checks the derivative of sum(cotangent * function(inputs)) by every element of every input.
    ///
    /// The numerical derivative is (f(x + h) - f(x - h)) / 2h with h = 1e-5 in double precision, whose own error is
    /// some 1e-10 for smooth functions of moderate size.
    ///
    /// - Parameters:
    ///   - inputs: Where the derivative is taken; keep away from kinks.
    ///   - seed: What the weights of the outputs, the cotangent, are drawn from.
    ///   - step: h.
    ///   - function: What is differentiated.
    public static func run(
        at inputs: [ReferenceArray], seed: UInt64 = 0, step: Double = 1e-5, _ function: ([Tensor]) -> Tensor
    ) -> Result {
        let leaves = inputs.enumerated().map { Tensor.input("input \($0)", $1.shape) }
        let output = function(leaves)
        var random = RandomStream(seed: seed, "gradient check")
        let weights = ReferenceArray(output.shape, (0..<output.count).map { _ in random.uniform() * 2 - 1 })
        let weightLeaf = Tensor.input("cotangent", output.shape)
        let scalar = (output * weightLeaf).sum()
        let gradients = scalar.gradients(by: leaves)
        func feed(_ inputs: [ReferenceArray]) -> [Tensor: ReferenceArray] {
            Dictionary(uniqueKeysWithValues: zip(leaves, inputs)).merging([weightLeaf: weights]) { first, _ in first }
        }
        let analytic = Reference.evaluate(gradients, feed(inputs))
        var result = Result(worst: 0, place: "nowhere")
        for (index, input) in inputs.enumerated() {
            for element in input.values.indices {
                func value(_ offset: Double) -> Double {
                    var moved = inputs
                    moved[index].values[element] += offset
                    return Reference.evaluate([scalar], feed(moved))[0].values[0]
                }
                let numeric = (value(step) - value(-step)) / (2 * step)
                let exact = analytic[index].values[element]
                let error = abs(numeric - exact) / max(1, abs(exact))
                if !(error <= result.worst) {
                    result = Result(worst: error.isNaN ? .infinity : error, place: "input \(index), element \(element)")
                }
            }
        }
        return result
    }
}
