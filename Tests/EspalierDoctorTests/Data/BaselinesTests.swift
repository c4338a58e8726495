import Espalier
import Foundation
import Testing

@testable import EspalierDoctor

/// What simple models are said to reach.
struct BaselinesTests {
    private func baselines(_ experiment: Experiment) throws -> Baselines {
        try #require(try DataPicture(try experiment.prepare()).baselines)
    }

    private func experiment(_ source: any DataSource, loss: (any Loss)? = nil) -> Experiment {
        var split = SplitSpecification()
        split.train = .share(0.7)
        split.validation = .share(0.3)
        var experiment = Experiment(data: DataSettings(source: source, split: split, scale: Scaling.none))
        experiment.loss = loss
        return experiment
    }

    /// k-nearest neighbours of scikit-learn reach some .84 on both.
    @Test func neighboursKnowWhatALineDoesNot() throws {
        let circles = try baselines(experiment(CirclesSource(samples: 1000, noise: 0.1)))
        let majority = try #require(circles.majority)
        let accuracy = majority + (1 - majority) * (try #require(circles.nearestNeighbours))
        #expect(abs(accuracy - 0.84) < 0.04, "\(accuracy)")
        #expect(try #require(circles.linear) < 0.1)

        let blobs = try baselines(experiment(BlobsSource(samples: 1000, clusterStd: .init(values: [2]), seed: 2)))
        #expect(try #require(blobs.nearestNeighbours) > 0.6)
        #expect(try #require(blobs.linear) > 0.6)
    }

    @Test func aLineKnowsWhatIsLinear() throws {
        var source = RegressionSource()
        (source.samples, source.features, source.informative, source.noise) = (500, 10, 10, 1)
        let known = try baselines(experiment(source))
        #expect(try #require(known.linear) > 0.99)
        #expect(try #require(known.nearestNeighbours) < 0.9)
        #expect(known.majority == nil)
    }

    @Test func whatIsDrawnAtRandomIsNotKnown() throws {
        let known = try baselines(
            experiment(
                Planted(CirclesSource(samples: 1000, noise: 0.1)) { data in
                    var random = RandomStream(seed: 5, "labels")
                    let labels = (0..<data.count).map { _ in Int32(random.uniform() < 0.5 ? 0 : 1) }
                    return try data.withTargets(.classes(labels, names: ["0", "1"]))
                }))
        #expect(try #require(known.nearestNeighbours) < 0.1)
        #expect(try #require(known.linear) < 0.1)
    }

    /// The answers by hand: entropy of the shares, variance, mean distance from the median.
    @Test func theBestConstantAnswerHasTheLossThatFormulasGive() throws {
        let classes = (0..<1000).map { Int32($0 < 600 ? 0 : $0 < 900 ? 1 : 2) }
        let data = try Dataset(
            name: "threes", sampleShape: [1], inputs: (0..<1000).map(Float.init),
            targets: .classes(classes, names: ["a", "b", "c"]))
        let entropy = self.entropy([0.6, 0.3, 0.1])
        func loss(_ loss: any Loss, _ data: Dataset) throws -> Double {
            try #require(ConstantAnswer.loss(try loss.decided(by: data.classCounts), on: data))
        }
        #expect(abs(try loss(CrossEntropyLoss(), data) - entropy) < 1e-5)
        #expect(abs(try loss(CrossEntropyOnProbabilities(), data) - entropy) < 1e-5)
        #expect(abs(try loss(CrossEntropyLoss(classWeights: .balanced), data) - log(3)) < 1e-5)
        let each: Double = self.entropy([0.6, 0.4]) + self.entropy([0.3, 0.7]) + self.entropy([0.1, 0.9])
        #expect(abs(try loss(BinaryCrossEntropyLoss(), data) - each / 3) < 1e-5)
        let smoothed = try loss(CrossEntropyLoss(labelSmoothing: 0.1), data)
        #expect(abs(smoothed - self.entropy([0.6, 0.3, 0.1].map { 0.9 * $0 + 0.1 / 3 })) < 1e-3)

        let two = try data.withTargets(.classes(classes.map { min($0, 1) }, names: ["a", "b"]))
        let bits = self.entropy([0.6, 0.4])
        #expect(abs(try loss(BinaryCrossEntropyLoss(), two) - bits) < 1e-5)
        #expect(abs(try loss(BinaryCrossEntropyOnProbabilities(), two) - bits) < 1e-5)

        let values = try data.withTargets(.values(classes.map { Float(10 * $0) }, width: 1, names: ["y"]))
        #expect(abs(try loss(MeanSquaredError(), values) - 45) < 1e-3)
        #expect(abs(try loss(MeanAbsoluteError(), values) - 5) < 1e-3)
    }

    private func entropy(_ shares: [Double]) -> Double {
        var sum = 0.0
        for share in shares { sum -= share * log(share) }
        return sum
    }

    @Test func tooFewRowsSayNothing() throws {
        let known = try baselines(experiment(XORSource(samples: 8)))
        #expect(known.skill == nil)
        #expect(known.majority != nil && known.constantLoss != nil)
    }

    @Test func theSameSeedGivesTheSame() throws {
        var source = ClassificationSource()
        source.samples = 3000
        #expect(try baselines(experiment(source)) == (try baselines(experiment(source))))
    }

    /// A wide sample keeps what can be known of it.
    @Test func imagesAndWideRowsAreReducedToWhatTellsThemApart() throws {
        let images = try baselines(Experiment(data: DataSettings(source: DigitImagesSource())))
        let table = try baselines(Experiment(data: DataSettings(source: DigitsSource())))
        #expect(try #require(images.skill) > 0.95 && (try #require(table.skill)) > 0.95)
        let wide = try baselines(
            experiment(
                Planted(DigitsSource()) { data in
                    // Each pixel beside seven that say nothing.
                    let inputs = data.inputs.flatMap { [$0] + [Float](repeating: 1, count: 7) }
                    return try Dataset(name: "wide", sampleShape: [512], inputs: inputs, targets: data.targets)
                }))
        #expect(try #require(wide.skill) > 0.85)
    }
}
