import ArgumentParser
import Espalier

/// `espalier lab list` and `espalier lab run NAME…`.
struct LabCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab", abstract: "Carries out the textbooks' experiments, and compares with what they state.",
        subcommands: [ListExperiments.self, RunExperiments.self])

    struct ListExperiments: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists the experiments with their settings.")

        @OptionGroup var common: CommonOptions

        func run() throws {
            let parts = Lab.parts(of: .experiments)
            if common.json {
                try Console.result(json: .list(parts.map(\.configuration)))
            } else {
                try Console.result(PartListing.text(of: parts))
            }
        }
    }

    struct RunExperiments: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: "Carries experiments out and writes a page for each.",
            discussion: """
                The folder holds lab.json and report.html; of several experiments, a folder for each and index.html. \
                MNIST and Fashion-MNIST are read from mnist/ and fashion/ in the data root; where they are missing, the \
                built-in digits stand in, and expected values do not apply.
                """)

        @Argument(help: ArgumentHelp("Experiments, as `espalier lab list` names them.", valueName: "name"))
        var names: [String] = []

        @Flag(help: "All experiments.")
        var all = false

        @Option(
            name: .customLong("set"),
            help: ArgumentHelp(
                "Sets something of an experiment, with its name in front where there are several; may be repeated.",
                valueName: "key=value"))
        var overrides: [String] = []

        @Option(help: ArgumentHelp("The folder (default: the next free runs/lab-N).", valueName: "folder"))
        var out: String?

        @OptionGroup var data: DataOptions
        @OptionGroup var engine: EngineOptions
        @OptionGroup var common: CommonOptions

        func validate() throws {
            guard names.isEmpty != all else { return }
            throw ValidationError(
                all
                    ? "--all and names; expected one of the two"
                    : "no experiment; expected names, as `espalier lab list` has them, or --all")
        }

        func run() throws {
            let experiments = try LabSelection(names: all ? nil : names, overrides: overrides).experiments
            let folder = try LabFolder(out, experiments: experiments.map { type(of: $0).name })
            var lab = Lab(dataRoot: data.root, say: { common.say($0 + "\n") })
            lab.workers = engine.threads ?? lab.workers
            var runs: [LabRun] = [], failures: [EspalierError] = []
            for experiment in experiments {
                let name = type(of: experiment).name
                common.say("\(name): \(type(of: experiment).summary)\n")
                do {
                    let run = try lab.run(experiment)
                    try run.write(to: folder.path(of: name))
                    try Report.writeLab(folder: folder.path(of: name))
                    common.say(run.text)
                    runs.append(run)
                } catch let error as EspalierError where experiments.count > 1 {
                    // An hour's work is not lost because one of the files that it needs is damaged.
                    common.say("  failed: \(error)\n")
                    failures.append(error.located(at: name))
                }
            }
            let names = runs.map { type(of: $0.experiment).name }
            if experiments.count > 1, !runs.isEmpty { try Report.writeLabIndex(folder: folder.path, of: names) }
            common.say("lab: \(folder.path)\nreport: \(folder.page)\n")
            if common.json { try Console.result(json: .list(runs.map(\.configuration))) }
            if let first = failures.first { throw Failure(reason: first) }
        }
    }
}
