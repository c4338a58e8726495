import ArgumentParser
import Espalier

/// `espalier report RUN…`.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Writes the report of each run folder anew, as report.html in it.")

    @Argument(help: ArgumentHelp("Run folders.", valueName: "run"))
    var runs: [String]

    @OptionGroup var common: CommonOptions

    func run() throws {
        let folders = try runs.map(RunFolder.opening)
        var reports: [ConfigurationValue] = []
        for folder in folders {
            let report = try Report.write(folder: folder.path)
            common.say("report: \(report)\n")
            reports.append(.string(report))
        }
        if common.json { try Console.result(json: ["reports": .list(reports)]) }
    }
}
