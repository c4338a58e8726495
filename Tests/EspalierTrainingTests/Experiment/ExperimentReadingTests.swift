import EspalierData
import EspalierNN
import EspalierSpec
import Foundation
import Testing

@testable import EspalierTraining

struct ExperimentReadingTests {
    static let full = """
        name: digits-mlp
        data:
          source: digits
          validation: null
          test: null
          split: {train: 0.7, validation: 0.15, test: 0.15, seed: 1, stratify: true, shuffle: true, fold: null}
          scale: standard
          targetScale: none
          limit: 1000
          loader: {threads: 2, prefetch: 8, timeout: 30.0}
        augment:
          - noise: {std: 0.05}
          - mixUp: {alpha: 0.2}
        model:
          - linear: {units: 128, bias: true, initializer: {heNormal: {mode: fan_in, slope: 0.0}}}
          - batchNorm: {eps: 1.0e-05, momentum: 0.1, affine: true}
          - relu
          - dropout: {p: 0.2}
          - linear: {units: auto, bias: true, initializer: null}
        initializer: {xavierUniform: {gain: 1.0}}
        loss:
          crossEntropy: {classWeights: null, labelSmoothing: 0.1, ignoredIndex: null}
        metrics: [accuracy]
        optimizer:
          adam: {learningRate: 0.001, betas: [0.9, 0.999], eps: 1.0e-08, epsPlace: outside, biasCorrection: true, amsgrad: false}
        schedule:
          exponential: {decayTo: 0.1, every: 1000}
        regularization:
          {l1: {strength: 0.01, proximal: true}, l2: 0.0001, weightDecay: 0.0, maxNorm: null, unitNorm: false,
            nonNegative: true, on: weights}
        gradient: {clipNorm: 1.5, clipValue: null, clipParameterNorm: null, adaptiveClip: null, accumulate: 2}
        groups:
          - {match: 0.*, rateFactor: 0.1, decays: false, frozen: true, unfreezeAt: 3, frozenLayersTrain: false}
          - match: ["1", "*.bias"]
            rateFactor: 1.0
            decays: true
            frozen: false
            unfreezeAt: null
            frozenLayersTrain: false
        averaging:
          ema: {decay: 0.99, warmUp: true, refresh: false}
        initialWeights: null
        training:
          {epochs: 30, batchSize: 64, seed: 7, evaluateEvery: epoch, dropLast: false, nonFinite: skip, nonFiniteLimit: 4,
            rollBackFactor: 0.25}
        callbacks:
          - earlyStopping: {patience: 10, minDelta: 0.0}
        doctor: {probeEvery: 50, curvatureEvery: 0, repairSeeds: 3, repairEpochs: null, repairSeconds: 600.0}

        """

    @Test func aCompleteConfigurationIsWrittenAsItWasRead() throws {
        let read = try experiment(Self.full)
        #expect(try YAML.parse(read.yaml, file: "r.yaml").value == YAML.parse(Self.full, file: "f.yaml").value)
        #expect(try experiment(read.yaml) == read)
    }

