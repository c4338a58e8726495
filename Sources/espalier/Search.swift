import ArgumentParser
import Espalier
import Foundation

/// `espalier search CONFIG`, and what shows, exports and continues a study.
struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Finds good values of settings by many trainings.",
        subcommands: [SearchRun.self, SearchShow.self, SearchBest.self, SearchExport.self],
        defaultSubcommand: SearchRun.self)
}

/// `espalier search CONFIG`.
struct SearchRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Carries out the trials of a configuration with the key search.",
        discussion: """
            Trials go on side by side, each on one thread. The study's folder holds all trials (study.sqlite), the \
            configuration of the best (best.yaml), all of it for other programs (study.json) and a report (report.html).

            Whatever ended a search, --resume STUDY goes on with it; no trial is lost, and none is made twice. Several \
            processes that go on with one study at the same time share its trials.
            """)

    @Argument(help: "A configuration (.yaml) with the key search.")
    var input: String?

    @Option(help: ArgumentHelp("Goes on with a study, beside others that do.", valueName: "study"))
    var resume: String?

    @Option(help: "How many trials there are to be (default: what the configuration says).")
    var trials: Int?

    @Option(help: "Trials side by side (default: what the configuration says, or one a processor).")
    var parallel: Int?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Overrides the configuration; may be repeated.", valueName: "key.path=value"))
    var overrides: [String] = []

    @Option(help: ArgumentHelp("The study's folder (default: the next free runs/NAME-search-N).", valueName: "folder"))
    var out: String?

    @Option(help: "What every random draw follows from.")
    var seed: Int?

    @OptionGroup var data: DataOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard input != nil || resume != nil else {
            throw ValidationError("search needs a configuration, or --resume STUDY")
        }
        guard resume == nil || out == nil else {
            throw ValidationError("--resume goes on in the study's own folder; expected no --out beside it")
        }
        guard resume == nil || input != nil || overrides.isEmpty && seed == nil && data.dataRoot == nil else {
            throw ValidationError(
                "--resume goes on with what the study's own config.yaml says; expected no --set, --seed or --data-root beside it"
            )
        }
        if let trials, !(1...1_000_000).contains(trials) {
            throw ValidationError("--trials is \(trials); expected a whole number from 1 to 1000000")
        }
        if let parallel, !(1...1024).contains(parallel) {
            throw ValidationError("--parallel is \(parallel); expected a whole number from 1 to 1024")
        }
    }

    func run() throws {
        let study = try open()
        let interrupt = Interrupt()
        interrupt.listen()
        let total = try study.count
        common.say("study: \(study.folder)\n\(study.summaryLine(of: total))\n")
        let common = common
        let isDone = try study.run(
            parallel: parallel, ended: { common.say($0.line(study.search.objective) + "\n") },
            shouldInterrupt: { interrupt.isAsked })
        try SearchOutput(study).show(common)
        guard isDone else {
            throw Failure(
                reason: EspalierError(
                    "the search was interrupted: \(study.folder) has what was found",
                    fix: "espalier search --resume \(study.folder.shellWord)"))
        }
    }

    private func open() throws -> Study {
        let changes =
            overrides + (seed.map { ["training.seed=\($0)", "search.seed=\($0)"] } ?? [])
            + (trials.map { ["search.trials=\($0)"] } ?? [])
        let search = try input.map { try Search.read($0, overrides: changes, root: data.root) }
        if let resume { return try Study(opening: resume, of: search, trials: trials) }
        guard let search else { throw ValidationError("search needs a configuration") }
        return try Study(creating: search, in: Study.folder(for: search, at: out))
    }
}

/// `espalier search show STUDY`.
struct SearchShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows how a study stands, and writes its study.json, best.yaml and report anew."
    )

    @Argument(help: "The folder of a study.")
    var study: String

    @OptionGroup var common: CommonOptions

    func run() throws {
        let study = try Study(opening: study)
        try study.writeFiles()
        try SearchOutput(study).show(common)
    }
}

/// `espalier search best STUDY`.
struct SearchBest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "best",
        abstract: "Writes the configuration of the best trial, which trains again to the same value.")

    @Argument(help: "The folder of a study.")
    var study: String

    @Option(help: ArgumentHelp("Where to write it (default: standard output).", valueName: "file"))
    var out: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let study = try Study(opening: study)
        guard let best = try study.trials().best(study.search.objective) else {
            throw Failure(reason: EspalierError("no trial is completed yet", at: study.folder))
        }
        let experiment = try study.search.experiment(at: best.coordinates)
        if common.json { return try Console.result(json: experiment.configuration) }
        guard let out else { return try Console.result(experiment.yaml) }
        try AtomicFile.write(experiment.yaml, to: out)
        common.say("trial \(best.number): \(study.search.objective.text(best.value))\nconfiguration: \(out)\n")
    }
}

/// `espalier search export STUDY`.
struct SearchExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes all trials as a table or as JSON.")

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case csv, json
    }

    @Argument(help: "The folder of a study.")
    var study: String

    @Option(help: "csv or json.")
    var format = Format.csv

    @Option(help: ArgumentHelp("Where to write it (default: standard output).", valueName: "file"))
    var out: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let study = try Study(opening: study)
        let trials = try study.trials()
        let text =
            common.json || format == .json
            ? JSON.write(try study.record(of: trials), pretty: true) + "\n" : study.csv(of: trials)
        guard let out else { return try Console.result(text) }
        try AtomicFile.write(text, to: out)
        common.say("\(trials.count) trials: \(out)\n")
    }
}

/// The end of a search, for people or as JSON.
private struct SearchOutput {
    let study: Study

    init(_ study: Study) { self.study = study }

    func show(_ common: CommonOptions) throws {
        let report = try StudyReport.write(folder: study.folder)
        let trials = try study.trials()
        common.say(try study.text(of: trials))
        common.say("report: \(report)\n")
        guard common.json, case .map(let entries) = try study.record(of: trials) else { return }
        try Console.result(
            json: .map([.init("study", .string(study.folder)), .init("report", .string(report))] + entries))
    }
}
