import ArgumentParser
import Espalier

/// `espalier train CONFIG|DATA`.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains a model and writes a run folder.",
        discussion: """
            Where the configuration has no model, one is chosen for the data and shown. The run folder holds the \
            complete configuration (config.yaml), what happened (events.jsonl, metrics.csv), the best weights \
            (best.safetensors), the outcome (summary.json) and a report (report.html).

            With --profile, or ESPALIER_PROFILE=1 in the environment, some of the steps are timed kernel by kernel: a \
            table is printed at the end, and the run folder holds it (profile.json) and a trace for chrome://tracing \
            or Perfetto (trace.json). What is trained is the same.

            Ctrl-C ends the training after the step at hand and keeps the best weights so far; pressed twice, it ends \
            at once.
            """)

    @Argument(
        help: "A configuration (.yaml), data (.csv, .npz, .npy, IDX, a folder of images), or a source's name (digits).")
    var input: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Overrides the configuration; may be repeated: --set training.epochs=10 --set model.2.dropout.p=0.5",
            valueName: "key.path=value"))
    var overrides: [String] = []

    @Option(help: ArgumentHelp("The run folder (default: the next free runs/NAME-N).", valueName: "folder"))
    var out: String?

    @Option(help: "What every random draw follows from; the same seed gives the same weights.")
    var seed: Int?

    @Flag(help: "Show what the time of a step is spent on, kernel by kernel.")
    var profile = false

    @OptionGroup var data: DataOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let overrides = self.overrides + (seed.map { ["training.seed=\($0)"] } ?? [])
        let experiment = try Experiment.read(input, overrides: overrides).rooted(at: data.root)
        if experiment.model == nil { common.say("no model is given: one is chosen for the data\n") }
        let interrupt = Interrupt()
        let profiler = profile || StepProfiler.isAskedFor ? StepProfiler() : nil
        let run = try TrainingRun(
            experiment,
            in: { try out.map(RunFolder.taking) ?? RunFolder.next(named: $0.name) },
            listeners: [interrupt, ProgressPrinter(isTerminal: common.isTerminal, write: common.say)],
            engine: engine.engine, profiler: profiler, shouldInterrupt: { interrupt.isAsked })
        if let train = run.summary.train { common.say("train: \(train)\n") }
        if let test = run.summary.test { common.say("test: \(test)\n") }
        if profiler != nil { try show(run.profile?.description ?? "profile: no step was taken that could be timed\n") }
        common.say("run: \(run.folder.path)\n")
        let report = try Report.write(folder: run.folder.path)
        common.say("report: \(report)\n")
        if common.json { try Console.result(json: description(of: run, report)) }
        if let failure = run.failure { throw Failure(reason: failure) }
    }

    /// The profile was asked for, so that `--quiet` does not keep it back.
    private func show(_ profile: String) throws {
        if common.json { common.say(profile) } else { try Console.result(profile) }
    }

    /// `summary.json` and where the run is.
    private func description(of run: TrainingRun, _ report: String) -> ConfigurationValue {
        guard case .map(let summary) = run.summary.configuration else { return run.summary.configuration }
        return .map([.init("run", .string(run.folder.path)), .init("report", .string(report))] + summary)
    }
}