    @Test func everySettingArrives() throws {
        let read = try experiment(Self.full)
        #expect(read.name == "digits-mlp")
        #expect(read.data.source is DigitsSource)
        #expect(read.data.limit == 1000)
        #expect(read.data.targetScale == Scaling.none)
        #expect((read.model?[1] as? BatchNormSpecification)?.momentum == 0.1)
        #expect((read.model?[3] as? DropoutSpecification)?.p == 0.2)
        #expect(read.initializer is XavierUniform)
        #expect(read.loss is CrossEntropyLoss)
        #expect(read.metrics?.count == 1)
        #expect((read.optimizer as? Adam)?.eps == 1e-8)
        #expect((read.schedule as? ExponentialSchedule)?.every == 1000)
        #expect(read.regularization == WeightPenalty(l1: L1Penalty(0.01, proximal: true), l2: 1e-4, nonNegative: true))
        #expect(read.gradient == GradientSettings(clipNorm: 1.5, accumulate: 2))
        #expect(
            read.groups == [
                ParameterGroup(match: "0.*", rateFactor: 0.1, decays: false, frozen: true, unfreezeAt: 3),
                ParameterGroup(match: NamePatterns(["1", "*.bias"])),
            ])
        #expect(read.averaging == .ema(ExponentialAverage(decay: 0.99, warmUp: true)))
        #expect(
            read.training
                == TrainingSettings(
                    epochs: 30, batchSize: 64, seed: 7, nonFinite: .skip, nonFiniteLimit: 4, rollBackFactor: 0.25))
        #expect((read.callbacks.first as? EarlyStopping)?.patience == 10)
        #expect(read.doctor == DoctorSettings(probeEvery: 50))
    }

    @Test func dataAloneIsEnough() throws {
        let read = try experiment("data: {source: digits}")
        #expect(read.name == "c")
        #expect(read.model == nil && read.loss == nil && read.metrics == nil && read.initializer == nil)
        #expect(read.optimizer is Adam)
        #expect(read.schedule is ConstantSchedule)
        #expect(read.gradient == GradientSettings() && read.groups.isEmpty && read.averaging == Averaging.none)
        #expect(read.initialWeights == nil)
        #expect(read.data.scale == .standard)
        #expect(read.callbacks.isEmpty)
        #expect(read == Experiment(name: "c", data: DataSettings(source: DigitsSource())))
    }

    @Test(
        arguments: [
            ("data: {source: digits, split: {train: 1000, validation: 200, test: none}}", "data.split.test", "none"),
            ("data: {source: digits, split: {train: 1000}}", "data.split.validation", "none"),
            ("data: {source: digits, limit: null}", "data.limit", .null),
            ("data: {source: digits, scale: unit}", "data.scale", "unit"),
            ("data: {source: {digits: {}}}", "data.source", "digits"),
            ("data: {source: digits}\nmodel: [batchNorm: {}]", "model.0.batchNorm.momentum", 0.1),
            ("data: {source: digits}\nmodel: [flatten]", "model.0", "flatten"),
            ("data: {source: digits}\nmodel: [tanh, sigmoid: ]", "model.1", "sigmoid"),
            (
                "data: {source: digits}\nmodel: [linear: {units: 3, initializer: {normal: {std: 0.5}}}]",
                "model.0.linear.initializer", ["normal": ["std": 0.5]]
            ),
            ("data: {source: digits}\ninitializer: {uniform: {low: -1}}", "initializer.uniform.high", 0.05),
            ("data: {source: digits}\ninitializer: null", "initializer", .null),
            ("data: {source: digits}\ninitializer: {constant: {value: 0.5}}", "initializer.constant.value", 0.5),
            ("data: {source: digits}\nloss: mse", "loss", "mse"),
            ("data: {source: digits}\nmetrics: []", "metrics", []),
            ("data: {source: digits}\nmetrics: [mae, mse]", "metrics", ["mae", "mse"]),
            (
                "data: {source: digits}\noptimizer: {sgd: {momentum: 0.9, nesterov: true}}", "optimizer",
                [
                    "sgd": [
                        "learningRate": 0.001, "momentum": 0.9, "nesterov": true, "dampening": 0.0,
                        "rateInVelocity": false,
                    ]
                ]
            ),
            ("data: {source: digits}\noptimizer: adam", "optimizer.adam.learningRate", 0.001),
            ("data: {source: digits}\nschedule: constant", "schedule", "constant"),
            ("data: {source: digits}\nregularization: {l2: 1, on: all}", "regularization.l2", 1.0),
            ("data: {source: digits}\nregularization: {l1: 1}", "regularization.l1", 1.0),
            ("data: {source: digits}\naugment: [horizontalFlip]", "augment.0.horizontalFlip.p", 0.5),
            ("data: {source: digits}\ntraining: {epochs: 3}", "training.batchSize", 64),
            ("data: {source: digits}\ncallbacks: [earlyStopping]", "callbacks.0.earlyStopping.patience", 10),
            ("data: {source: digits}\ndoctor: off", "doctor", "off"),
            ("data: {source: digits}\ndoctor: false", "doctor", "off"),
            ("data: {source: digits}\ndoctor: {probeEvery: 0}", "doctor", "off"),
            (
                "data: {source: digits}\ndoctor: {}", "doctor",
                [
                    "probeEvery": 50, "curvatureEvery": 0, "repairSeeds": 3, "repairEpochs": .null,
                    "repairSeconds": 600.0,
                ]
            ),
            ("data: {source: digits}\nname: 7", "name", "7"),
        ] as [(String, String, ConfigurationValue)])
    func everyFormIsRead(text: String, path: String, value: ConfigurationValue) throws {
        let read = try experiment(text)
        #expect(find(path, in: read.configuration) == value)
        #expect(try experiment(read.yaml) == read)
    }

    private func find(_ path: String, in value: ConfigurationValue) -> ConfigurationValue? {
        path.split(separator: ".").reduce(value) { value, key in
            if case .list(let items)? = value { return Int(key).map { items[$0] } }
            return value?[String(key)]
        }
    }

    @Test func overridesWin() throws {
        let read = try experiment(
            Self.full,
            overrides: [
                "training.epochs=5", "optimizer.adam.learningRate=0.1", "model.3.dropout.p=0.5", "doctor=off",
                "data.source={csv: {path: a.csv}}",
            ], folder: "/tables")
        #expect(read.training.epochs == 5)
        #expect((read.optimizer as? Adam)?.learningRate == 0.1)
        #expect((read.model?[3] as? DropoutSpecification)?.p == 0.5)
        #expect(read.doctor == .off)
        #expect(find("data.source.csv.path", in: read.configuration) == "/tables/a.csv")
        let wrong = try #require(error { try experiment(Self.full, overrides: ["training.epoch=5"]) })
        #expect(wrong.location == "--set training.epoch")
        #expect(wrong.fix == "did you mean \"epochs\"?")
    }

    @Test func pathsStartAtTheConfigurationAndAreWrittenFromTheRoot() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("sub"), withIntermediateDirectories: true)
        try folder.put("a,b\n1,2\n3,4\n5,6.5\n7,8\n9,1\n2,2\n3,3\n", as: "sub/table.csv")
        let path = try folder.put("data: {source: table.csv}\n", as: "sub/regress.yaml")
        let read = try Experiment.read(path)
        #expect(read.name == "regress")
        let written = try #require(find("data.source.csv.path", in: read.configuration))
        #expect(written == .string(folder.file("sub/table.csv")))
        let elsewhere = try folder.put(try read.prepare().experiment.yaml, as: "config.yaml")
        let first = try read.prepare(), second = try Experiment.read(elsewhere).prepare()
        #expect(first.configuration == second.configuration)
        #expect(first.data.train == second.data.train)
        #expect(first.data.test == second.data.test)
        let relative = try experiment("data: {source: ./x.csv}", folder: "./some/where")
        let here = FileManager.default.currentDirectoryPath
        #expect(find("data.source.csv.path", in: relative.configuration) == .string("\(here)/some/where/./x.csv"))
    }

    @Test func aBareSourceIsDataAlone() throws {
        let digits = try Experiment.read("digits", overrides: ["training.epochs=2"])
        #expect(digits.name == "digits")
        #expect(digits.training.epochs == 2)
        let table = try Experiment.read("some/prices.csv", overrides: ["data.source.csv.target=price"])
        #expect(table.name == "prices")
        #expect((table.data.source as? CSVSource)?.target == "price")
        let wrong = try #require(error { try Experiment.read("digts") })
        #expect(wrong.what == "unknown configuration or data source \"digts\"")
        #expect(wrong.fix == "did you mean \"digits\"?")
        let missing = try #require(error { try Experiment.read("none.yaml") })
        #expect(missing.location == "none.yaml")
        #expect(missing.what.contains("no such file"))
    }

    @Test func aProgramsOwnPartsAreReadWhereverTheyAreNamed() throws {
        let text = """
            data: {source: {toy: {rows: 20}}}
            initializer: halves
            model:
              - scale: {initializer: halves}
              - linear: {units: auto, initializer: halves}
            """
        let read = try experiment(text)
        #expect((read.model?[0] as? ScaleSpecification)?.initializer.initializer is Halves)
        #expect(try experiment(read.yaml) == read)
        let prepared = try read.prepare()
        #expect(prepared.model.layers.count == 2)
        #expect(prepared.model.layers[0] is ScaleSpecification.Scale)
        let node = try YAML.parse(text, file: "c.yaml")
        let unknown = try #require(error { try Experiment(configuration: node) })
        #expect(unknown.location == "c.yaml:1:17")
        #expect(unknown.what == "unknown data source \"toy\"")
    }
}
