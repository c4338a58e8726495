import EspalierSpec
import Testing

@testable import EspalierTraining

/// What is wrong with a configuration is said at the very place, before any data is read.
struct ExperimentErrorTests {
    private static let data = "data: {source: digits}\n"

    @Test(arguments: [
        ("name: a\n", "c.yaml:1:1", "data is missing", "data: {source: digits}"),
        ("{}\n", "c.yaml:1:1", "data is missing", "data"),
        ("digits\n", "c.yaml:1:1", "the text \"digits\"", "a map of settings, at least data"),
        ("- data\n", "c.yaml:1:1", "a list", "a map of settings"),
        ("dataa: {source: digits}\n", "c.yaml:1:1", "unknown key \"dataa\"", "did you mean \"data\"?"),
        ("data:\n", "c.yaml:1:6", "data is nothing", "{source: digits}"),
        ("data: digits\n", "c.yaml:1:7", "data is the text \"digits\"", "{source: digits}"),
        ("data: {}\n", "c.yaml:1:7", "data.source is missing", "source: digits"),
        ("data: {split: {train: 0.5}}\n", "c.yaml:1:7", "data.source is missing", "source: digits"),
        ("data: {sorce: digits}\n", "c.yaml:1:8", "unknown key \"sorce\"", "did you mean \"source\"?"),
        ("data: {source: digts}\n", "c.yaml:1:16", "unknown data source \"digts\"", "did you mean \"digits\"?"),
        ("data: {source: rings}\n", "c.yaml:1:16", "unknown data source \"rings\"", "or the path of a .csv, .npz"),
        ("data: {source: {csv: {target: a}}}\n", "c.yaml:1:22", "csv needs path", "relative to"),
        ("data: {source: {csv: {path: a.csv, goal: b}}}\n", "c.yaml:1:36", "unknown key \"goal\"", "target"),
        ("data: {source: {csv: {path: a.csv, features: []}}}\n", "c.yaml:1:22", "features is an empty list", ""),
        ("data: {source: [digits]}\n", "c.yaml:1:16", "data.source is a list", "the name of a data source"),
        ("data: {source: digits, scale: standart}\n", "c.yaml:1:31", "unknown value \"standart\"", "\"standard\""),
        ("data: {source: digits, scale: 3}\n", "c.yaml:1:31", "data.scale is the number 3", "minMax"),
        ("data: {source: digits, limit: 0}\n", "c.yaml:1:31", "data.limit is the number 0", "at least 1"),
        ("data: {source: digits, limit: many}\n", "c.yaml:1:31", "the text \"many\"", "a whole number"),
        ("data: {source: digits, split: {train: 1.5}}\n", "c.yaml:1:39", "the number 1.5", "a share from 0.0 to 1.0"),
        ("data: {source: digits, split: {trian: 0.5}}\n", "c.yaml:1:32", "unknown key \"trian\"", "\"train\""),
        (
            "data: {source: digits, split: {train: 0.9, test: 0.2}}\n", "c.yaml:1:31",
            "the shares of the split add up to", "at most 1"
        ),
        (data + "augment: [horizontalflip]\n", "c.yaml:2:11", "unknown augmentation", "\"horizontalFlip\""),
        (data + "augment: mixUp\n", "c.yaml:2:10", "augment is the text", "a list of augmentations"),
        (data + "gradients: {clipNorm: 1}\n", "c.yaml:2:1", "unknown key \"gradients\"", "did you mean \"gradient\"?"),
        (data + "modle: [relu]\n", "c.yaml:2:1", "unknown key \"modle\"", "did you mean \"model\"?"),
        (data + "name: a/b\n", "c.yaml:2:7", "\"a/b\" cannot name a folder", "without /"),
        (data + "name: [a]\n", "c.yaml:2:7", "name is a list", "a text"),
        (data + "model:\n", "c.yaml:2:7", "model is nothing", "a list of layers"),
        (data + "model: []\n", "c.yaml:2:8", "the model has no layers", "at least one layer"),
        (data + "model: {linear: {units: 3}}\n", "c.yaml:2:8", "model is a map", "a list of layers"),
        (data + "model:\n  - linera: {units: 3}\n", "c.yaml:3:5", "unknown layer \"linera\"", "\"linear\""),
        (data + "model:\n  - relu\n  - conv4d\n", "c.yaml:4:5", "unknown layer \"conv4d\"", "\"conv1d\""),
        (data + "model:\n  - linear\n", "c.yaml:3:5", "linear needs units", "linear: {units: …}"),
        (data + "model:\n  - linear: {bias: true}\n", "c.yaml:3:13", "linear needs units", "linear: {units: …}"),
        (data + "model:\n  - linear: {units: 0}\n", "c.yaml:3:21", "the number 0", "at least 1"),
        (data + "model:\n  - linear: {units: ten}\n", "c.yaml:3:21", "the text \"ten\"", "auto"),
        (data + "model:\n  - linear: {units: 3, bias: yes}\n", "c.yaml:3:30", "the text \"yes\"", "true or false"),
        (data + "model:\n  - linear: {units: 3, init: zeros}\n", "c.yaml:3:24", "unknown key \"init\"", "initializer"),
        (
            data + "model: [{linear: {units: 3, initializer: heNorml}}]\n", "c.yaml:2:42",
            "unknown initializer \"heNorml\"", "\"heNormal\""
        ),
        (
            data + "model: [{linear: {units: 3, initializer: {normal: {std: -1}}}}]\n", "c.yaml:2:57",
            "model.0.linear.initializer.normal.std is the number -1", "a number above 0"
        ),
        (data + "model: [{dropout: {p: 1}}]\n", "c.yaml:2:23", "the number 1", "from 0.0 to below 1.0"),
        (data + "model: [{relu: {}, tanh: {}}]\n", "c.yaml:2:9", "model.0 names relu and tanh", "exactly one name"),
        (data + "model: [{relu: {p: 1}}]\n", "c.yaml:2:17", "unknown key \"p\"", "no key here"),
        (data + "model: [3]\n", "c.yaml:2:9", "model.0 is the number 3", "the name of a layer"),
        (data + "initializer: {constant: {}}\n", "c.yaml:2:25", "constant needs value", "the value"),
        (data + "initializer: {constant: {value: .nan}}\n", "c.yaml:2:33", "the number nan", "a finite number"),
        (
            data + "initializer: {uniform: {low: 1}}\n", "c.yaml:2:24", "uniform from 1.0 to 0.05 is empty",
            "low below high"
        ),
        (data + "loss: hubert\n", "c.yaml:2:7", "unknown loss \"hubert\"", "\"huber\""),
        (data + "loss: {crossEntropy: {labelSmoothing: 1.2}}\n", "c.yaml:2:39", "the number 1.2", "below 1.0"),
        (data + "loss: {mse: {delta: 0.1}}\n", "c.yaml:2:14", "\"delta\"", "no key here"),
        (data + "loss:\n", "c.yaml:2:6", "loss is nothing", "the name of a loss"),
        (data + "metrics: accuracy\n", "c.yaml:2:10", "metrics is the text", "a list of metrics"),
        (data + "metrics: [accuracy, acuracy]\n", "c.yaml:2:21", "unknown metric \"acuracy\"", "\"accuracy\""),
        (data + "metrics: [mae, mse, mae]\n", "c.yaml:2:21", "mae is listed twice", "once"),
        (data + "optimizer: {adam: {lr: 0.1}}\n", "c.yaml:2:20", "unknown key \"lr\"", "learningRate"),
        (data + "optimizer: {adam: {learningRate: 0}}\n", "c.yaml:2:34", "the number 0", "a number above 0"),
        (data + "optimizer: {adam: {learningRate: .inf}}\n", "c.yaml:2:34", "the number inf", "a finite number"),
        (data + "optimizer: {adam: {betas: [0.9]}}\n", "c.yaml:2:27", "a list", "two numbers"),
        (data + "optimizer: {sgd: {nesterov: true}}\n", "c.yaml:2:18", "nesterov needs a momentum", "momentum: 0.9"),
        (data + "schedule: {exponential: {every: 0}}\n", "c.yaml:2:33", "the number 0", "at least 1"),
        (data + "schedule: cosyne\n", "c.yaml:2:11", "unknown schedule \"cosyne\"", "did you mean \"cosine\"?"),
        (
            data + "schedule: {warmup: {steps: 9, then: cosyne}}\n", "c.yaml:2:37", "\"cosyne\"",
            "did you mean \"cosine\"?"
        ),
        (data + "schedule: {warmup: {then: cosine}}\n", "c.yaml:2:20", "warmup needs steps", "steps of the rise"),
        (data + "schedule: {cosine: {steps: 0}}\n", "c.yaml:2:28", "the number 0", "at least 1"),
        (data + "gradient: {clipNorm: -1}\n", "c.yaml:2:22", "the number -1", "above 0"),
        (data + "gradient: {accumulate: 0}\n", "c.yaml:2:24", "the number 0", "at least 1"),
        (data + "groups: [{rateFactor: 2}]\n", "c.yaml:2:10", "group needs match", "patterns"),
        (data + "groups: {match: 0}\n", "c.yaml:2:9", "a map", "a list of groups"),
        (data + "groups: [{match: 0, unfreezeAt: 3}]\n", "c.yaml:2:10", "not frozen", "frozen: true"),
        (data + "averaging: {emma: {}}\n", "c.yaml:2:13", "unknown average", "did you mean \"ema\"?"),
        (data + "averaging: {ema: {decay: 1.2}}\n", "c.yaml:2:26", "the number 1.2", "below 1"),
        (data + "initialWeights: {match: 0}\n", "c.yaml:2:17", "initialWeights needs file", "safetensors"),
        (data + "regularization: {decay: 0}\n", "c.yaml:2:18", "unknown key \"decay\"", "l1, l2, weightDecay"),
        (data + "regularization: {l1: {strength: -1}}\n", "c.yaml:2:33", "the number -1", "at least 0"),
        (data + "regularization: {l1: often}\n", "c.yaml:2:22", "the text \"often\"", "proximal: true"),
        (data + "regularization: {maxNorm: 0}\n", "c.yaml:2:27", "the number 0", "above 0"),
        (
            data + "regularization: {maxNorm: 1, unitNorm: true}\n", "c.yaml:2:17", "exclude each other",
            "one of the two"
        ),
        (data + "regularization: {l2: -1}\n", "c.yaml:2:22", "the number -1", "at least 0"),
        (data + "regularization: {on: biases}\n", "c.yaml:2:22", "unknown value \"biases\"", "weights, all"),
        (data + "training: {epochs: 0}\n", "c.yaml:2:20", "the number 0", "a whole number from 1 to"),
        (data + "training: {epochs: 1.5}\n", "c.yaml:2:20", "the number 1.5", "a whole number"),
        (data + "training: {batchsize: 4}\n", "c.yaml:2:12", "unknown key \"batchsize\"", "\"batchSize\""),
        (data + "training: 30\n", "c.yaml:2:11", "training is the number 30", "as a map"),
        (data + "callbacks: earlyStopping\n", "c.yaml:2:12", "callbacks is the text", "a list of callbacks"),
        (
            data + "callbacks: [{saving: {every: 5}}]\n", "c.yaml:2:14", "unknown callback \"saving\"",
            "earlyStopping"
        ),
        (data + "callbacks: [{earlyStopping: {patience: 0}}]\n", "c.yaml:2:40", "the number 0", "at least 1"),
        // What a beginner writes.
        (data + "epochs: 3\n", "c.yaml:2:1", "unknown key \"epochs\"", "try: training: {epochs: …}"),
        (data + "weightDecay: 0.1\n", "c.yaml:2:1", "unknown key", "try: regularization: {weightDecay: …}"),
        (data + "metrics: [acc]\n", "c.yaml:2:11", "unknown metric \"acc\"", "did you mean \"accuracy\"?"),
        (data + "metrics: accuracy\n", "c.yaml:2:10", "metrics is the text", "try: metrics: [accuracy]"),
        (data + "callbacks: {earlyStopping: {}}\n", "c.yaml:2:12", "callbacks is a map", "callbacks: [{…}]"),
        (data + "model: [{dropout: 0.5}]\n", "c.yaml:2:19", "the number 0.5", "try: dropout: {p: …}"),
        (data + "model: [{relu: 0.5}]\n", "c.yaml:2:16", "the number 0.5", "try: relu alone"),
        (data + "model: [Linear]\n", "c.yaml:2:9", "unknown layer \"Linear\"", "did you mean \"linear\"?"),
        (data + "model: [dense]\n", "c.yaml:2:9", "unknown layer \"dense\"", "one of linear, flatten"),
        (
            data + "optimizer:\n  adam:\n  learningRate: 0.1\n", "c.yaml:3:3", "optimizer is a map",
            "indent what belongs to adam further"
        ),
        (data + "optimizer: 3\n", "c.yaml:2:12", "optimizer is the number 3", "the name of an optimizer"),
        (data + "doctor: on\n", "c.yaml:2:9", "doctor is the text \"on\"", "off, or a map"),
        (data + "doctor: true\n", "c.yaml:2:9", "doctor is true", "off, or a map"),
        (data + "doctor: {probeEvery: -1}\n", "c.yaml:2:22", "the number -1", "at least 0"),
    ])
    func everyMistakeIsPlaced(text: String, place: String, what: String, help: String) throws {
        let failure = try #require(error { try experiment(text) })
        #expect(failure.location == place, "\(failure)")
        #expect(failure.what.contains(what), "\(failure)")
        #expect(help.isEmpty || "\(failure)".contains(help), "\(failure)")
        #expect(failure.expected != nil)
    }
}
