/// From the coefficients of a block of 8 x 8 to its samples.
///
/// The inverse discrete cosine transform by Loeffler, Ligtenberg and Moschytz (1989, "Practical fast 1-D DCT algorithms with
/// 11 multiplications") in whole numbers of 13 bits after the point, columns first, as libjpeg's accurate one: the same
/// roundings in the same places, so the same samples.
struct JPEGTransform {
    private typealias Vector = SIMD8<Int32>

    private let steps: [Vector]

    /// - Parameter steps: 64 steps of quantisation, row by row.
    init(steps: [Int32]) {
        self.steps = (0..<8).map { row in Vector(steps[(8 * row)..<(8 * row + 8)]) }
    }

    /// Writes the samples of the block whose coefficients begin at `start`, rows `stride` apart.
    func write(_ coefficients: [Int16], from start: Int, to samples: inout [UInt8], at place: Int, stride: Int) {
        var rows = [8 of Vector](repeating: .zero)
        var isFlat: Int16 = 0
        for row in 0..<8 {
            var values = Vector.zero
            for column in 0..<8 {
                let value = coefficients[start + 8 * row + column]
                values[column] = Int32(value)
                if row + column > 0 { isFlat |= value }
            }
            rows[row] = values &* steps[row]
        }
        if isFlat == 0 {
            // The mean alone, as both passes would round it.
            let mean = Self.sample(((rows[0][0] &<< 2) &+ 16) &>> 5)
            for row in 0..<8 {
                for column in 0..<8 { samples[place + row * stride + column] = mean }
            }
            return
        }
        Self.pass(&rows, shift: 11)
        Self.transpose(&rows)
        Self.pass(&rows, shift: 18)
        // Columns lie in vectors now.
        for row in 0..<8 {
            for column in 0..<8 { samples[place + row * stride + column] = Self.sample(rows[column][row]) }
        }
    }

    @inline(__always)
    private static func sample(_ value: Int32) -> UInt8 { UInt8(max(0, min(255, value &+ 128))) }

    @inline(__always)
    private static func transpose(_ rows: inout [8 of Vector]) {
        let before = rows
        for row in 0..<8 {
            for column in 0..<8 { rows[row][column] = before[column][row] }
        }
    }

    /// A cosine or a sum of some, times 2^13.
    @inline(__always)
    private static func fixed(_ value: Double) -> Int32 { Int32(value * 8192 + 0.5) }

    /// Transforms eight signals at once; element k of each is in vector k.
    @inline(__always)
    private static func pass(_ x: inout [8 of Vector], shift: Int32) {
        // Even part.
        let turned = (x[2] &+ x[6]) &* fixed(0.541196100)
        let second = turned &- x[6] &* fixed(1.847759065), third = turned &+ x[2] &* fixed(0.765366865)
        let sum = (x[0] &+ x[4]) &<< 13, difference = (x[0] &- x[4]) &<< 13
        let even = (sum &+ third, difference &+ second, difference &- second, sum &- third)
        // Odd part.
        let (a, b, c, d) = (x[7], x[5], x[3], x[1])
        let both = (a &+ c &+ b &+ d) &* fixed(1.175875602)
        let ad = (a &+ d) &* fixed(0.899976223), bc = (b &+ c) &* fixed(2.562915447)
        let ac = both &- (a &+ c) &* fixed(1.961570560), bd = both &- (b &+ d) &* fixed(0.390180644)
        let odd = (
            d &* fixed(1.501321110) &- ad &+ bd, c &* fixed(3.072711026) &- bc &+ ac,
            b &* fixed(2.053119869) &- bc &+ bd, a &* fixed(0.298631336) &- ad &+ ac
        )
        let half: Int32 = 1 &<< (shift &- 1)
        func rounded(_ value: Vector) -> Vector { (value &+ half) &>> shift }
        x[0] = rounded(even.0 &+ odd.0)
        x[7] = rounded(even.0 &- odd.0)
        x[1] = rounded(even.1 &+ odd.1)
        x[6] = rounded(even.1 &- odd.1)
        x[2] = rounded(even.2 &+ odd.2)
        x[5] = rounded(even.2 &- odd.2)
        x[3] = rounded(even.3 &+ odd.3)
        x[4] = rounded(even.3 &- odd.3)
    }
}
