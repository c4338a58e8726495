/// At most a few points for each of `buckets` equal stretches of x, such that the drawn line looks the same.
///
/// Each stretch keeps its first, lowest, highest and last point, and its first value that is not finite, so that no
/// spike and no gap is lost. Points must rise in x. O(points).
///
/// Source: Jugel, Jerzak, Hackenbroich and Markl, "M4: a visualization-oriented time series data aggregation" (2014).
func downsampled(_ points: [Point], into buckets: Int) -> [Point] {
    guard let first = points.first, let last = points.last, points.count > 5 * buckets, buckets > 0, first.x < last.x
    else { return points }
    var kept: [Point] = []
    var bucketStart = 0
    func bucket(_ index: Int) -> Int {
        min(Int((points[index].x - first.x) / (last.x - first.x) * Double(buckets)), buckets - 1)
    }
    for index in points.indices where index + 1 == points.count || bucket(index + 1) != bucket(index) {
        kept += representatives(of: points[bucketStart...index])
        bucketStart = index + 1
    }
    return kept
}

private func representatives(of points: ArraySlice<Point>) -> [Point] {
    let finite = points.indices.filter { points[$0].y.isFinite }
    let chosen: Set<Int?> = [
        finite.first, finite.last,
        finite.min { points[$0].y < points[$1].y }, finite.max { points[$0].y < points[$1].y },
        points.firstIndex { !$0.y.isFinite },
    ]
    return chosen.compactMap { $0 }.sorted().map { points[$0] }
}

/// Every k-th of `count` positions with the smallest k that leaves at most `limit`, the last position always among them.
func thinned(_ count: Int, to limit: Int) -> [Int] {
    guard count > limit, limit > 1 else { return Array(0..<max(count, 0)) }
    let stride = (count + limit - 2) / (limit - 1)
    let positions = Array(Swift.stride(from: 0, to: count - 1, by: stride))
    return positions + [count - 1]
}
