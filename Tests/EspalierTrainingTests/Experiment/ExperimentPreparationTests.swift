import EspalierData
import EspalierGraph
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

struct ExperimentPreparationTests {
    @Test func digitsAloneBecomeACompleteExperiment() throws {
        let prepared = try Experiment.read("digits").prepare()
        #expect(prepared.data.train.count == 1258)
        #expect(prepared.data.validation?.count == 270)
        #expect(prepared.data.test?.count == 269)
        #expect(prepared.classNames == (0...9).map(String.init))
        #expect(prepared.targetNames == nil)
        #expect(prepared.featureNames.count == 64)
        #expect(prepared.loss is CrossEntropyLoss)
        #expect(prepared.metrics.first is Accuracy)
        #expect(prepared.targetScaler == nil)
        #expect(prepared.model.layers.count == 4)
        let output = prepared.model(Tensor.input("x", [5, 64])).shape
        #expect(output == [5, 10])
        let mean = zip(0..., prepared.data.train.inputs).filter { $0.0 % 64 == 20 }.map { Double($0.1) }
        #expect(abs(mean.reduce(0, +) / Double(mean.count)) < 1e-5)
    }

    @Test func everythingIsDecidedAndReadBackTheSame() throws {
        for text in ["data: {source: digits}", "data: {source: {toy: {classes: 0}}}", ExperimentReadingTests.full] {
            let prepared = try experiment(text).prepare()
            let keys = try ConfigurationNode(prepared.configuration).entries().map(\.key)
            #expect(
                keys == [
                    "name", "data", "augment", "model", "initializer", "loss", "metrics", "optimizer", "schedule",
                    "regularization", "gradient", "groups", "averaging", "initialWeights", "training", "callbacks",
                    "doctor",
                ])
            let data = try #require(prepared.configuration["data"])
            #expect(["source", "split", "scale", "targetScale", "limit"].allSatisfy { data[$0] != nil })
            let again = try experiment(prepared.experiment.yaml)
            #expect(again == prepared.experiment)
            #expect(again.configuration == prepared.configuration)
            let second = try again.prepare()
            #expect(second.configuration == prepared.configuration)
            #expect(second.data.train == prepared.data.train)
            #expect(second.inputScaler == prepared.inputScaler)
            #expect(second.targetScaler == prepared.targetScaler)
        }
    }

    /// Generated rows are in random order already: the first are trained on, unless a shuffled split is asked for.
    @Test func generatedRowsAreSplitInOrder() throws {
        let source = "{circles: {samples: 100, noise: 0.1, seed: 3}}"
        let rows = try CirclesSource(samples: 100, noise: 0.1, seed: 3).load(relativeTo: "")
        for split in ["", ", split: {train: 0.7, stratify: true, seed: 4}"] {
            let prepared = try experiment("data: {source: \(source), scale: none\(split)}").prepare()
            #expect(prepared.data.train == rows[0..<70])
            #expect(prepared.data.validation == rows[70..<85])
            #expect(prepared.data.test == rows[85..<100])
            #expect(prepared.configuration["data"]?["split"]?["shuffle"] == false)
            #expect(try experiment(prepared.experiment.yaml).prepare().data.train == rows[0..<70])
        }
        let shuffled = try experiment("data: {source: \(source), scale: none, split: {shuffle: true}}").prepare()
        #expect(shuffled.data.train.count == 70 && shuffled.data.train != rows[0..<70])
        #expect(DataSettings(source: CirclesSource()).split.shuffle == false)
        #expect(DataSettings(source: DigitsSource()).split.shuffle)
    }

    @Test func scalersSeeTheTrainingRowsAlone() throws {
        let folder = try TemporaryFolder()
        let rows = (0..<10).map { "\($0),\($0 < 5 ? $0 * 10 : 900 + $0)" }.joined(separator: "\n")
        let path = try folder.put("x,price\n\(rows)\n", as: "prices.csv")
        let prepared = try experiment(
            """
            data:
              source: {csv: {path: \(path), target: price, task: regression}}
              split: {train: 5, validation: 5, shuffle: false}
              scale: minMax
              targetScale: standard
            model: [{linear: {units: auto}}]
            """
        ).prepare()
        #expect(prepared.inputScaler.offset == [0])
        #expect(prepared.inputScaler.factor == [0.25])
        #expect(prepared.targetScaler?.offset == [20])
        #expect(prepared.targetScaler?.factor == [1 / 200.0.squareRoot()])
        #expect(prepared.data.validation?.inputs == [1.25, 1.5, 1.75, 2, 2.25])
        #expect(prepared.loss is MeanSquaredError)
        #expect(prepared.metrics.first is MeanAbsoluteErrorMetric)
        #expect(prepared.targetNames == ["price"])
        #expect(prepared.featureNames == ["x"])
        #expect(prepared.classNames == nil)
    }

    @Test func targetsAreScaledUnaskedOnlyWithAChosenModel() throws {
        let chosen = try experiment("data: {source: {toy: {classes: 0}}}").prepare()
        #expect(chosen.targetScaler != nil)
        #expect(chosen.experiment.data.targetScale == .standard)
        let given = try experiment("data: {source: {toy: {classes: 0}}}\nmodel: [linear: {units: 1}]").prepare()
        #expect(given.targetScaler == nil)
        #expect(given.experiment.data.targetScale == Scaling.none)
        let refused = try experiment("data: {source: {toy: {classes: 0}}, targetScale: none}").prepare()
        #expect(refused.targetScaler == nil)
    }

    @Test func limitTakesTheFirstRows() throws {
        let prepared = try experiment(
            "data: {source: {toy: {rows: 40}}, limit: 10, scale: none, split: {train: 1.0, shuffle: false}}"
        ).prepare()
        let all = try ToySource().load(relativeTo: "")
        #expect(prepared.data.train.inputs == Array(all.inputs[..<40]))
        #expect(prepared.data.validation == nil && prepared.data.test == nil)
    }

    @Test(arguments: [(499, [4], 3), (500, [4], 4), (9999, [4], 4), (10_000, [4], 6), (100, [1, 2, 2], 4)])
    func theChosenModelGrowsWithTheRows(rows: Int, shape: [Int], layers: Int) throws {
        let prepared = try experiment(
            "data: {source: {toy: {rows: \(rows), shape: \(shape), classes: 3}}, split: {train: 1.0}}"
        ).prepare()
        #expect(prepared.model.layers.count == layers)
        #expect(prepared.model(Tensor.input("x", Shape([7] + shape))).shape == [7, 3])
        #expect(prepared.experiment.model?.count == layers)
    }

    @Test func initializersAreThoseOfTheConfiguration() throws {
        func initializers(_ top: String) throws -> [String] {
            let prepared = try experiment(
                "data: {source: toy}\n\(top)\nmodel:\n  - linear: {units: 3, initializer: zeros}\n  - tanh\n"
                    + "  - linear: {units: 3}\n  - relu\n  - linear: {units: auto}\n"
            ).prepare()
            return prepared.model.layers.compactMap { ($0 as? Linear)?.$weight.initializer }.map { type(of: $0).name }
        }
        #expect(try initializers("") == ["zeros", "heNormal", "xavierUniform"])
        #expect(try initializers("initializer: halves") == ["zeros", "halves", "halves"])
    }

    @Test func batchNormalisationTakesAnyBatchesOfTwoOrMore() throws {
        func prepare(_ training: String) throws {
            _ = try experiment(
                "data: {source: {toy: {rows: 33}}, split: {train: 1.0}}\nmodel: [batchNorm, linear: {units: 2}]\n"
                    + "training: {\(training)}"
            ).prepare()
        }
        try prepare("batchSize: 33")
        try prepare("batchSize: 31")
        try prepare("batchSize: 32, dropLast: true")
        try prepare("batchSize: 4096")
        try prepare("batchSize: 9223372036854775807")
        // The batch of one is a batch of four values where a channel has four pixels.
        _ = try experiment(
            "data: {source: {toy: {rows: 33, shape: [2, 2, 2]}}, split: {train: 1.0}}\ntraining: {batchSize: 32}\n"
                + "model: [batchNorm, flatten, linear: {units: 2}]"
        ).prepare()
    }

    @Test func theBatchSizeThatAnErrorAdvisesWorks() throws {
        for (rows, size) in [(33, 32), (33, 4), (3, 2), (33, 1), (65, 64), (2, 1), (101, 100), (101, 2), (7, 6)] {
            let text =
                "data: {source: {toy: {rows: \(rows)}}, split: {train: 1.0}}\n"
                + "model: [batchNorm, linear: {units: 2}]\n"
            let failure = try #require(error { try experiment(text + "training: {batchSize: \(size)}").prepare() })
            #expect(failure.location == "c.yaml:3:23")
            let advice = try #require(failure.fix?.split(separator: ",").first)
            _ = try experiment(text + "training: {\(advice)}").prepare()
        }
    }

    @Test(arguments: [
        (
            "data: {source: no/such.csv}", "c.yaml:1:16", "no/such.csv: cannot read data: no such file",
            "check the spelling"
        ),
        (
            "data: {source: {csv: {path: no/such.csv}}}", "c.yaml:1:29", "cannot read data: no such file or folder",
            "check the spelling"
        ),
        ("data: {source: toy, limit: 41}", "c.yaml:1:28", "limit is 41, and toy has 40 rows", "at most 40"),
        ("data: {source: toy, split: {train: 41}}", "c.yaml:1:28", "more rows than there are (40)", "give shares"),
        ("data: {source: {toy: {rows: 3}}}", "c.yaml:1:7", "its share 0.15 of 3 rows is less than one", ": none"),
        ("data: {source: {toy: {rows: 0}}}", "toy", "no rows", "at least one sample"),
        ("data: {source: toy, scale: unit}", "c.yaml:1:28", "the range of the values is not known", "minMax"),
        ("data: {source: toy, targetScale: minMax}", "c.yaml:1:34", "the targets are classes", "leave targetScale out"),
        ("data: {source: {toy: {classes: 1}}}", "c.yaml:1:16", "toy has 1 class", "at least two"),
        (
            "data: {source: toy}\nloss: mse", "c.yaml:2:7", "mse is for values, and the targets of toy are classes",
            "crossEntropy"
        ),
        (
            "data: {source: {toy: {classes: 0}}}\nloss: {crossEntropy: {}}", "c.yaml:2:7",
            "crossEntropy is for classes, and the targets of toy are values", "mse"
        ),
        ("data: {source: toy}\nmetrics: [accuracy, mae]", "c.yaml:2:21", "mae is for values", "a metric for classes"),
        (
            "data: {source: {toy: {classes: 0}}}\nmetrics: [accuracy]", "c.yaml:2:11", "accuracy is for classes",
            "task: classification"
        ),
        (
            "data: {source: toy}\nmodel:\n  - relu\n  - linear: {units: 3}", "c.yaml:4:5",
            "the model ends with [3] per sample, and toy has 2 classes", "units: auto"
        ),
        (
            "data: {source: toy}\nmodel:\n  - linear: {units: 3}\n  - relu", "c.yaml:4:5", "ends with [3] per sample",
            "- linear: {units: auto} as the last layer"
        ),
        ("data: {source: {toy: {classes: 0}}}\nmodel: [linear: {units: 2}]", "c.yaml:2:9", "1 target value", "[1]"),
        ("data: {source: {toy: {shape: [2]}}}\nmodel: [relu]", "c.yaml:2:8", "no parameters", "linear"),
        (
            "data: {source: {toy: {shape: [1, 2, 2]}}}\nmodel:\n  - relu\n  - linear: {units: 2}", "c.yaml:4:5",
            "linear takes samples of one axis, or sequences of them, and [1, 2, 2] arrive", "put flatten before it"
        ),
        (
            "data: {source: toy}\nmodel: [linear: {units: 9223372036854775807}, linear: {units: auto}]", "c.yaml:2:9",
            "a weight of 4 x 9223372036854775807 does not fit in memory", "fewer units"
        ),
        (
            "data: {source: toy}\nmodel: [scale: {axes: 0}, linear: {units: 2}]", "c.yaml:2:9",
            "scale makes [4] of 2 samples of [4]", "counts samples"
        ),
        ("data: {source: {toy: {shape: [2, 2]}}}\nmodel: [scale]", "c.yaml:2:9", "rank(2)", ""),
        (
            "data: {source: {toy: {rows: 33}}, split: {train: 33}}\ntraining: {batchSize: 32}\nmodel: [batchNorm]",
            "c.yaml:2:23", "the last batch of the 33 training rows has 1 sample", "batchSize: 33, or dropLast: true"
        ),
        (
            "data: {source: {toy: {rows: 65}}, split: {train: 65}}\nmodel:\n  - batchNorm", "c.yaml:3:5",
            "the last batch of the 65 training rows has 1 sample", "batchSize: 65, or dropLast: true"
        ),
        (
            "data: {source: {toy: {rows: 1}}, split: {train: 1}}\nmodel: [batchNorm]", "c.yaml:2:9", "has 1 sample",
            "more training rows"
        ),
        (
            "data: {source: toy}\ntraining: {batchSize: 64, dropLast: true}", "c.yaml:2:23",
            "not one batch of 64 is full with 28 training rows", "batchSize: 28"
        ),
    ])
    func whatDoesNotFitIsPlaced(text: String, place: String, what: String, help: String) throws {
        let read = try experiment(text)
        let failure = try #require(error { try read.prepare() })
        #expect(failure.location == place, "\(failure)")
        #expect(failure.what.contains(what), "\(failure)")
        #expect(help.isEmpty || "\(failure)".contains(help), "\(failure)")
    }

    @Test func aWrongRowIsPlacedInItsOwnFile() throws {
        let folder = try TemporaryFolder()
        let path = try folder.put("a,b\n1,2\n3,x4\n", as: "t.csv")
        let failure = try #require(
            error { try experiment("data: {source: {csv: {path: \(path), task: regression}}}").prepare() })
        #expect(failure.location == "\(path):3, column \"b\"")
        let missing = try #require(error { try Experiment.read("no/such.csv").prepare() })
        #expect(missing.location == "no/such.csv")
    }
}
