import EspalierData
import EspalierNN
import EspalierSpec
import EspalierTestSupport
import Testing

@testable import EspalierTraining

/// Random and damaged configurations: read back the same, or refused with a place; never a crash.
struct ExperimentFuzzTests {
    @Test func randomExperimentsAreReadBackEqual() throws {
        var random = RandomInput("experiments")
        for _ in 0..<Fuzzing.count / 6 {
            let first = try random.experiment()
            let node = try YAML.parse(first.yaml, file: "again.yaml")
            let again = try Experiment(configuration: node, catalog: .extended, folder: "/elsewhere")
            #expect(again == first)
            #expect(again.yaml == first.yaml)
        }
    }

    @Test func damagedConfigurationsNeverCrash() throws {
        var random = RandomInput("damaged configurations")
        let special = "{}[]:,-\"'#&*!|>%0159.eE \n\tnulltruefalse"
        let toy = ExperimentReadingTests.full.replacing("source: digits", with: "source: toy")
            .replacing("limit: 1000", with: "limit: 30")
        var read = 0, prepared = 0
        for _ in 0..<Fuzzing.count {
            let text = String(decoding: random.stream.damage(Array(toy.utf8), with: special), as: UTF8.self)
            do {
                let experiment = try experiment(text)
                read += 1
                #expect(try EspalierTrainingTests.experiment(experiment.yaml) == experiment)
                guard experiment.isSmall else { continue }
                let result = try experiment.prepare()
                prepared += 1
                #expect(try EspalierTrainingTests.experiment(result.experiment.yaml) == result.experiment)
            } catch let error as EspalierError {
                #expect(error.location?.isEmpty == false, "\(error)")
            }
        }
        // Most damage is found; what goes unnoticed must not be rare, or the test looks at nothing but YAML.
        #expect(read > Fuzzing.count / 20 && prepared > Fuzzing.count / 30, "\(read) read, \(prepared) prepared")
    }

    @Test func valuesOfAnyKindAnywhereNeverCrash() throws {
        var random = RandomInput("values anywhere")
        let start = try YAML.parse(ExperimentReadingTests.full, file: "c.yaml").value
        var accepted = 0
        for _ in 0..<Fuzzing.count {
            let changed = random.replaceOne(in: start)
            do {
                let read = try Experiment(configuration: ConfigurationNode(changed), catalog: .extended)
                accepted += 1
                #expect(try experiment(read.yaml) == read)
            } catch is EspalierError {}
        }
        #expect(accepted > Fuzzing.count / 50)
    }
}

extension Experiment {
    /// Whether preparing it takes no more memory than a test may.
    fileprivate var isSmall: Bool {
        (model ?? []).allSatisfy { layer in
            if case .count(let units)? = (layer as? LinearSpecification)?.units { units <= 10_000 } else { true }
        }
    }
}

extension RandomInput {
    fileprivate mutating func one<Choice>(of choices: [Choice]) -> Choice { choices[below(choices.count)] }
    private mutating func share() -> Double { Double(below(1000)) / 1000 }
    private mutating func positive() -> Double { max(abs(number()), 0x1p-1074) }

    fileprivate mutating func experiment() throws -> Experiment {
        let sources: [any DataSource] = [
            DigitsSource(), ToySource(),
            CSVSource(path: "/data/\(text())", target: below(2) == 0 ? "t\(text())" : nil, features: ["f", "g"]),
        ]
        var split = SplitSpecification()
        split.seed = below(.max)
        split.stratify = below(2) == 0
        if below(2) == 0 { split.train = .share(0.5 + share() / 2) }
        if below(3) == 0 { (split.train, split.validation, split.test) = (.count(1 + below(100)), .none, .count(7)) }
        var data = DataSettings(source: one(of: sources), split: split, scale: one(of: Scaling.allCases))
        data.targetScale = one(of: [nil] + Scaling.allCases)
        data.limit = one(of: [nil, 1, .max])
        var experiment = Experiment(name: one(of: [nil, "on", "1e3", "größe 2"]), data: data)
        experiment.model = below(5) == 0 ? nil : (0...below(6)).map { _ in layer() }
        experiment.initializer = below(2) == 0 ? nil : initializer()
        experiment.loss = one(of: [
            nil, CrossEntropyLoss(labelSmoothing: share()), MeanSquaredError(), HuberLoss(delta: positive()),
            CrossEntropyLoss(classWeights: .given([positive(), 0]), ignoredIndex: below(9)),
        ])
        experiment.metrics = one(of: [
            nil, [], [Accuracy()], [MeanAbsoluteErrorMetric(), MeanSquaredErrorMetric()],
            [TopK(k: 1 + below(9)), F1(.micro)],
        ])
        experiment.optimizer = one(of: [
            Adam(learningRate: positive(), betas: (share(), share()), eps: positive()),
            SGD(learningRate: positive(), momentum: share(), dampening: share()),
        ])
        experiment.schedule = one(of: [
            ConstantSchedule(), ExponentialSchedule(decayTo: positive(), every: 1 + below(1000)),
        ])
        experiment.regularization = WeightPenalty(
            l1: L1Penalty(share(), proximal: below(2) == 0), l2: share(), weightDecay: share(),
            maxNorm: one(of: [nil, positive()]), nonNegative: below(2) == 0, on: one(of: WeightPenalty.Target.allCases))
        experiment.augment = one(of: [[], [MixUp(alpha: positive()), HorizontalFlip(p: share())]])
        experiment.training = TrainingSettings(
            epochs: 1 + below(99), batchSize: 1 + below(.max - 1), seed: below(.max), dropLast: below(2) == 0)
        experiment.callbacks = below(2) == 0 ? [] : [EarlyStopping(patience: 1 + below(9), minDelta: share())]
        experiment.doctor = one(of: [.off, DoctorSettings(), DoctorSettings(probeEvery: 7)])
        return experiment
    }

    private mutating func layer() -> any LayerSpecification {
        var linear = LinearSpecification()
        linear.units = one(of: [.automatic, .count(1 + below(.max - 1))])
        linear.bias = below(2) == 0
        linear.initializer = below(2) == 0 ? nil : InitializerChoice(initializer())
        var dropout = DropoutSpecification()
        dropout.p = share()
        var normalization = BatchNormSpecification()
        normalization.eps = positive()
        return one(of: [
            linear, dropout, normalization, ReLUSpecification(), FlattenSpecification(), ScaleSpecification(),
        ])
    }

    private mutating func initializer() -> any Initializer {
        one(of: [Zeros(), Halves(), HeNormal(), ConstantInitializer(number()), Normal(std: positive())])
    }

    /// The value with one of those in it, at any depth, replaced by a random one.
    mutating func replaceOne(in value: ConfigurationValue) -> ConfigurationValue {
        if below(5) == 0 { return self.value(depth: 2) }
        switch value {
        case .map(var entries) where !entries.isEmpty:
            let index = below(entries.count)
            entries[index].value = replaceOne(in: entries[index].value)
            return .map(entries)
        case .list(var items) where !items.isEmpty:
            let index = below(items.count)
            items[index] = replaceOne(in: items[index])
            return .list(items)
        default: return self.value(depth: 2)
        }
    }
}
