import EspalierGraph

/// The order in which samples are visited: a pure function of the seed and the epoch.
public enum DataOrder {
    /// Every number of `0..<count` once, each order equally likely (Fisher and Yates 1938; Durstenfeld 1964).
    ///
    /// Takes time and memory in proportion to `count`, and never depends on what was drawn before, so that a training
    /// that is resumed in the middle of an epoch sees the same order as one that never stopped.
    public static func permutation(count: Int, seed: UInt64, epoch: Int) -> [Int] {
        var random = RandomStream(seed: seed, "shuffle", epoch)
        return permutation(count: count, using: &random)
    }

    static func permutation(count: Int, using random: inout RandomStream) -> [Int] {
        var order = Array(0..<count)
        for last in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(last, random.index(below: last + 1))
        }
        return order
    }
}

extension RandomStream {
    /// Every number of `0..<count` once, each order equally likely.
    public mutating func permutation(of count: Int) -> [Int] { DataOrder.permutation(count: count, using: &self) }

    /// A number of `0..<bound`, each equally likely (Lemire 2019, "Fast random integer generation in an interval").
    ///
    /// The standard library's own choice of algorithm is free to change between versions of Swift; a training's data
    /// order is not.
    mutating func index(below bound: Int) -> Int {
        let bound = UInt64(bound)
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return Int(product.high)
    }
}
