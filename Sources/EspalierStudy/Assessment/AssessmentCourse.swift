import EspalierData
import EspalierDoctor
import EspalierNN
import EspalierSpec
import EspalierTraining

/// The parts of an assessment: which trainings each needs, and what they say.
struct AssessmentCourse {
    private let base: Experiment
    private let settings: AssessmentSettings
    private let data: AssessedData
    private let runner: AssessmentRunner
    private let heldOut: Resampling

    init(_ base: Experiment, _ settings: AssessmentSettings, _ data: AssessedData, _ runner: AssessmentRunner) {
        self.base = base
        self.settings = settings
        self.data = data
        self.runner = runner
        heldOut = Resampling(name: "heldOut", count: data.heldOut.count)
    }

    /// A place of a learning curve: trainings that differ in the seed alone.
    struct Place: Sendable {
        /// The share of the rows, or the factor on the units.
        var at: Double
        var rows: Int
        var parameters: Int
        var train: Estimate
        var heldOut: Estimate
        /// One a seed.
        var trainValues: [Double]
        var heldOutValues: [Double]
    }

    /// An answer made of several, or the members' own mean.
    struct Ensemble: Sendable {
        var name: String
        var members: Int
        var score: Estimate
        var negativeLogLikelihood: Estimate
        var calibrationError: Estimate?
    }

    private var hasDropout: Bool { base.configuration["model"]?.namesDropout ?? false }

    private func training(_ experiment: Experiment, seed: Int, rows: AssessmentTraining.Rows = .all)
        -> AssessmentTraining
    {
        var training = AssessmentTraining(experiment: experiment, rows: rows)
        training.experiment.training.seed = base.training.seed + seed
        return training
    }

    /// The training as it is, on one of the seeds.
    private func plain(seed: Int) -> AssessmentTraining {
        var plain = training(base, seed: seed)
        if hasDropout, settings.members > 0 { plain.dropoutSamples = settings.dropoutSamples }
        return plain
    }

    /// The model as it is.
    ///
    /// - Throws: What ended the first training, where none came to an end.
    func model() throws -> Place {
        let outcomes = runner.run((0..<settings.seeds).map(plain))
        if let place = place(1, outcomes) { return place }
        if let error = runner.failures.first { throw error }
        throw EspalierError(
            runner.cutOff == nil
                ? "the model diverges on every seed, so that there is nothing to assess"
                : "the assessment ended before the model was trained once", at: base.name,
            expected: "a training that ends with numbers",
            fix: runner.cutOff == nil ? "espalier doctor says why" : "--set assessment.seconds=3600, or fewer epochs")
    }

    /// Narrower and wider models; none where the model has no width that can be changed.
    func capacity() throws -> [Place] {
        let widths = try Set(settings.widths + [1]).sorted().compactMap { factor in
            factor == 1 ? (factor, base) : try Widen(factor: factor).applied(to: base).map { (factor, $0) }
        }.filter { factor, experiment in factor == 1 || experiment != base }
        guard widths.count > 1 else { return [] }
        let trainings = widths.flatMap { factor, experiment in
            (0..<settings.seeds).map { factor == 1 ? plain(seed: $0) : training(experiment, seed: $0) }
        }
        return places(widths.map(\.0), runner.run(trainings))
    }

    /// Fewer rows.
    func learning() -> [Place] {
        let shares = Set(settings.fractions + [1]).sorted()
        guard shares.count > 1 else { return [] }
        let trainings = shares.flatMap { share in
            (0..<settings.seeds).map { share == 1 ? plain(seed: $0) : training(base, seed: $0, rows: .share(share)) }
        }
        return places(shares, runner.run(trainings))
    }

    /// Bias and variance over training sets drawn with replacement, each from another seed; nothing where they were cut off.
    func decomposition() -> Decomposition? {
        guard settings.bootstraps > 0 else { return nil }
        let outcomes = runner.run((0..<settings.bootstraps).map { training(base, seed: $0, rows: .bootstrap($0)) })
            .compactMap(\.self)
        guard outcomes.count > 2 else { return nil }
        switch data.heldOutTruth {
        case .classes(let labels, _):
            return Decomposition(classes: outcomes.map { data.heldOutTruth.decided($0.heldOut) }, targets: labels)
        case .values(let values, let width):
            let predictions = outcomes.map { $0.heldOut.map(Double.init) }
            guard predictions.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return nil }
            return Decomposition(
                values: predictions, targets: values, width: width, noise: base.data.source.noiseVariance)
        }
    }

    private func places(_ positions: [Double], _ outcomes: [AssessmentTraining.Outcome?]) -> [Place] {
        positions.enumerated().compactMap { index, position in
            place(position, Array(outcomes[index * settings.seeds..<(index + 1) * settings.seeds]))
        }
    }

    /// - Returns: Nothing where no training came to an end.
    private func place(_ position: Double, _ outcomes: [AssessmentTraining.Outcome?]) -> Place? {
        let outcomes = outcomes.compactMap(\.self)
        guard let first = outcomes.first else { return nil }
        let train = outcomes.map { $0.train.truth.score($0.train.predictions) }
        let unseen = outcomes.map { data.heldOutTruth.score($0.heldOut) }
        return Place(
            at: position, rows: first.rows, parameters: first.parameters,
            train: Resampling(name: "train", count: first.train.truth.count).estimate(train),
            heldOut: heldOut.estimate(unseen), trainValues: train.map { $0(nil) }, heldOutValues: unseen.map { $0(nil) }
        )
    }
}

