import ArgumentParser
import Espalier

/// `espalier report RUN…`
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Writes the report of each run folder anew.")

    @Argument(help: "Run folders.")
    var runs: [String]

    @OptionGroup var common: CommonOptions

    func run() throws {
        var reports: [ConfigurationValue] = []
        for run in runs {
            let report = try Report.write(folder: try RunFolder.opening(run).path)
            common.say("report: \(report)\n")
            reports.append(.string(report))
        }
        if common.json { common.printJSON(["reports": .list(reports)]) }
    }
}
