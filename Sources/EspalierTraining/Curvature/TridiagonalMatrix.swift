/// A symmetric matrix with nothing beside its diagonal and the two next to it.
struct TridiagonalMatrix {
    /// a_i.
    private(set) var diagonal: [Double] = []
    /// b_i, between a_i and a_(i + 1).
    private var beside: [Double] = []

    var count: Int { diagonal.count }

    /// Adds a row and a column.
    ///
    /// - Parameter link: What stands between the last diagonal element and this one; without meaning in the first.
    mutating func append(_ element: Double, link: Double) {
        if !diagonal.isEmpty { beside.append(link) }
        diagonal.append(element)
    }

    /// The smallest and the largest eigenvalue, to the last digits, by bisection with Sturm's sequence.
    ///
    /// Source: Golub and Van Loan 2013, "Matrix computations", section 8.4.1.
    var extremes: (smallest: Double, largest: Double) {
        let reach = diagonal.indices.map { index in
            (index > 0 ? abs(beside[index - 1]) : 0) + (index < beside.count ? abs(beside[index]) : 0)
        }
        // Gershgorin's circles hold all of them.
        let low = zip(diagonal, reach).map { $0 - $1 }.min() ?? .nan
        let high = zip(diagonal, reach).map { $0 + $1 }.max() ?? .nan
        guard low.isFinite, high.isFinite else { return (.nan, .nan) }
        return (
            bisected(low, high) { eigenvalues(below: $0) >= 1 }, bisected(low, high) { eigenvalues(below: $0) >= count }
        )
    }

    /// Where what `isReached` says changes from no to yes.
    private func bisected(_ low: Double, _ high: Double, _ isReached: (Double) -> Bool) -> Double {
        var low = low, high = high
        // A double has 53 binary digits.
        for _ in 0..<60 {
            let middle = low + (high - low) / 2
            if isReached(middle) { high = middle } else { low = middle }
        }
        return low + (high - low) / 2
    }

    /// How many there are: as many as the pivots of the matrix less x that are negative.
    private func eigenvalues(below x: Double) -> Int {
        var pivot = 1.0, negative = 0
        for index in diagonal.indices {
            let link = index > 0 ? beside[index - 1] : 0
            pivot = diagonal[index] - x - (link == 0 ? 0 : link * link / pivot)
            if pivot == 0 { pivot = -.leastNormalMagnitude }
            if pivot < 0 { negative += 1 }
        }
        return negative
    }
}
