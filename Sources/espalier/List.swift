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
        let kind = try PartKind(named: kind)
        let parts =
            Catalog.standard.parts(of: kind) + Doctor.parts(of: kind) + Search.parts(of: kind) + Lab.parts(of: kind)
        if common.json {
            try Console.result(json: .list(parts.map(\.configuration)))
        } else if parts.isEmpty {
            common.say("no \(kind.rawValue) yet\n")
        } else {
            try Console.result(PartListing.text(of: parts))
        }
    }
}
