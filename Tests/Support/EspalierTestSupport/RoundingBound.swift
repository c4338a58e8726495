import EspalierGraph

/// What single precision may make of a graph: the reference's values, and how far rounding can carry each.
///
/// The bound is found as in stochastic arithmetic (Vignes 1993): the graph is evaluated again with every value of every
/// node off by a random share of up to 2^-21 (4 ulp of single precision, as much as an elementary function may err); the largest deviation seen,
/// times four, is allowed, and four times what is usual for the tensor. A wrong element differs by far more, unless the graph amplifies rounding so much
/// that nothing could be told.
public struct RoundingBound {
    public let values: [ReferenceArray]
    public let tolerances: [ReferenceArray]
    /// Whether no value on the way is beyond the range of single precision.
    public let isInRange: Bool

    public init(_ tensors: [Tensor], seed: UInt64 = 0, repetitions: Int = 3) {
        var random = RandomStream(seed: seed, "rounding")
        var largest = 0.0
        func evaluate(_ share: Double) -> [ReferenceArray] {
            var known: [Node: ReferenceArray] = [:]
            for node in Tensor.topologicalOrder(of: tensors.map(\.node)) {
                var value = node.primitive.evaluate(node.inputs.map { known[$0]! }, type: node.type)
                if node.type.dtype == .float32 {
                    for index in value.values.indices {
                        largest = max(largest, abs(value.values[index]))
                        if share > 0 { value.values[index] *= 1 + share * (2 * random.uniform() - 1) }
                    }
                }
                known[node] = value
            }
            return tensors.map { known[$0.node]! }
        }
        let exact = evaluate(0)
        var tolerances = exact.map { ReferenceArray($0.shape, $0.values.map { abs($0) * 0x1p-21 + 0x1p-120 }) }
        for _ in 0..<repetitions {
            for (index, moved) in evaluate(0x1p-21).enumerated() {
                let deviations = zip(moved.values, exact[index].values).map { ($0 - $1).magnitude }
                // By chance a single deviation may be tiny; all elements together say what is usual.
                let usual = (deviations.reduce(0) { $0 + $1 * $1 } / Double(max(1, deviations.count))).squareRoot()
                for (element, deviation) in deviations.enumerated() {
                    tolerances[index].values[element] = max(
                        tolerances[index].values[element], deviation * 4.0, usual * 4.0)
                }
            }
        }
        values = exact
        self.tolerances = tolerances
        isInRange = largest < 1e30
    }

    /// The first element of `computed` that is not what tensor number `index` may be, in words.
    public func disagreement(_ index: Int, _ computed: [Double]) -> String? {
        let expected = values[index].values
        guard computed.count == expected.count else { return "\(computed.count) elements instead of \(expected.count)" }
        for (element, (value, exact)) in zip(computed, expected).enumerated() {
            if value == exact || (value.isNaN && exact.isNaN) { continue }
            if !(abs(value - exact) <= tolerances[index].values[element]) {
                return "element \(element) is \(value), not \(exact) +- \(tolerances[index].values[element])"
            }
        }
        return nil
    }
}
