import EspalierSpec
import EspalierTraining
import Foundation

// A diagnosis for people.
extension Diagnosis {
    /// What was found and what to try, in lines of at most 100 characters but for what is to be copied; `healthy` where
    /// nothing matters.
    ///
    /// - Parameter configuration: That of the training, with everything decided; with it, a remedy's change is told as
    ///   the shortest `--set` that make it.
    public func text(for configuration: ConfigurationValue? = nil) -> String {
        let parts = findings.map { $0.text(for: configuration) }
        return (parts + [verdict + "\n"]).joined(separator: "\n")
    }

    /// `1 error: vanishingGradient`: the verdict with the symptoms that matter.
    public var summary: String {
        let symptoms = findings.filter { $0.severity > .info }.map(\.symptom.rawValue)
        return symptoms.isEmpty ? verdict : "\(verdict): \(symptoms.joined(separator: ", "))"
    }

    /// `healthy`, or `1 error, 2 warnings`.
    public var verdict: String {
        let counts = [Finding.Severity.error, .warning].compactMap { severity -> String? in
            let count = findings.count { $0.severity == severity }
            return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
        }
        return counts.isEmpty ? "healthy" : counts.joined(separator: ", ")
    }
}

extension Finding {
    /// Severity, symptom and place; then what it is, what was measured, what follows from it, and what would help.
    public func text(for configuration: ConfigurationValue? = nil) -> String {
        let place = location.map { ", at \($0)" } ?? "", when = step.map { $0 > 0 ? ", step \($0)" : "" } ?? ""
        var lines = ["\(severity.rawValue): \(symptom.rawValue)\(place)\(when)"]
        lines += explanation.wrapped(indent: 4)
        let numbers = evidence.map { "\($0.name) \($0.value.brief)" }.joined(separator: ", ")
        if !numbers.isEmpty { lines += "measured: \(numbers)".wrapped(indent: 4) }
        if !consequences.isEmpty {
            let effects = consequences.map(\.rawValue).joined(separator: ", ")
            lines += "which also explains: \(effects)".wrapped(indent: 4)
        }
        if !remedies.isEmpty { lines.append("    what would help, the likeliest first:") }
        lines += remedies.flatMap { $0.lines(for: configuration) }
        return lines.map { $0 + "\n" }.joined()
    }
}

extension Finding.Proposal {
    /// The name and the reason, then what sets it.
    fileprivate func lines(for configuration: ConfigurationValue?) -> [String] {
        let settings = settings.isEmpty ? "" : " \(YAML.writeLine(settings))"
        let head = "\(name)\(settings): \(why)".wrapped(indent: 8, first: "      - ")
        return change == .null ? head : head + change.settingLines(for: configuration).map { "        " + $0 }
    }
}

extension ConfigurationValue {
    /// What makes this change to `configuration`: a line of `--set`, or YAML where that is easier to read.
    fileprivate func settingLines(for configuration: ConfigurationValue?) -> [String] {
        let line = assignments(to: configuration).map { path, value in
            "--set \("\(path)=\(YAML.writeLine(value))".shellWord)"
        }.joined(separator: " ")
        guard line.count > 160 else { return [line] }
        let lines = YAML.write(self).split(separator: "\n").map(String.init)
        guard lines.count > Self.mostLines else { return lines }
        let shown = Self.mostLines - 1
        return lines.prefix(shown) + ["… \(lines.count - shown) more lines: see --json"]
    }

    /// Of a change that is longer only the beginning is told.
    private static let mostLines = 10

    /// The values in this part of a configuration that differ from those of `whole`, by their dotted paths.
    ///
    /// What `whole` has under another name, or in another number, is replaced as one value.
    func assignments(to whole: ConfigurationValue?, at path: String = "") -> [(path: String, value: ConfigurationValue)]
    {
        func below(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
        switch (self, whole) {
        case (_, let whole?) where self == whole: return []
        case (.map(let entries), .map(let known)?)
        where entries.allSatisfy { entry in known.contains { $0.key == entry.key } }:
            return entries.flatMap { $0.value.assignments(to: whole?[$0.key], at: below($0.key)) }
        case (.map(let entries), _) where path.isEmpty:
            return entries.flatMap { $0.value.assignments(to: nil, at: $0.key) }
        case (.list(let items), .list(let known)?) where items.count == known.count && !path.isEmpty:
            return items.indices.flatMap { items[$0].assignments(to: known[$0], at: below(String($0))) }
        default: return [(path, self)]
        }
    }

    fileprivate var isEmpty: Bool {
        switch self {
        case .map(let entries): entries.isEmpty
        case .null: true
        default: false
        }
    }
}

extension Double {
    /// Up to four significant digits.
    var brief: String { isFinite ? String(format: "%.4g", self) : short }
}

extension String {
    /// The words in lines of at most `width` characters, each begun with `indent` spaces, the first with `first` instead.
    func wrapped(indent: Int, first: String? = nil, width: Int = 100) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = [], line = first ?? margin, isBegun = false
        for word in split(whereSeparator: \.isWhitespace) {
            if isBegun, line.count + 1 + word.count > width {
                lines.append(line)
                (line, isBegun) = (margin, false)
            }
            line += (isBegun ? " " : "") + word
            isBegun = true
        }
        return isBegun ? lines + [line] : lines
    }
}