// Several answers made one.
extension AssessmentCourse {
    /// The mean member first; none where fewer than two members came to an end.
    func ensembles() -> [Ensemble] {
        guard settings.members > 1 else { return [] }
        let members = runner.run((0..<settings.members).map(plain)).compactMap(\.self)
        guard members.count > 1 else { return [] }
        var result = [
            ensemble("mean member", members.map { ($0.heldOut, $0.choice) }, of: 1),
            ensemble(
                "deep ensemble", [(members.map(\.heldOut).meanOfAll, members.map(\.choice).meanOfAll)],
                of: members.count),
        ]
        if let training = snapshotTraining, let outcome = runner.run([training])[0], outcome.snapshots.count > 1 {
            let parts = (outcome.snapshots.map(\.heldOut).meanOfAll, outcome.snapshots.map(\.choice).meanOfAll)
            result.append(ensemble("snapshot ensemble", [parts], of: outcome.snapshots.count))
        }
        let dropout = members.compactMap { member in member.dropout.map { ($0, member.choice) } }
        if !dropout.isEmpty { result.append(ensemble("Monte-Carlo dropout", dropout, of: settings.dropoutSamples)) }
        return result
    }

    /// The mean over several answers of the same kind.
    private func ensemble(_ name: String, _ answers: [(heldOut: [Float], choice: [Float])], of members: Int) -> Ensemble
    {
        let truth = data.heldOutTruth
        let calibration = answers.compactMap { truth.calibrationError($0.heldOut) }
        return Ensemble(
            name: name, members: members, score: heldOut.estimate(answers.map { truth.score($0.heldOut) }),
            negativeLogLikelihood: heldOut.estimate(
                answers.map {
                    truth.negativeLogLikelihood($0.heldOut, variances: data.choiceTruth.variances($0.choice))
                }), calibrationError: calibration.isEmpty ? nil : heldOut.estimate(calibration))
    }

    /// A training as long as that of the model, in as many cosine cycles as an ensemble has members, each from the full rate
    /// to none; nothing for an optimiser that searches.
    ///
    /// Source: Huang, Li, Pleiss, Liu, Hopcroft and Weinberger 2017, "Snapshot ensembles: train 1, get M for free".
    private var snapshotTraining: AssessmentTraining? {
        guard !(base.optimizer is LBFGS) else { return nil }
        var snapshot = training(base, seed: 0)
        snapshot.snapshots = settings.members
        let rows = data.train.count, settings = base.training, size = min(settings.batchSize, rows)
        let batches = settings.dropLast ? rows / size : (rows + size - 1) / size
        let steps = (batches + base.gradient.accumulate - 1) / base.gradient.accumulate
        snapshot.experiment.schedule = CosineWarmRestartsSchedule(
            cycle: max(1, settings.epochs / snapshot.snapshots) * steps)
        snapshot.experiment.callbacks = []
        snapshot.experiment.averaging = .none
        return snapshot
    }
}

extension [[Float]] {
    /// The mean of equally long lists, place by place.
    fileprivate var meanOfAll: [Float] {
        (first ?? []).indices.map { place in Float(reduce(0.0) { $0 + Double($1[place]) } / Double(count)) }
    }
}

extension ConfigurationValue {
    /// Whether a layer, or a setting of one, drops units.
    fileprivate var namesDropout: Bool {
        switch self {
        case .string(let name): name.lowercased().contains("dropout")
        case .list(let items): items.contains(where: \.namesDropout)
        case .map(let entries):
            entries.contains { entry in
                entry.key.lowercased().contains("dropout") && entry.value.doubleValue != 0 && entry.value != .null
                    || entry.value.namesDropout
            }
        default: false
        }
    }
}

extension DataSource {
    /// The variance of targets about what is true, where the source has drawn them so.
    fileprivate var noiseVariance: Double? {
        switch self {
        case let source as PolynomialSource: source.noise * source.noise
        case let source as RegressionSource: source.noise * source.noise
        default: nil
        }
    }
}
