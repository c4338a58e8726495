import EspalierSpec
import EspalierTraining

/// What came of an assessment: numbers with their intervals, and what they say.
public struct AssessmentResult: Sendable, Hashable {
    public var name: String
    /// What everything is measured by: `accuracy`, or `r2` for values.
    public var metric: String
    /// Which samples are held out: `test` or `validation`.
    public var heldOut: String
    public var samples: Int
    /// What chooses epochs, penalties and neighbours.
    public var choice: String
    /// The model as it is.
    public var model: Place
    /// The simplest first.
    public var baselines: [Baseline]
    /// By width; none where the model has no width that can be changed.
    public var capacity: [Place]
    /// By the share of the training rows.
    public var data: [Place]
    public var decomposition: Decomposition?
    /// The mean member first.
    public var ensembles: [Ensemble]
    public var verdict: AssessmentVerdict
    /// Trainings that were carried out, and those of them that diverged or failed.
    public var trainings: Int
    public var failed: Int
    /// Why something is missing: `clock` or `interrupted`.
    public var cutOff: String?

    /// A place of a learning curve: the same training from several seeds.
    public struct Place: Sendable, Hashable {
        /// The share of the rows, or the factor on the units.
        public var at: Double
        public var rows: Int
        public var parameters: Int
        public var train: Measured
        public var heldOut: Measured
        /// One a seed.
        public var trainValues: [Double]
        public var heldOutValues: [Double]
    }

    /// A simple model.
    public struct Baseline: Sendable, Hashable {
        public var name: String
        /// What was chosen for it.
        public var setting: String?
        public var score: Measured
        /// The model's score minus this one's, on the same samples.
        public var difference: Measured
    }

    /// An answer made of several.
    public struct Ensemble: Sendable, Hashable {
        public var name: String
        public var members: Int
        public var score: Measured
        public var negativeLogLikelihood: Measured
        /// Of classes alone.
        public var calibrationError: Measured?
        /// The score minus the mean member's, on the same samples.
        public var gain: Measured
    }

    init(
        _ base: Experiment, _ assessed: AssessedData, _ model: AssessmentCourse.Place, _ simple: [SimpleModel],
        capacity: [AssessmentCourse.Place], data curve: [AssessmentCourse.Place], _ decomposition: Decomposition?,
        _ ensembles: [AssessmentCourse.Ensemble], _ runner: AssessmentRunner
    ) {
        let resampling = Resampling(name: "heldOut", count: assessed.heldOut.count)
        let scored = simple.map { simple in
            AssessmentVerdict.Simple(
                name: simple.name, heldOut: resampling.estimate([assessed.heldOutTruth.score(simple.heldOut)]),
                train: Resampling(name: "train", count: simple.train.truth.count).estimate([
                    simple.train.truth.score(simple.train.predictions)
                ]))
        }
        name = base.name
        metric = assessed.metric
        heldOut = assessed.heldOutName
        samples = assessed.heldOut.count
        choice = assessed.choiceName
        self.model = Place(model)
        baselines = zip(simple, scored).map { simple, scored in
            Baseline(
                name: simple.name, setting: simple.setting, score: scored.heldOut.measured,
                difference: (model.heldOut - scored.heldOut).measured)
        }
        self.capacity = capacity.map(Place.init)
        data = curve.map(Place.init)
        self.decomposition = decomposition
        self.ensembles = ensembles.map { ensemble in
            Ensemble(
                name: ensemble.name, members: ensemble.members, score: ensemble.score.measured,
                negativeLogLikelihood: ensemble.negativeLogLikelihood.measured,
                calibrationError: ensemble.calibrationError?.centred.measured.atLeastZero,
                gain: (ensemble.score - (ensembles.first ?? ensemble).score).measured)
        }
        verdict = AssessmentVerdict(
            model, scored, capacity: capacity, data: curve, decomposition, ensembles, metric: assessed.metric)
        trainings = runner.count
        failed = runner.diverged + runner.failures.count
        cutOff = runner.cutOff?.rawValue
    }
}

extension AssessmentResult.Place {
    init(_ place: AssessmentCourse.Place) {
        self.init(
            at: place.at, rows: place.rows, parameters: place.parameters, train: place.train.measured,
            heldOut: place.heldOut.measured, trainValues: place.trainValues, heldOutValues: place.heldOutValues)
    }
}

// As `assessment.json` has it.
extension AssessmentResult {
    public var configuration: ConfigurationValue {
        .map([
            .init("name", .string(name)), .init("metric", .string(metric)), .init("heldOut", .string(heldOut)),
            .init("samples", .integer(samples)), .init("choice", .string(choice)),
            .init("verdict", verdict.configuration), .init("model", model.configuration),
            .init("baselines", .list(baselines.map(\.configuration))),
            .init("capacity", .list(capacity.map(\.configuration))), .init("data", .list(data.map(\.configuration))),
            .init("decomposition", decomposition?.configuration ?? .null),
            .init("ensembles", .list(ensembles.map(\.configuration))), .init("trainings", .integer(trainings)),
            .init("failed", .integer(failed)), .init("cutOff", cutOff.map { .string($0) } ?? .null),
        ])
    }

    /// Writes `assessment.json` into a folder.
    ///
    /// - Throws: `EspalierError` where it cannot be written.
    public func write(to folder: String) throws {
        try AtomicFile.write(JSON.write(configuration, pretty: true) + "\n", to: folder + "/assessment.json")
    }
}

extension AssessmentResult.Place {
    fileprivate var configuration: ConfigurationValue {
        [
            "at": .number(at), "rows": .integer(rows), "parameters": .integer(parameters), "train": train.configuration,
            "heldOut": heldOut.configuration, "trainValues": trainValues.configuration,
            "heldOutValues": heldOutValues.configuration,
        ]
    }
}

extension AssessmentResult.Baseline {
    fileprivate var configuration: ConfigurationValue {
        [
            "name": .string(name), "setting": setting.map { .string($0) } ?? .null, "score": score.configuration,
            "difference": difference.configuration,
        ]
    }
}

extension AssessmentResult.Ensemble {
    fileprivate var configuration: ConfigurationValue {
        [
            "name": .string(name), "members": .integer(members), "score": score.configuration,
            "negativeLogLikelihood": negativeLogLikelihood.configuration,
            "calibrationError": calibrationError?.configuration ?? .null, "gain": gain.configuration,
        ]
    }
}
