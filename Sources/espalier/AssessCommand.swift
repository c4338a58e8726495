import ArgumentParser
import Espalier
import Foundation

/// `espalier assess CONFIG|RUN`.
struct AssessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assess",
        abstract: "Says whether a model is too simple, too complex or just right, and better than something simpler.",
        discussion: """
            Trains the model from several seeds, beside simple models on the same rows; narrower and wider; on fewer \
            rows; on training sets drawn with replacement, for bias and variance; and as ensembles. What is held out is \
            the test set, else the validation set. The folder then holds assessment.json and assessment.html.

            How much is done is said by the key assessment of the configuration, such as --set assessment.seeds=5 or \
            --set assessment.seconds=600. Ctrl-C ends it with what was found so far.
            """)

    @Argument(help: "A configuration (.yaml), data, the name of a source (digits), or the folder of a run.")
    var input: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Overrides the configuration; may be repeated.", valueName: "key.path=value"))
    var overrides: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where to write (default: the run's own folder, else the next free runs/NAME-assessment-N).",
            valueName: "folder"))
    var out: String?

    @Option(help: "What every random draw follows from.")
    var seed: Int?

    @OptionGroup var data: DataOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var common: CommonOptions

    private var isRun: Bool { FileManager.default.fileExists(atPath: input + "/events.jsonl") }

    func run() throws {
        let changes = overrides + (seed.map { ["training.seed=\($0)"] } ?? [])
        var assessment = try Assessment.read(input, overrides: changes)
        assessment.experiment = assessment.experiment.rooted(at: data.root)
        assessment.workers = engine.threads ?? assessment.workers
        let interrupt = Interrupt()
        interrupt.listen()
        // Made first: an hour's work is not to end at a folder that cannot be written to.
        let folder = try out ?? (isRun ? input : RunFolder.next(named: "\(assessment.experiment.name)-assessment").path)
        try SystemFile.makeFolders(folder)
        let result: AssessmentResult
        do {
            result = try assessment.run(say: { common.say($0 + "\n") }, shouldInterrupt: { interrupt.isAsked })
        } catch {
            rmdir(folder)
            throw error
        }
        try result.write(to: folder)
        let report = try Report.writeAssessment(folder: folder)
        common.say("\n\(result.text)\nassessment: \(folder)/assessment.json\nreport: \(report)\n")
        if common.json { try Console.result(json: result.configuration) }
        if interrupt.isAsked { throw Failure(reason: EspalierError("interrupted: \(folder) has what was found")) }
    }
}
