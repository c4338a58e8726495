import EspalierNN
import EspalierTraining

/// Too few samples decide a step, or the statistics of a normalisation.
///
/// - The noise of plain descent grows with learning rate / ((1 - momentum) batch) (Smith and Le 2018, "A Bayesian
///   perspective on generalization and stochastic gradient descent"). Goyal et al. 2017 train with 0.1 at momentum 0.9 for
///   256 samples, 0.004 a sample; ten times that, for single samples, is no descent any more.
/// - Batch normalisation loses accuracy from 8 values a channel downwards (Wu and He 2018, "Group normalization").
enum BatchSetting: Check {
    static let noise = 0.04
    /// Steps of so few samples are looked at.
    static let samples = 2
    static let statistics = 8

    static func findings(in prepared: PreparedExperiment) -> [Finding] {
        let experiment = prepared.experiment, size = experiment.training.batchSize
        let rows = prepared.data.train.count
        let sketch = ModelSketch(prepared.model, sampleShape: prepared.data.train.sampleShape)
        // All rows in one batch are no sample of anything.
        guard size < rows else { return [] }
        return normalisations(sketch, size) + steps(experiment, size)
    }

    private static func normalisations(_ sketch: ModelSketch, _ size: Int) -> [Finding] {
        let fewest = sketch.leaves.filter { $0.layer is BatchNorm }.map { part in
            (path: part.path, values: size * part.input.count / max(1, part.input.dimensions.first ?? 1))
        }.min { $0.values < $1.values }
        guard let fewest, fewest.values < statistics else { return [] }
        return [
            Finding(
                .batchTooSmall, at: fewest.path, fewest.values <= statistics / 2 ? .warning : .info,
                evidence: [
                    .init("batchSize", Double(size)), .init("valuesPerChannel", Double(fewest.values)),
                    .init("threshold", Double(statistics)),
                ],
                explanation:
                    "Batch normalisation takes mean and spread of each channel from \(fewest.values) values here, a batch of "
                    + "\(size). So few say little of what the data is like, and what is learned with them differs from what "
                    + "the running statistics give later. It takes \(statistics) and more, better 32; where batches have to be "
                    + "small, a normalisation of each sample by itself does not depend on them.",
                remedies: [.init(AddLayerNorm())])
        ]
    }

    private static func steps(_ experiment: Experiment, _ size: Int) -> [Finding] {
        let samples = size * experiment.gradient.accumulate
        guard samples <= Self.samples else { return [] }
        let momentum = experiment.optimizer.configuration["momentum"]?.doubleValue ?? 0
        let rate = experiment.optimizer.learningRate / (1 - min(momentum, 0.999)) / Double(samples)
        let isNoisy = experiment.optimizer.isPlainDescent && rate >= noise
        return [
            Finding(
                .batchTooSmall, isNoisy ? .warning : .info,
                evidence: [
                    .init("batchSize", Double(samples)), .init("ratePerSample", rate), .init("threshold", noise),
                ],
                explanation:
                    "A step follows the gradient of \(samples == 1 ? "a single sample" : "\(samples) samples"), which differs "
                    + "from that of all samples more than it tells of it. "
                    + (isNoisy
                        ? "With this learning rate and momentum a sample moves the weights by \(rate.short) of its gradient "
                            + "before others have a say; from \(noise.short) on the noise outweighs the descent. "
                        : "It makes a training slow, and its loss restless. ")
                    + "Take 16 to 128 samples a step, or a learning rate as much smaller.",
                remedies: isNoisy ? [.init(ChangeLearningRate(factor: 0.1))] : [])
        ]
    }
}

extension Optimizer {
    /// Whether steps are divided by the size that gradients have had, so that they are about the learning rate.
    var isAdaptive: Bool {
        ["adam", "adamW", "nAdam", "rAdam", "adaMax", "rmsProp", "lion", "adaGrad"].contains(Self.name)
    }

    /// Whether steps are gradients, or sums of them, times the learning rate.
    var isPlainDescent: Bool { ["sgd", "momentum", "nesterov"].contains(Self.name) }
}
