import EspalierSpec
import EspalierTraining
import Foundation

/// The experiments that a command line asks for, with their settings.
public struct LabSelection: Sendable {
    /// In the order in which they were asked for.
    public var experiments: [any LabExperiment]

    /// - Parameters:
    ///   - names: Which experiments; nothing for all.
    ///   - overrides: `key=value`, with the experiment's name and a point in front where there are several.
    /// - Throws: `EspalierError` for a name or a setting that is not known, and a value that is not accepted.
    public init(names: [String]?, overrides: [String] = []) throws {
        let registry = Registry<any LabExperiment>.labExperiments
        var names = names ?? registry.names
        names = names.enumerated().filter { index, name in !names[..<index].contains(name) }.map(\.element)
        for name in names where !registry.names.contains(name) {
            throw unknown("experiment", name, among: registry.names, at: nil)
        }
        var settings = ConfigurationNode(.map(names.map { .init(key: $0, value: ConfigurationNode(.null)) }))
        for argument in overrides {
            let key = argument.prefix { $0 != "." && $0 != "=" }
            let isNamed = names.contains(String(key))
            guard isNamed || names.count == 1 else {
                throw EspalierError(
                    "\"\(argument)\" does not say of which experiment", at: "--set",
                    expected: "the experiment's name in front", fix: "--set \(names[0]).\(argument)")
            }
            settings = try settings.applying(overrides: [isNamed ? argument : "\(names[0]).\(argument)"])
        }
        guard case .map(let entries) = settings.content else { preconditionFailure("a map stays one") }
        experiments = try entries.map { try registry.read(ConfigurationNode(.map([$0]))) }
    }
}

/// The folder of one or several experiments.
public struct LabFolder: Sendable {
    public let path: String
    private let names: [String]

    /// - Parameters:
    ///   - path: The folder; nothing for the next free one.
    ///   - names: Of the experiments.
    /// - Throws: `EspalierError` where it cannot be made, or holds a training's run.
    public init(_ path: String?, experiments names: [String]) throws {
        self.names = names
        let name = names.count == 1 ? "lab-\(names[0])" : "lab"
        self.path = try path.map { try RunFolder.taking($0).path } ?? RunFolder.next(named: name).path
    }

    /// Where an experiment's files go.
    public func path(of name: String) -> String { names.count == 1 ? path : "\(path)/\(name)" }

    /// The page to begin with.
    public var page: String { path + (names.count == 1 ? "/report.html" : "/index.html") }
}

extension LabRun {
    /// What was measured, for people to read: a line each.
    public var text: String {
        let width = result.measurements.map(\.name.count).max() ?? 0
        let lines = result.measurements.map { one in
            let name = one.name.padding(toLength: width, withPad: " ", startingAt: 0)
            let band = one.expected.map { " expected \($0.lowerBound.short) to \($0.upperBound.short)" } ?? ""
            let sign = one.isInside.map { $0 ? "" : "  OUTSIDE" } ?? ""
            return "  \(name)  \(one.measured.short)\(band)\(sign)\n"
        }
        return lines.joined() + result.notes.map { "  \($0)\n" }.joined() + "  \(seconds.short) s\n"
    }
}
