import ArgumentParser
import Espalier
import Foundation

/// `espalier doctor CONFIG|RUN`.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Says what is wrong with a training, and repairs it.",
        discussion: """
            A configuration is trained as by `train`; of a run's folder what is there is looked at again, and \
            diagnosis.json and report.html are written anew.

            With --repair, changes are tried that may put right what was found. One is a repair only where it gains on \
            validation data, beyond chance, over several seeds, and nothing is wrong with it on any of them. The folder \
            then holds what was tried (repair.json) and the repaired configuration (repaired.yaml). How long it may take \
            is said by doctor.repairEpochs and doctor.repairSeconds. Ctrl-C ends it with what was found so far.
            """)

    @Argument(help: "A configuration (.yaml), data, the name of a source (digits), or the folder of a run.")
    var input: String

    @Flag(help: "Find a change that helps, and prove it.")
    var repair = false

    @Flag(help: "Exit with 1 where something is wrong that is not repaired.")
    var strict = false

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Overrides the configuration; may be repeated.", valueName: "key.path=value"))
    var overrides: [String] = []

    @Option(help: ArgumentHelp("The run folder (default: the next free runs/NAME-N).", valueName: "folder"))
    var out: String?

    @Option(help: "What every random draw follows from.")
    var seed: Int?

    @OptionGroup var data: DataOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var common: CommonOptions

    private var isRun: Bool { FileManager.default.fileExists(atPath: input + "/events.jsonl") }

    func validate() throws {
        guard isRun, !overrides.isEmpty || out != nil || seed != nil || data.dataRoot != nil else { return }
        throw ValidationError(
            "\(input) is a run, which is looked at as it is; expected no --set, --out, --seed or --data-root beside it")
    }

    func run() throws {
        let interrupt = Interrupt()
        let folder = try isRun ? RunFolder.opening(input) : train(interrupt)
        let diagnosis = try Doctor.diagnosis(of: folder)
        try AtomicFile.write(JSON.write(diagnosis.configuration, pretty: true) + "\n", to: folder.diagnosis)
        common.say(diagnosis.text(for: try Experiment.read(folder.configuration).configuration))
        let result = try repair && !interrupt.isAsked ? carryOutRepair(of: folder, interrupt) : nil
        let report = try Report.write(folder: folder.path)
        common.say("run: \(folder.path)\nreport: \(report)\n")
        if common.json { try Console.result(json: description(of: diagnosis, in: folder, report, result)) }
        if interrupt.isAsked { throw Failure(reason: EspalierError("interrupted: \(folder.path) has what was found")) }
        if strict, !diagnosis.isHealthy, result?.isRepaired != true {
            throw Failure(reason: EspalierError("something is wrong with the training: see \(folder.diagnosis)"))
        }
    }

    /// Trains as `train` does.
    private func train(_ interrupt: Interrupt) throws -> RunFolder {
        let overrides = self.overrides + (seed.map { ["training.seed=\($0)"] } ?? [])
        let experiment = try Experiment.read(input, overrides: overrides).rooted(at: data.root)
        let name = repair ? "\(experiment.name)-repair" : experiment.name
        let run = try TrainingRun(
            experiment, in: { _ in try out.map(RunFolder.taking) ?? RunFolder.next(named: name) },
            listeners: [interrupt, ProgressPrinter(isTerminal: common.isTerminal, write: common.say)],
            attendant: Doctor(), engine: engine.engine, shouldInterrupt: { interrupt.isAsked })
        return run.folder
    }

    private func carryOutRepair(of folder: RunFolder, _ interrupt: Interrupt) throws -> RepairResult {
        var repair = Repair(try Experiment.read(folder.configuration))
        repair.workers = engine.threads ?? repair.workers
        if isRun { interrupt.listen() }
        let result = try repair.run(
            in: folder, say: { common.say($0 + "\n") }, shouldInterrupt: { interrupt.isAsked })
        common.say(result.text)
        return result
    }

    /// The diagnosis, where the run is, and what came of the repair.
    private func description(
        of diagnosis: Diagnosis, in folder: RunFolder, _ report: String, _ repair: RepairResult?
    ) -> ConfigurationValue {
        guard case .map(let entries) = diagnosis.configuration else { return .null }
        let places = [
            ConfigurationValue.Entry("run", .string(folder.path)), .init("report", .string(report)),
        ]
        return .map(entries + places + (repair.map { [.init("repair", $0.configuration)] } ?? []))
    }
}
