/// Moves label positions apart until neighbours are `gap` apart, changing their order nowhere and each as little as
/// the others allow; all stay within `bounds` where there is room.
func spread(_ positions: [Double], gap: Double, within bounds: ClosedRange<Double>) -> [Double] {
    let order = positions.indices.sorted { positions[$0] < positions[$1] }
    var placed = order.map { positions[$0] }
    for index in placed.indices {
        let lowest = index == 0 ? bounds.lowerBound : placed[index - 1] + gap
        placed[index] = max(placed[index], lowest)
    }
    for index in placed.indices.reversed() {
        let highest = index + 1 == placed.count ? bounds.upperBound : placed[index + 1] - gap
        placed[index] = min(placed[index], highest)
    }
    var result = positions
    for (rank, index) in order.enumerated() { result[index] = placed[rank] }
    return result
}

/// `text` with its middle replaced by an ellipsis where it is longer than `limit` characters.
func shortened(_ text: String, to limit: Int) -> String {
    guard text.count > limit, limit > 2 else { return text }
    let tail = (limit - 1) / 2
    return "\(text.prefix(limit - 1 - tail))…\(text.suffix(tail))"
}
