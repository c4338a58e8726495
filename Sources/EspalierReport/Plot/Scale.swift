import Foundation

/// The map from values to pixels along one axis, and the values at which the axis is marked.
struct Scale: Sendable, Hashable {
    enum Kind: Sendable {
        case linear, logarithmic
    }

    var kind: Kind
    var domain: ClosedRange<Double>
    /// The pixels of the domain's ends; the first may be the larger one, as on a vertical axis.
    var start: Double
    var end: Double

    /// The pixel of `value`; values outside the domain lie outside the pixels, proportionally.
    func position(_ value: Double) -> Double {
        start + fraction(value) * (end - start)
    }

    private func fraction(_ value: Double) -> Double {
        switch kind {
        case .linear:
            // Halves: the width of the widest domain is more than a Double holds.
            return (value / 2 - domain.lowerBound / 2) / (domain.upperBound / 2 - domain.lowerBound / 2)
        case .logarithmic:
            let lower = log10(domain.lowerBound)
            // What a logarithm cannot show is drawn one domain below the axis, where the plot clips it.
            guard value > 0 else { return value.isNaN ? .nan : -1 }
            return (log10(value) - lower) / (log10(domain.upperBound) - lower)
        }
    }

    /// Round values within the domain, rising, about `count` of them.
    func ticks(about count: Int, whole: Bool = false) -> [Double] {
        switch kind {
        case .linear: Self.linearTicks(over: domain, about: count, whole: whole)
        case .logarithmic: Self.logarithmicTicks(over: domain, about: count)
        }
    }
}

extension Scale {
    /// A logarithmic domain where positive values span more than a decade, else a linear one; both end at round values.
    ///
    /// - Parameters:
    ///   - values: What the axis must show; values that are not finite do not count.
    ///   - anchoredAtZero: Whether a linear axis starts at zero.
    static func fitting(
        _ values: [Double], anchoredAtZero: Bool = false, allowsLogarithm: Bool = true
    ) -> (kind: Kind, domain: ClosedRange<Double>) {
        let finite = values.filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max() else { return (.linear, 0...1) }
        if allowsLogarithm, low > 0, high / low > 10 {
            return (.logarithmic, roundedOutward(low)...roundedOutward(high, up: true))
        }
        var lower = anchoredAtZero ? min(0, low) : low
        var upper = anchoredAtZero ? max(0, high) : high
        let isFlat = upper - lower <= abs(upper) * 1e-9
        if isFlat {
            let margin = upper == 0 ? 1 : abs(upper) * 0.5
            let greatest = Double.greatestFiniteMagnitude
            (lower, upper) = (
                anchoredAtZero && lower == 0 ? 0 : max(lower - margin, -greatest), min(upper + margin, greatest)
            )
        }
        let step = niceStep(over: upper / 4 - lower / 4)
        let rounded = ((lower / step).rounded(.down) * step, (upper / step).rounded(.up) * step)
        guard rounded.0.isFinite, rounded.1.isFinite, rounded.0 < rounded.1 else { return (.linear, lower...upper) }
        return (.linear, rounded.0...rounded.1)
    }

    /// A logarithmic domain around the positive ones of the values.
    static func logarithmic(_ values: [Double]) -> (kind: Kind, domain: ClosedRange<Double>) {
        let positive = values.filter { $0.isFinite && $0 > 0 }
        guard let low = positive.min(), let high = positive.max() else { return (.linear, 0...1) }
        let lower = roundedOutward(low), upper = roundedOutward(high, up: true)
        return (.logarithmic, lower < upper ? lower...upper : lower / 2...lower * 2)
    }

    /// The nearest of 1, 2 and 5 times a power of ten that is at least (or at most) `value`.
    static func roundedOutward(_ value: Double, up: Bool = false) -> Double {
        let decade = floor(log10(value))
        let candidates: [Double] = [-1.0, 0, 1].flatMap { offset in [1.0, 2, 5].map { $0 * power(decade + offset) } }
        // Rounding in log10 must not push a round value one mark outward.
        let tolerance = value * 1e-9
        let match =
            up
            ? candidates.filter { $0 >= value - tolerance && $0 >= .leastNormalMagnitude }.min()
            : candidates.filter { $0 <= value + tolerance && $0 >= .leastNormalMagnitude }.max()
        return match.map { $0.isFinite ? $0 : value } ?? value
    }

    /// The smallest of 1, 2 and 5 times a power of ten that is at least `raw`.
    static func niceStep(over raw: Double) -> Double {
        let magnitude = power(floor(log10(max(raw, .leastNormalMagnitude * 1e16))))
        let factor = [1.0, 2, 5, 10].first { $0 * magnitude >= raw * (1 - 1e-9) } ?? 10
        return factor * magnitude
    }

    private static func linearTicks(over domain: ClosedRange<Double>, about count: Int, whole: Bool) -> [Double] {
        let parts = Double(max(count, 1))
        var step = niceStep(over: domain.upperBound / parts - domain.lowerBound / parts)
        if whole { step = max(step.rounded(.up), 1) }
        let first = (domain.lowerBound / step - 1e-9).rounded(.up)
        let last = (domain.upperBound / step + 1e-9).rounded(.down)
        guard first <= last, last - first < 1000 else { return [] }
        // Adding zero turns -0 into 0.
        return stride(from: first, through: last, by: 1).map { $0 * step + 0 }
    }

    private static func logarithmicTicks(over domain: ClosedRange<Double>, about count: Int) -> [Double] {
        // Powers at the ends of what a number can be are zero or infinite.
        guard domain.lowerBound > 0, domain.upperBound.isFinite else { return [] }
        let decades = floor(log10(domain.lowerBound))...ceil(log10(domain.upperBound))
        let span = decades.upperBound - decades.lowerBound
        let width = log10(domain.upperBound / domain.lowerBound)
        let multiples: [Double] = width * 3 <= Double(count) + 2 ? [1, 2, 5] : [1]
        let skip = max(1, (span / Double(max(count, 1))).rounded(.up))
        let aligned = (decades.lowerBound / skip).rounded(.up) * skip
        let first = multiples.count > 1 ? decades.lowerBound : aligned
        let reach = domain.lowerBound * (1 - 1e-9)...domain.upperBound * (1 + 1e-9)
        let marks = stride(from: first, through: decades.upperBound, by: skip).map { decade in
            multiples.map { multiple in multiple * power(decade) }
        }
        return marks.joined().filter(reach.contains)
    }

    private static func power(_ exponent: Double) -> Double {
        // 10⁻³ as 1 / 10³ is the number that "0.001" reads as; pow(10, -3) may miss it by a bit.
        exponent < 0 ? 1 / pow(10, -exponent) : pow(10, exponent)
    }
}
