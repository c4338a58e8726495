import EspalierData
import EspalierNN
import EspalierTraining

/// What a repair is judged by: accuracy for classes, R^2 for values, of the samples that are held out to choose by.
///
/// Where classes are rare, which accuracy hardly notices, it is the mean of the classes' recalls (balanced accuracy).
///
/// Never on the test set, which is to say what the chosen is worth. Where nothing is held out, as in a table of four rows,
/// it is that of the training samples, and says so by its name.
struct HeldOutMetric: Sendable {
    /// `validation_accuracy`, `train_r2`.
    let name: String
    private let metric: any Metric
    private let isHeldOut: Bool
    /// What the best constant answer reaches, as which counts a training that has learned nothing.
    private let constant: Double

    init(_ prepared: PreparedExperiment) {
        let data = prepared.data.validation ?? prepared.data.train
        isHeldOut = prepared.data.validation != nil
        if case .classes(let labels, let names) = data.targets {
            var counts = [Int](repeating: 0, count: names.count)
            for label in labels { counts[Int(label)] += 1 }
            let occurring = counts.filter { $0 > 0 }
            if LabelImbalance.rareClasses(counts).isEmpty {
                metric = Accuracy()
                constant = Double(occurring.max() ?? 0) / Double(max(1, labels.count))
            } else {
                metric = Recall()
                constant = 1 / Double(occurring.count)
            }
        } else {
            metric = RSquared()
            constant = 0
        }
        name = "\(isHeldOut ? "validation" : "train")_\(type(of: metric).name)"
    }

    /// The experiment with this metric among its own.
    func measured(_ experiment: Experiment) -> Experiment {
        var measured = experiment
        let metrics = experiment.metrics ?? []
        if !metrics.contains(where: { type(of: $0).name == type(of: metric).name }) {
            measured.metrics = metrics + [metric]
        }
        return measured
    }

    /// The value for weights that were kept; nothing where it was not measured.
    ///
    /// What is worse than the constant answer, 0 of R^2, counts as that: no gain is seen between two models of no use. So does
    /// a training that has learned nothing, of which there are no scores.
    func value(train: Scores?, validation: Scores?) -> Double? {
        guard train != nil else { return constant }
        guard let value = (isHeldOut ? validation : train)?[type(of: metric).name] else { return nil }
        return value.isFinite ? max(0, value) : constant
    }
}
