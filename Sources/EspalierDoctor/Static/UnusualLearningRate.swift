import EspalierNN
import EspalierTraining

/// The learning rate is orders of magnitude away from where it can do anything, or anything but harm.
///
/// - The step of Adam and its relatives is at most about the learning rate in each weight (Kingma and Ba 2015, section 2.1), so
///   that learning rate times steps bounds how far a weight can go at all. Weights that keep the size of values are of
///   1 / sqrt(fan) to begin with: a rate like that replaces them in one step.
/// - Of plain descent, with losses of about one on scaled data, the step is at most about learning rate / (1 - momentum).
enum UnusualLearningRate: Check {
    /// A weight that can go no further than this in a whole training.
    static let reach = 0.01
    static let plainReach = 0.001
    /// A step as long as a weight.
    static let share = 1.0
    static let plainRate = 10.0

    static func findings(in prepared: PreparedExperiment) -> [Finding] {
        let picture = StaticPicture(prepared), optimizer = picture.experiment.optimizer
        // What is trained already has not far to go.
        guard optimizer.isAdaptive || optimizer.isPlainDescent, picture.experiment.initialWeights == nil else {
            return []
        }
        let momentum = optimizer.isPlainDescent ? optimizer.configuration["momentum"]?.doubleValue ?? 0 : 0
        let rate = optimizer.learningRate / (1 - min(momentum, 0.999))
        let far = rate * Double(picture.steps), name = type(of: optimizer).name
        if far < (optimizer.isAdaptive ? reach : plainReach) {
            return [tooLow(name, optimizer.learningRate, picture.steps, far, optimizer.isAdaptive ? reach : plainReach)]
        }
        return optimizer.isAdaptive ? tooHigh(name, rate, picture) : tooHighForDescent(name, rate)
    }

    private static func tooLow(_ name: String, _ rate: Double, _ steps: Int, _ far: Double, _ limit: Double) -> Finding
    {
        Finding(
            .learningRateTooLow, .warning,
            evidence: [
                .init("learningRate", rate), .init("steps", Double(steps)), .init("reach", far),
                .init("threshold", limit),
            ],
            explanation:
                "A step of \(name) moves a weight by about the learning rate, \(rate.short), at most. In the \(steps) steps of "
                + "this training it can so go no further than \(far.short), all steps in one direction; weights are of 0.05 to "
                + "1 in size, and have to change by about as much. The learning rate should be larger, or the training longer.",
            remedies: [.init(ChangeLearningRate(factor: 100)), .init(ChangeLearningRate(factor: 10))])
    }

    /// The typical weight is that of the middle layer, drawn so that values keep their size.
    private static func tooHigh(_ name: String, _ rate: Double, _ picture: StaticPicture) -> [Finding] {
        let sizes = picture.sketch.leaves.compactMap { part in
            part.weight.map { 1 / Double(max(1, $0.fans.input)).squareRoot() }
        }.sorted()
        guard !sizes.isEmpty else { return [] }
        let size = sizes[sizes.count / 2], ratio = rate / size
        guard ratio >= share else { return [] }
        return [
            Finding(
                .learningRateTooHigh, .warning,
                evidence: [
                    .init("learningRate", rate), .init("weightSize", size), .init("ratio", ratio),
                    .init("threshold", share),
                ],
                explanation:
                    "A step of \(name) moves every weight by about the learning rate, \(rate.short), whatever the size of its "
                    + "gradient. Weights of this model begin at a size of about \(size.short), 1 over the root of their inputs: "
                    + "a single step is \(ratio.short) times as long as the weight. It should be about a thousandth.",
                remedies: [.init(ChangeLearningRate(factor: 0.001)), .init(ChangeLearningRate(factor: 0.01))])
        ]
    }

    private static func tooHighForDescent(_ name: String, _ rate: Double) -> [Finding] {
        guard rate >= plainRate else { return [] }
        return [
            Finding(
                .learningRateTooHigh, .warning,
                evidence: [.init("effectiveRate", rate), .init("threshold", plainRate)],
                explanation:
                    "With its momentum \(name) goes \(rate.short) gradients far. On scaled data a gradient descent of a network "
                    + "is stable up to about 1, and \(plainRate.short) is beyond what has been seen to work: each step goes "
                    + "past the valley to a higher place on the other side.",
                remedies: [.init(ChangeLearningRate(factor: 0.01)), .init(ChangeLearningRate(factor: 0.1))])
        ]
    }
}
