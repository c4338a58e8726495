import EspalierSpec
import Foundation

// What a range test has seen, for people and for programs.
extension LearningRateRangeTest.Result {
    /// The smoothed loss over the rates as bars, and what follows.
    ///
    /// - Parameters:
    ///   - present: The rate that the configuration has.
    ///   - setting: The optimiser's name in the configuration.
    public func text(present: Double, setting: String) -> String {
        let losses = points.map(\.smoothed)
        guard let low = losses.min(), let high = losses.max() else { return "no step has a finite loss\n" }
        let rows = stride(from: 0, to: points.count, by: max(1, points.count / 24)).map { index in
            let point = points[index]
            let width = high > low ? Int(((point.smoothed - low) / (high - low) * 40).rounded()) : 0
            let rate = String(format: "%9.2e", point.rate), loss = String(format: "%10.4g", point.smoothed)
            return "\(rate)  \(loss)  \(String(repeating: "█", count: width))\n"
        }
        let head = "     rate        loss  (smoothed)\n"
        guard let suggestion else { return head + rows.joined() + "the loss falls at none of these rates\n" }
        var lines = [
            "falls most steeply at \(Self.rounded(steepest)); a tenth of where it is lowest is \(Self.rounded(beforeDivergence))",
            "begin with \(Self.rounded(suggestion)), now it is \(present.short): --set optimizer.\(setting).learningRate=\(Self.rounded(suggestion))",
        ]
        if points.count < 20 { lines.append("only \(points.count) steps were taken: a lower --from shows more") }
        return head + rows.joined() + lines.map { $0 + "\n" }.joined()
    }

    private static func rounded(_ rate: Double?) -> String { rate.map { String(format: "%.2g", $0) } ?? "no rate" }

    /// `{"suggestion": …, "steepest": …, "beforeDivergence": …, "points": [{"rate": …, "loss": …, "smoothed": …}]}`.
    public var configuration: ConfigurationValue {
        func number(_ value: Double?) -> ConfigurationValue { value.map { .number($0) } ?? .null }
        return [
            "suggestion": number(suggestion), "steepest": number(steepest),
            "beforeDivergence": number(beforeDivergence),
            "points": .list(
                points.map {
                    ["rate": .number($0.rate), "loss": .number($0.loss), "smoothed": .number($0.smoothed)]
                }),
        ]
    }
}
