/// A whole number that depends on how many samples a batch has: factor * batch + constant.
struct BatchNumber: Hashable, CustomStringConvertible {
    var factor: Int
    var constant: Int

    /// How many samples the batch has.
    static let batch = BatchNumber(factor: 1, constant: 0)

    private init(factor: Int, constant: Int) {
        self.factor = factor
        self.constant = constant
    }

    /// A number that does not depend on the batch.
    init(_ constant: Int) {
        factor = 0
        self.constant = constant
    }

    /// The number that is `first` where the batch has `sizes.first` samples, and `second` where it has `sizes.second`.
    ///
    /// Nothing where that takes a negative term or no whole one: a number that grows with the batch's square is one such.
    init?(_ first: Int, _ second: Int, sizes: (first: Int, second: Int)) {
        let (factor, rest) = (second - first).quotientAndRemainder(dividingBy: sizes.second - sizes.first)
        let constant = first - factor * sizes.first
        guard rest == 0, factor >= 0, constant >= 0 else { return nil }
        self.factor = factor
        self.constant = constant
    }

    /// Whether it is the same for every batch.
    var isFixed: Bool { factor == 0 }

    var description: String {
        if isFixed { return "\(constant)" }
        let product = factor == 1 ? "batch" : "\(factor)*batch"
        return constant == 0 ? product : "\(product) + \(constant)"
    }
}
