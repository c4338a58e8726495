import EspalierSpec
import Foundation

extension StudyRecord {
    /// A setting that was searched, and how an axis of it is marked.
    struct Parameter: Sendable {
        var path: String
        private var range: Range

        private enum Range: Sendable {
            case numbers(low: Double, high: Double, isLogarithmic: Bool, isWhole: Bool)
            case choice([String])
        }

        /// `learningRate` of `optimizer.adam.learningRate`; with what is before it where that is a number.
        var shortName: String {
            let keys = path.split(separator: ".").map(String.init)
            guard let last = keys.last else { return path }
            let layer = keys.dropLast().last { Int($0) != nil }
            return layer.map { "\(last) (\($0))" } ?? last
        }

        /// Labels and their places between 0 and 1, about so many.
        func ticks(about count: Int) -> [(place: Double, label: String)] {
            switch range {
            case .choice(let values):
                return values.enumerated().map { index, value in
                    ((Double(index) + 0.5) / Double(values.count), value)
                }
            case .numbers(let low, let high, let isLogarithmic, let isWhole):
                let margin = isWhole ? 0.5 : 0
                let scale = Scale(
                    kind: isLogarithmic ? .logarithmic : .linear, domain: low - margin...high + margin, start: 0, end: 1
                )
                let inside = scale.ticks(about: count, whole: isWhole && !isLogarithmic).filter {
                    $0 >= low && $0 <= high
                }
                let values = inside.count < 2 ? [low, high] : inside
                let labels = Format.ticks(values, style: .number, kind: isLogarithmic ? .logarithmic : .linear)
                return zip(values, labels).map { (scale.position($0), $1) }
            }
        }
    }
}

extension StudyRecord.Parameter {
    init(_ value: ConfigurationValue, at place: String) throws {
        let fields = Fields(value, at: place)
        try fields.requireMap()
        guard let path = try fields.text("path"), case .map(let entries)? = fields["range"], entries.count == 1,
            case .list(let values) = entries[0].value, !values.isEmpty
        else {
            throw fields.error("range", expected: "a path and its range, as a search writes them")
        }
        self.path = path
        let kind = entries[0].key
        if kind == "choice" {
            range = .choice(
                values.map { value in if case .string(let text) = value { text } else { YAML.writeLine(value) } })
            return
        }
        let isLogarithmic = kind.hasPrefix("log"), isWhole = kind.lowercased().contains("integer")
        guard values.count == 2, let low = values[0].doubleValue, let high = values[1].doubleValue, low < high,
            (high - low).isFinite, !isLogarithmic || low > (isWhole ? 0.5 : 0), abs(low) < 1e300, abs(high) < 1e300
        else {
            throw fields.error("range", expected: "a lower and a higher end")
        }
        range = .numbers(low: low, high: high, isLogarithmic: isLogarithmic, isWhole: isWhole)
    }
}
