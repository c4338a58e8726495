import ArgumentParser
import Espalier

/// `espalier list KIND`
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the parts of a kind that a configuration can name.",
        discussion: "Kinds: \(PartKind.allCases.map(\.rawValue).joined(separator: ", ")).")

    @Argument(help: "What to list.")
    var kind: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        let parts = Catalog.standard.parts(of: try PartKind(named: kind))
        if common.json {
            common.printJSON(.list(parts.map(\.configuration)))
            return
        }
        let width = parts.map(\.name.count).max() ?? 0
        for part in parts {
            print(part.name + String(repeating: " ", count: width - part.name.count) + "  " + part.summary)
            for setting in part.settings {
                let value = setting.defaultValue.map { "default \(JSON.write($0))" } ?? "required"
                print(String(repeating: " ", count: width + 4) + "\(setting.name): \(setting.summary) (\(value))")
            }
        }
        if parts.isEmpty { common.say("no \(kind) yet\n") }
    }
}
