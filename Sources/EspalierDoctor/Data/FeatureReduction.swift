/// Fewer numbers that stand for those of a wide sample, so that distances between samples stay about what they are.
///
/// Images are averaged over squares, which keeps what they look like. Anything else goes, number by number, with a sign into
/// one of as many sums: inner products are kept on average (Weinberger et al. 2009, "Feature hashing for large scale
/// multitask learning").
struct FeatureReduction {
    /// The most numbers that are kept.
    static let limit = 256

    let width: Int
    /// For each number of a sample, which sum it is added to, and times what; nothing where all are kept.
    private let places: [(sum: Int, factor: Float)]?

    init(_ shape: [Int]) {
        let size = shape.reduce(1, *)
        guard size > Self.limit else {
            width = size
            places = nil
            return
        }
        if shape.count == 3, let square = Self.square(shape) {
            let rows = (shape[1] + square - 1) / square, columns = (shape[2] + square - 1) / square
            width = shape[0] * rows * columns
            places = (0..<size).map { index in
                let row = index / shape[2] % shape[1], column = index % shape[2]
                let channel = index / (shape[1] * shape[2])
                return ((channel * rows + row / square) * columns + column / square, 1 / Float(square * square))
            }
        } else {
            width = Self.limit
            places = (0..<size).map { index in
                let bits = UInt64(index).scattered
                return (Int(bits % UInt64(Self.limit)), bits >> 63 == 0 ? 1 : -1)
            }
        }
    }

    /// The side of the squares that leave few enough numbers; nothing where channels alone are too many.
    private static func square(_ shape: [Int]) -> Int? {
        guard shape[0] <= limit else { return nil }
        return (2...max(2, shape[1], shape[2])).first { side in
            shape[0] * ((shape[1] + side - 1) / side) * ((shape[2] + side - 1) / side) <= limit
        }
    }

    /// Adds what stands for `sample` at the end of `result`.
    func append(_ sample: ArraySlice<Float>, to result: inout [Float]) {
        guard let places else { return result.append(contentsOf: sample) }
        let start = result.count
        result.append(contentsOf: repeatElement(0, count: width))
        for (value, place) in zip(sample, places) { result[start + place.sum] += value * place.factor }
    }
}

extension UInt64 {
    /// Every bit depends on every bit (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
    fileprivate var scattered: UInt64 {
        var bits = self &+ 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }
}
