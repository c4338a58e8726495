import ArgumentParser
import Espalier

/// `espalier report RUN…`.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Writes the report of each run folder anew, as report.html in it.",
        discussion: """
            Of several runs also a page that compares them: their results with intervals, their curves over each other, \
            the settings in which they differ, and what was found in each.
            """)

    @Argument(help: ArgumentHelp("Run folders.", valueName: "run"))
    var runs: [String]

    @Option(
        help: ArgumentHelp(
            "The file of the comparison (default: comparison.html in the folder that holds the first run).",
            valueName: "file"))
    var out: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard out != nil, runs.count < 2 else { return }
        throw ValidationError(
            "--out \(out ?? "") names the comparison of several runs; expected at least two runs, since the report of "
                + "one is always its own report.html")
    }

    func run() throws {
        let folders = try runs.map(RunFolder.opening)
        var reports: [ConfigurationValue] = []
        for folder in folders {
            let report = try Report.write(folder: folder.path)
            common.say("report: \(report)\n")
            reports.append(.string(report))
        }
        var result: [ConfigurationValue.Entry] = [.init("reports", .list(reports))]
        if folders.count > 1 {
            let comparison = try Report.compare(folders: folders.map(\.path), to: out)
            common.say("comparison: \(comparison)\n")
            result.append(.init("comparison", .string(comparison)))
        }
        if common.json { try Console.result(json: .map(result)) }
    }
}
