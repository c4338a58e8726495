/// A small symmetric matrix whose eigenvalues are found in the plainest way.
struct SymmetricMatrix {
    var rows: [[Double]]

    /// By Jacobi's rotations, rising.
    var eigenvalues: [Double] {
        var a = rows
        let n = a.count
        for _ in 0..<60 {
            for p in 0..<n {
                for q in p + 1..<n where abs(a[p][q]) > 1e-300 {
                    let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
                    let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c = 1 / (t * t + 1).squareRoot(), s = t * c
                    for k in 0..<n { (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]) }
                    for k in 0..<n { (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]) }
                }
            }
        }
        return (0..<n).map { a[$0][$0] }.sorted()
    }
}
