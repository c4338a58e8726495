import EspalierData
import EspalierDoctor
import EspalierEngine
import EspalierNN
import EspalierSpec
import EspalierTraining

/// Says whether a model is too simple, too complex or just right for its data, and whether it is better than something simpler.
///
/// 1. The model from several seeds, beside simple models on the same rows (`SimpleModel`).
/// 2. Learning curves: narrower and wider models, and fewer rows.
/// 3. Bias and variance over training sets drawn with replacement (`Decomposition`).
/// 4. Ensembles of several seeds, of one training's snapshots, and of random layers.
/// 5. What that comes to, in words (`AssessmentVerdict`).
///
/// Trainings go on side by side, each on one thread. The same settings come to the same result, unless `seconds` cut it off.
///
/// ```swift
/// let result = try Assessment(experiment).run()
/// print(result.text)
/// ```
public struct Assessment: Sendable {
    public var experiment: Experiment
    public var settings: AssessmentSettings
    /// How many trainings go on side by side.
    public var workers = Processors.usable

    public init(_ experiment: Experiment, settings: AssessmentSettings = AssessmentSettings()) {
        self.experiment = experiment
        self.settings = settings
    }

    /// Reads a configuration, data, the name of a source, or the folder of a run, with the key `assessment` where it has one.
    ///
    /// - Parameters:
    ///   - path: The file, the name of a source, or the folder of a run.
    ///   - overrides: The command line's `--set key.path=value`, without the `--set`.
    /// - Throws: `EspalierError` at `FILE:LINE:COL` of the first thing that cannot be used.
    public static func read(_ path: String, overrides: [String] = []) throws -> Assessment {
        let own = path + "/config.yaml"
        let file = SystemFile.isFolder(path) && SystemFile.exists(own) ? own : path
        let experiment = try Experiment.read(file, overrides: overrides)
        let isConfiguration = [".yaml", ".yml"].contains { file.lowercased().hasSuffix($0) }
        let node = try (isConfiguration ? YAML.read(file) : ConfigurationNode(.map([]))).applying(
            overrides: isConfiguration ? overrides : overrides.filter { $0.hasPrefix(AssessmentSettings.name) })
        let settings = try node[AssessmentSettings.name].map { try AssessmentSettings(configuration: $0) }
        return Assessment(experiment, settings: settings ?? AssessmentSettings())
    }

    /// Carries out the trainings.
    ///
    /// - Parameters:
    ///   - say: Told of each part in a line.
    ///   - shouldInterrupt: Asked after every step of every training, by several threads: whether to end with what was found
    ///     so far.
    /// - Throws: `EspalierError` for what is wrong with the configuration or the data, where nothing is held out, for text, and
    ///   where no training of the model came to an end.
    public func run(
        say: (String) -> Void = { _ in }, shouldInterrupt: @escaping @Sendable () -> Bool = { false }
    ) throws -> AssessmentResult {
        let prepared = try experiment.prepare()
        let data = try AssessedData(prepared)
        var base = prepared.experiment
        base.doctor = .off
        if let limit = settings.epochs { base.training.epochs = min(base.training.epochs, limit) }
        let runner = AssessmentRunner(
            data, workers: workers, seconds: settings.seconds, isInterrupted: shouldInterrupt)
        let course = AssessmentCourse(base, settings, data, runner)
        say("simple models on \(data.train.count) rows")
        let simple = try SimpleModel.all(data, workers: workers)
        say("the model, \(base.training.epochs) epochs from \(settings.seeds) seed\(settings.seeds == 1 ? "" : "s")")
        let model = try course.model()
        say("capacity: \(settings.widths.count) widths")
        let capacity = try course.capacity()
        say("data: \(settings.fractions.count) shares of the rows")
        let curve = course.learning()
        say("bias and variance: \(settings.bootstraps) training sets")
        let decomposition = course.decomposition()
        say("ensembles of \(settings.members)")
        let ensembles = course.ensembles()
        return AssessmentResult(
            base, data, model, simple, capacity: capacity, data: curve, decomposition, ensembles, runner)
    }
}
