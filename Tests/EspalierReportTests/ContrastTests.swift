import Foundation
import Testing

@testable import EspalierReport

/// Whether text can be read by those who see little contrast, by the measure of the Web Content Accessibility Guidelines 2.2.
@Suite struct ContrastTests {
    private static let themes = ["light": colors(in: Theme.light), "dark": colors(in: Theme.dark)]

    /// The colours of a theme by their names, as shares of one.
    private static func colors(in text: String) -> [String: SIMD3<Double>] {
        var colors: [String: SIMD3<Double>] = [:]
        for match in text.matches(of: /--([a-z0-9]+):(#[0-9a-f]{6}|rgb\(\d+,\d+,\d+\));/) {
            let value = String(match.2)
            let parts =
                value.hasPrefix("#")
                ? stride(from: 1, to: 7, by: 2).map { Double(Int(value.dropFirst($0).prefix(2), radix: 16) ?? 0) }
                : value.dropFirst(4).dropLast().split(separator: ",").map { Double($0) ?? 0 }
            colors[String(match.1)] = SIMD3(parts[0], parts[1], parts[2]) / 255
        }
        return colors
    }

    /// From 1, the same colour, to 21, black on white.
    private func contrast(_ first: SIMD3<Double>, _ second: SIMD3<Double>) -> Double {
        let levels = [first, second].map { color in
            let linear = [color.x, color.y, color.z].map { $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4) }
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        }
        return (max(levels[0], levels[1]) + 0.05) / (min(levels[0], levels[1]) + 0.05)
    }

    @Test(arguments: ["light", "dark"]) func textCanBeRead(_ theme: String) throws {
        let colors = try #require(Self.themes[theme])
        let texts =
            ["ink", "muted", "train", "validation", "accent", "bad"] + (0..<ComparedRun.colors).map { "run\($0)" }
            + (0..<Theme.heatLevels).map { "depth\($0)" }
        var pairs = texts.flatMap { text in ["card", "page"].map { (text, $0) } }
        pairs += [("ink", "wash"), ("muted", "wash")]
        pairs += ["ink", "muted", "train", "validation"].map { ($0, "code") }
        // On the banner of a lost connection.
        pairs.append(("card", "bad"))
        // Counts in the cells of a confusion matrix.
        for kind in ["right", "wrong"] {
            pairs += (1...3).map { ("ink", "\(kind)\($0)") } + [("middle", "\(kind)4")]
            pairs += (5...6).map { ("inverse", "\(kind)\($0)") }
        }
        for (text, ground) in pairs {
            let ratio = contrast(try #require(colors[text]), try #require(colors[ground]))
            #expect(ratio >= 4.5, "\(theme): \(text) on \(ground) has \(ratio)")
        }
    }

    /// Runs are told apart by their colours, each from each.
    @Test(arguments: ["light", "dark"]) func runsDiffer(_ theme: String) throws {
        let colors = try #require(Self.themes[theme])
        let runs = try (0..<ComparedRun.colors).map { try #require(colors["run\($0)"]) }
        for (index, color) in runs.enumerated() {
            for other in runs[..<index] {
                let difference = color - other
                #expect((difference * difference).sum().squareRoot() > 0.12)
            }
        }
    }
}
