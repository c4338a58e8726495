import Foundation

extension Measured {
    /// `0.012, from -0.003 to 0.027`.
    var words: String {
        value.digits + (interval.map { ", from \($0.lowerBound.digits) to \($0.upperBound.digits)" } ?? "")
    }

    /// `0.012 (-0.003 to 0.027)`.
    var brief: String {
        value.digits + (interval.map { " (\($0.lowerBound.digits) to \($0.upperBound.digits))" } ?? "")
    }

    /// `0.012 (-0.003 to 0.027) better`.
    var difference: String {
        let size = Measured(
            abs(value), interval.map { value < 0 ? -$0.upperBound ... -$0.lowerBound : $0 })
        return "\(size.brief) \(value < 0 ? "worse" : "better")"
    }
}

extension Double {
    /// Three places behind the point; of larger numbers three digits.
    var digits: String {
        guard isFinite else { return isNaN ? "NaN" : self > 0 ? "infinite" : "-infinite" }
        let places = magnitude < 10 ? 3 : magnitude < 100 ? 1 : 0
        let text = String(format: "%.\(places)f", self)
        // What rounds to nothing has no sign.
        return Double(text) == 0 ? String(text.drop { $0 == "-" }) : text
    }

    /// How many times: `twice`, `half`, `1/4`, `4 times`.
    var times: String {
        switch self {
        case 2: "twice"
        case 0.5: "half"
        case ..<1 where (1 / self) == (1 / self).rounded(): "1/\(Int(1 / self))"
        case _ where self == rounded() && self < 1e6: "\(Int(self)) times"
        default: "\(digits) times"
        }
    }
}
