import Foundation

/// What a page shows of a command's output, and whether a command prints just that.
///
/// Lines are compared word by word, and only this may differ:
///
/// - a time: the number before ` s`;
/// - the machine's threads: the number before ` threads`;
/// - digits that other vector instructions round otherwise: a number with a decimal point agrees within one percent, or
///   half a thousandth;
/// - how many spaces there are between two words, but not before the first.
///
/// What depends on the folder is the reader's business: `home` is put in its place by who calls.
struct ShownOutput {
    static let tolerance = 0.01
    static let nothing = 0.0005
    static let leftOut = "…"

    /// The runs of lines between `…`.
    private let parts: [[String]]

    init(_ lines: [String]) {
        parts = lines.split(separator: Self.leftOut, omittingEmptySubsequences: false).map(Array.init)
    }

    /// The first shown line that the output does not have, with the line in its place; nothing where all is as shown.
    func difference(from output: [String]) -> (shown: String, printed: String)? {
        var position = 0
        for (number, part) in parts.enumerated() {
            let isFirst = number == 0, isLast = number == parts.count - 1
            if part.isEmpty, !(isFirst && isLast) { continue }
            let start: Int
            if isFirst {
                start = 0
            } else if isLast {
                start = max(position, output.count - part.count)
            } else {
                start = Self.start(of: part, in: output, from: position)
            }
            for (offset, line) in part.enumerated() {
                let printed = start + offset < output.count ? output[start + offset] : nil
                guard let printed, Self.agree(line, printed) else { return (line, printed ?? "(nothing)") }
            }
            position = start + part.count
        }
        let isWhole = parts.last?.isEmpty == false || parts.count == 1
        return isWhole && position < output.count ? ("(nothing)", output[position]) : nil
    }

    /// Where a part between two `…` lies: from the first line that is its first.
    private static func start(of part: [String], in output: [String], from position: Int) -> Int {
        output.indices.dropFirst(position).first { agree(part[0], output[$0]) }
            ?? output.indices.dropFirst(position).first { pattern(part[0]) == pattern(output[$0]) } ?? position
    }

    /// The output with the lines left out that the page leaves out; all of it where these cannot be found.
    func shortened(_ output: [String]) -> [String] {
        guard parts.count > 1, parts.contains(where: { !$0.isEmpty }) else { return output }
        var result: [String] = [], position = 0
        for (number, part) in parts.enumerated() {
            if number > 0 { result.append(Self.leftOut) }
            guard !part.isEmpty else { continue }
            let start =
                number == 0
                ? 0
                : number == parts.count - 1
                    ? max(position, output.count - part.count) : Self.start(of: part, in: output, from: position)
            result += output[min(start, output.count)..<min(start + part.count, output.count)]
            position = start + part.count
        }
        return result
    }

    static func agree(_ shown: String, _ printed: String) -> Bool {
        let words = (shown.words, printed.words)
        guard shown.prefix(while: { $0 == " " }) == printed.prefix(while: { $0 == " " }),
            words.0.count == words.1.count
        else { return false }
        return words.0.indices.allSatisfy { index in
            let next = index + 1 < words.0.count ? words.0[index + 1] : ""
            if ["s", "s,"].contains(next) || next == "threads" {
                return Double(words.0[index]) != nil && Double(words.1[index]) != nil
            }
            return agree(word: words.0[index], words.1[index])
        }
    }

    /// Whether two words are the same, but for the last digits of a number with a point.
    private static func agree(word first: Substring, _ second: Substring) -> Bool {
        if first == second { return true }
        let numbers = (numbers(in: first), numbers(in: second))
        guard pattern(first) == pattern(second), numbers.0.count == numbers.1.count else { return false }
        return zip(numbers.0, numbers.1).allSatisfy { first, second in
            guard first != second else { return true }
            guard first.contains(where: { ".e".contains($0) }), let x = Double(first), let y = Double(second) else {
                return false
            }
            return abs(x - y) <= max(nothing, tolerance * max(abs(x), abs(y)))
        }
    }

    private nonisolated(unsafe) static let number = /-?\d+(?:\.\d+)?(?:e-?\d+)?/

    private static func numbers(in word: Substring) -> [Substring] { word.matches(of: number).map(\.output) }

    /// A text without its numbers.
    private static func pattern(_ text: some StringProtocol) -> String { String(text).replacing(number, with: "#") }
}

extension String {
    fileprivate var words: [Substring] { split(separator: " ") }
}
