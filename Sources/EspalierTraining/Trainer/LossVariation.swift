/// How smooth the course of a loss is: the scatter of the losses of steps about their trend, over their mean.
///
///     variation = sqrt(mean of (l_(t+1) - l_t)^2 / 2) / mean of l_t
///
/// From one step to the next the trend hardly moves, so that differences of neighbours hold its scatter alone. It is the share
/// by which a step's loss typically lies off: of noise of batches, or of steps too large.
///
/// Source: von Neumann, Kent, Bellinson and Hart 1941, "The mean square successive difference".
struct LossVariation: Codable, Sendable {
    private var last: Double?
    private var squares = 0.0
    private var sum = 0.0
    private var count = 0

    mutating func note(_ loss: Double) {
        if let last { squares += (loss - last) * (loss - last) }
        last = loss
        sum += loss
        count += 1
    }

    /// Nothing of fewer than three losses, and of a loss that is not above zero on average.
    var value: Double? {
        guard count >= 3, sum > 0 else { return nil }
        return (squares / Double(2 * (count - 1))).squareRoot() / (sum / Double(count))
    }
}
