import EspalierGraph
import EspalierNN
import Testing

/// Losses against PyTorch: the mean over a batch and its gradient by the outputs.
@Suite(.serialized) struct LossParityTests {
    static let weights: ClassWeights = [0.5, 2, 1.25, 0.75, 1.5]

    static let cases: [(name: String, target: String, loss: any Loss)] = [
        ("crossEntropyWeights", "label", CrossEntropyLoss(classWeights: weights)),
        ("crossEntropySmoothing", "label", CrossEntropyLoss(labelSmoothing: 0.125)),
        ("crossEntropyWeightsSmoothing", "label", CrossEntropyLoss(classWeights: weights, labelSmoothing: 0.25)),
        ("crossEntropyIgnored", "label", CrossEntropyLoss(ignoredIndex: 2)),
        (
            "crossEntropyIgnoredWeights", "label",
            CrossEntropyLoss(classWeights: weights, labelSmoothing: 0.25, ignoredIndex: 2)
        ),
        ("crossEntropyShares", "target", CrossEntropyLoss()),
        ("crossEntropySharesWeights", "target", CrossEntropyLoss(classWeights: weights, labelSmoothing: 0.25)),
        ("binaryCrossEntropy", "label", BinaryCrossEntropyLoss()),
        ("binaryCrossEntropyWeight", "target", BinaryCrossEntropyLoss(positiveWeight: 2.5)),
        ("binaryCrossEntropyClasses", "label", BinaryCrossEntropyLoss()),
        ("crossEntropyOnProbabilities", "label", CrossEntropyOnProbabilities()),
        ("binaryCrossEntropyOnProbabilities", "target", BinaryCrossEntropyOnProbabilities()),
        ("focal", "label", FocalLoss()), ("focalAlpha", "label", FocalLoss(gamma: 1.5, alpha: 0.25)),
        ("hinge", "label", HingeLoss()), ("hingeSquared", "label", HingeLoss(margin: 0.5, power: 2)),
        ("hingeBinary", "label", HingeLoss()), ("mae", "target", MeanAbsoluteError()),
        ("huber", "target", HuberLoss(delta: 0.75)), ("smoothL1", "target", SmoothL1Loss(beta: 0.5)),
        ("cosine", "target", CosineLoss()), ("klDivergence", "target", KullbackLeiblerDivergence()),
    ]

    @Test(arguments: cases.indices) func loss(index: Int) throws {
        let (name, target, loss) = Self.cases[index]
        try LayerParityTests().check("losses", "\(name)/", ["input", target]) { loss.mean($0[0], $0[1]) }
    }

    @Test func probabilitiesOfZeroCostOneHundred() throws {
        let prefix = "binaryCrossEntropyBounded/"
        try LayerParityTests().check("losses", prefix, ["input", "target"]) {
            BinaryCrossEntropyOnProbabilities()($0[0], $0[1])
        }
    }

    @Test func everyCaseIsCompared() throws {
        let files = Set(try Fixture("losses", .float64).tensors.keys.map { String($0.prefix { $0 != "/" }) })
        #expect(files == Set(Self.cases.map(\.name) + ["binaryCrossEntropyBounded"]))
    }
}
