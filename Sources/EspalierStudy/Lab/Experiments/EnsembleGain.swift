import EspalierData
import EspalierGraph
import EspalierNN
import EspalierSpec
import EspalierTraining

/// The averaged answer of several networks against that of each.
public struct EnsembleGain: LabExperiment {
    public var seed = 0
    public var members = 10
    public var epochs = 30

    public static let name = "ensembleGain"
    public static let summary = "One to ten networks on the built-in digits, their probabilities averaged"
    public static let lesson = """
        Networks that differ in their first weights alone make different mistakes, and the mean of their probabilities makes \
        fewer than the mean of them. Most of the gain comes with the first few members. Dropout is said to be the same in \
        one network: cheaper, and not as good.
        """
    public static let fields = [
        Field("seed", \Self.seed, "of the first member; the others follow", in: 0...),
        Field("members", \Self.members, "networks", in: 2...100),
        Field("epochs", \Self.epochs, "passes over 300 digits", in: 1...10_000),
    ]

    public init() {}

    public func run(in lab: Lab) throws -> LabResult {
        var sizes = SplitSpecification()
        (sizes.train, sizes.test) = (.count(300), .count(1400))
        var split = try sizes(DigitsSource().load(relativeTo: ""))
        _ = try split.scale(.standard)
        let train = split.train, test = split.test ?? split.train, epochs = epochs
        guard case .classes(let labels, let names) = test.targets else { preconditionFailure("digits have classes") }
        let probabilities = try lab.map((0..<members).map { seed + $0 }) { seed in
            let trainer = try Trainer(
                denseNetwork([64, 32, names.count], HeNormal()) { _ in [ReLU()] }, loss: CrossEntropyLoss(),
                optimizer: Adam(learningRate: 0.003),
                settings: TrainingSettings(epochs: epochs, batchSize: 32, seed: seed), sampleShape: [64])
            _ = try trainer.fit(train)
            return try trainer.predictions(for: test)
        }
        func accuracy(_ chosen: some Sequence<Int>) -> Double {
            var sum = [Float](repeating: 0, count: probabilities[0].count)
            for member in chosen { for index in sum.indices { sum[index] += probabilities[member][index] } }
            let right = labels.indices.count { row in
                let own = sum[row * names.count..<(row + 1) * names.count]
                return own.indices.max { own[$0] < own[$1] } == row * names.count + Int(labels[row])
            }
            return Double(right) / Double(labels.count)
        }
        let single = (0..<members).map { accuracy([$0]) }
        var random = RandomStream(seed: UInt64(seed), "subsets")
        /// Of each number of members, over some of the ways to choose them.
        let curve = (1...members).map { count -> Double in
            count == 1
                ? single.mean
                : (0..<20).map { _ in accuracy((0..<members).shuffled(using: &random).prefix(count)) }.mean
        }
        let whole = accuracy(0..<members)
        return LabResult(
            data: "the built-in digits: \(train.count) to learn from, \(test.count) to test",
            measurements: [
                LabMeasurement("test accuracy of a member", over: single),
                LabMeasurement("test accuracy of the best member", single.max() ?? .nan),
                LabMeasurement("test accuracy of all together", whole),
                LabMeasurement("gain over the mean member", whole - single.mean, expected: 1e-9...1),
                LabMeasurement("share of its errors that is gone", (whole - single.mean) / (1 - single.mean)),
            ],
            figures: [
                LabFigure(
                    "Test accuracy by number of members",
                    "Mean over 20 ways to choose them; the level of a single one is dashed.",
                    .lines(
                        .init(
                            x: .init("members"), y: .init("accuracy", share: true),
                            [.init("averaged", curve)], guides: [(single.mean, "mean member")])))
            ],
            notes: ["Expected is that the averaged accuracy is above the mean member's; by how much, no book states."])
    }
}
