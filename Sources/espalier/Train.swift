import ArgumentParser
import Espalier
import Foundation

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

            Ctrl-C ends the training after the step at hand, saves where it is and keeps the best weights so far; \
            pressed twice, it ends at once. Whatever ended a run, --resume RUN goes on with it from its last \
            checkpoint, to the same weights as if nothing had happened.
            """)

    @Argument(
        help: "A configuration (.yaml), data (.csv, .npz, .npy, IDX, a folder of images), or a source's name (digits).")
    var input: String?

    @Option(help: ArgumentHelp("Goes on with a run that was interrupted or killed.", valueName: "run"))
    var resume: String?

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

    @Option(
        help: ArgumentHelp(
            "Cross-validate: train on each of so many folds, into folders of their own.", valueName: "count"))
    var folds: Int?

    func validate() throws {
        guard let resume else {
            guard input == nil else { return }
            throw ValidationError("train needs a configuration, data or the name of a source, or --resume RUN")
        }
        guard input == nil, overrides.isEmpty, out == nil, seed == nil, data.dataRoot == nil else {
            throw ValidationError(
                "--resume \(resume) goes on with what the run's own config.yaml says; expected no configuration, --set, "
                    + "--out, --seed or --data-root beside it")
        }
    }

    func run() throws {
        if let resume {
            let folder = try RunFolder.resuming(resume)
            if let status = TrainingRun.outcome(of: folder) { return try show(folder, endedBy: status) }
            try end(
                with: carryOut { listeners, profiler, isAsked in
                    try TrainingRun(
                        resuming: folder, listeners: listeners, attendant: Doctor(), engine: engine.engine,
                        profiler: profiler,
                        shouldInterrupt: isAsked)
                })
        } else if let input {
            let overrides = self.overrides + (seed.map { ["training.seed=\($0)"] } ?? [])
            let experiment = try Experiment.read(input, overrides: overrides).rooted(at: data.root)
            if experiment.model == nil { common.say("no model is given: one is chosen for the data\n") }
            if let folds { return try crossValidate(experiment, folds) }
            try end(with: train(experiment) { try folder(for: $0) })
        }
    }

    private func folder(for experiment: Experiment) throws -> RunFolder {
        try out.map(RunFolder.taking) ?? RunFolder.next(named: experiment.name)
    }

    private func train(
        _ experiment: Experiment, in folder: (Experiment) throws -> RunFolder
    ) throws -> (TrainingRun, report: String) {
        try carryOut { listeners, profiler, isAsked in
            try TrainingRun(
                experiment, in: folder, listeners: listeners, attendant: Doctor(), engine: engine.engine,
                profiler: profiler,
                shouldInterrupt: isAsked)
        }
    }

    private func crossValidate(_ experiment: Experiment, _ folds: Int) throws {
        // What is wrong with the data or the configuration shows before a folder is made.
        let prepared = try experiment.prepare()
        let parent = try folder(for: prepared.experiment)
        var failure: EspalierError?
        let validation = try CrossValidation(experiment, folds: folds, in: parent.path) { fold, folder in
            common.say("--- fold \(fold.data.split.fold?.number ?? 0) of \(folds)\n")
            let (run, _) = try train(fold) { _ in folder }
            failure = run.failure
            return run.summary
        }
        if let failure { throw Failure(reason: failure) }
        common.say(
            "--- \(folds) folds, mean ± standard deviation\n\(validation.text)cross-validation: \(parent.path)\n")
        if common.json { try Console.result(json: validation.configuration) }
    }

    /// There is nothing left to do for a run that has ended.
    private func show(_ folder: RunFolder, endedBy status: TrainingResult.Status) throws {
        common.say("\(folder.path) is \(status == .completed ? "completed" : "stopped early") already\n")
        let report = try Report.write(folder: folder.path)
        common.say("report: \(report)\n")
        guard common.json else { return }
        let summary = try JSON.parse(Array(String(contentsOfFile: folder.summary, encoding: .utf8).utf8)[...])
        try Console.result(json: description(of: summary, in: folder, report))
    }

    /// Trains, shows how it went, and writes the report.
    private func carryOut(
        _ train: ([any TrainingListener], StepProfiler?, @escaping () -> Bool) throws -> TrainingRun
    ) throws -> (TrainingRun, report: String) {
        let interrupt = Interrupt()
        let isProfiled = profile || StepProfiler.isAskedFor
        let run = try train(
            [interrupt, ProgressPrinter(isTerminal: common.isTerminal, write: common.say)],
            isProfiled ? StepProfiler() : nil, { interrupt.isAsked })
        if let train = run.summary.train { common.say("train: \(train)\n") }
        if let test = run.summary.test { common.say("test: \(test)\n") }
        if isProfiled {
            try show(profile: run.profile?.description ?? "profile: no step was taken that could be timed\n")
        }
        if let diagnosis = run.diagnosis, !diagnosis.isHealthy {
            common.say("doctor: \(diagnosis.summary); more by espalier doctor \(run.folder.path.shellWord)\n")
        }
        common.say("run: \(run.folder.path)\n")
        let report = try Report.write(folder: run.folder.path)
        common.say("report: \(report)\n")
        return (run, report)
    }

    private func end(with result: (run: TrainingRun, report: String)) throws {
        let (run, report) = result
        if common.json {
            try Console.result(json: description(of: run.summary.configuration, in: run.folder, report))
        }
        if let failure = run.failure { throw Failure(reason: failure) }
    }

    /// The profile was asked for, so that `--quiet` does not keep it back.
    private func show(profile: String) throws {
        if common.json { common.say(profile) } else { try Console.result(profile) }
    }

    /// `summary.json` and where the run is.
    private func description(
        of summary: ConfigurationValue, in folder: RunFolder, _ report: String
    ) -> ConfigurationValue {
        guard case .map(let entries) = summary else { return summary }
        return .map([.init("run", .string(folder.path)), .init("report", .string(report))] + entries)
    }
}
