import ArgumentParser
import Espalier

/// `espalier list KIND`.
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists what a configuration can name, with its settings.",
        discussion: "Kinds: \(PartKind.allCases.map(\.rawValue).joined(separator: ", ")).")

    @Argument(help: "What to list, such as layers or optimizers.")
    var kind: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        let parts = Catalog.standard.parts(of: try PartKind(named: kind))
        if common.json {
            try Console.result(json: .list(parts.map(\.configuration)))
        } else if parts.isEmpty {
            common.say("no \(kind) yet\n")
        } else {
            try Console.result(Self.text(parts))
        }
    }

    private static func text(_ parts: [PartListing]) -> String {
        let width = parts.map(\.name.count).max() ?? 0
        let margin = String(repeating: " ", count: width + 4)
        var text = ""
        for part in parts {
            let space = String(repeating: " ", count: width - part.name.count + 2)
            text += part.name + space + part.summary + "\n"
            for setting in part.settings { text += margin + self.text(setting) + "\n" }
        }
        return text
    }

    private static func text(_ setting: PartListing.Setting) -> String {
        let value = setting.defaultValue.map { "default \(JSON.write($0))" } ?? "required"
        let notes = [setting.accepted, value].filter { !$0.isEmpty }.joined(separator: "; ")
        return "\(setting.name): \(setting.summary) (\(notes))"
    }
}
