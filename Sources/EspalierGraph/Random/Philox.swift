/// Philox 4x32-10: 128 random bits as a pure function of a counter and a key.
///
/// Every random draw of a training is f(key, counter), so it does not matter who draws it, when, or how often.
///
/// Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).
public enum Philox {
    /// The four words at `counter` under `key`.
    public static func block(
        counter: SIMD4<UInt32>, key: SIMD2<UInt32>
    ) -> SIMD4<UInt32> {
        var counter = counter, key = key
        for _ in 0..<10 {
            let first = UInt64(counter[0]) * 0xD251_1F53
            let second = UInt64(counter[2]) * 0xCD9E_8D57
            counter = SIMD4(
                UInt32(truncatingIfNeeded: second >> 32) ^ counter[1] ^ key[0],
                UInt32(truncatingIfNeeded: second),
                UInt32(truncatingIfNeeded: first >> 32) ^ counter[3] ^ key[1],
                UInt32(truncatingIfNeeded: first))
            key = SIMD2(key[0] &+ 0x9E37_79B9, key[1] &+ 0xBB67_AE85)
        }
        return counter
    }

    /// Word number `index` of the stream `stream` under `key`.
    public static func word(_ index: Int, stream: UInt32, key: SIMD2<UInt32>) -> UInt32 {
        let block = UInt64(index / 4)
        let counter = SIMD4(
            UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), stream, 0)
        return Self.block(counter: counter, key: key)[index % 4]
    }

    /// The number in [0, 1) that the upper 24 bits of `word` stand for.
    public static func uniform(_ word: UInt32) -> Float {
        Float(word >> 8) * 0x1p-24
    }
}

/// A random generator that is a pure function of a seed and a list of names, for use on the host.
///
/// `RandomStream(seed: 7, "shuffle", epoch)` gives the same numbers wherever and whenever it is made.
public struct RandomStream: RandomNumberGenerator, Sendable {
    private let key: SIMD2<UInt32>
    private var block: UInt64 = 0
    private var words = SIMD4<UInt32>()
    private var used = 4

    /// - Parameters:
    ///   - seed: The seed of the run.
    ///   - path: What the draws are for; each element splits the stream further.
    public init(seed: UInt64, _ path: (any CustomStringConvertible)...) {
        self.init(key: RandomKey(seed: seed, path.map(\.description)))
    }

    /// The numbers under `key`.
    public init(key: RandomKey) { self.key = key.words }

    public mutating func next() -> UInt64 {
        if used > 2 {
            words = Philox.block(
                counter: SIMD4(UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), 0, 1),
                key: key)
            block += 1
            used = 0
        }
        defer { used += 2 }
        return UInt64(words[used]) << 32 | UInt64(words[used + 1])
    }

    /// The next number, uniform in [0, 1).
    public mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// The next number from the standard normal distribution (Box and Muller 1958).
    public mutating func normal() -> Double {
        let radius = (-2 * logarithm(1 - uniform())).squareRoot()
        return radius * cosine(2 * .pi * uniform())
    }
}

/// A key for Philox, split by name.
public struct RandomKey: Hashable, Sendable {
    public var words: SIMD2<UInt32>

    /// The key of these words, such as one that was kept.
    public init(words: SIMD2<UInt32>) { self.words = words }

    /// The key of `seed`, split by each of `path` in turn.
    public init(seed: UInt64, _ path: [String] = []) {
        var state = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        for name in path {
            let hash = stableHash(name)
            let counter = SIMD4(
                UInt32(truncatingIfNeeded: hash), UInt32(truncatingIfNeeded: hash >> 32), UInt32(name.utf8.count),
                0x5EED)
            let block = Philox.block(counter: counter, key: state)
            state = SIMD2(block[0], block[1])
        }
        words = state
    }

    /// The key of `seed` for one step of a training.
    public init(seed: UInt64, step: Int) {
        let counter = SIMD4(
            UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: UInt64(step) >> 32), 0, 0x57E9)
        let key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        let block = Philox.block(counter: counter, key: key)
        words = SIMD2(block[0], block[1])
    }
}

extension RandomKey {
    /// The key as random functions of a tensor take it: int32, [2].
    public var tensor: Tensor { Tensor([Int32(bitPattern: words[0]), Int32(bitPattern: words[1])], [2]) }
}

/// A hash of `text` that is the same in every process (FNV-1a, 64 bits).
public func stableHash(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    return hash
}
