import EspalierSpec
import Testing

@testable import EspalierTraining

struct OverridesTests {
    private let root = try? YAML.parse(
        "training: {epochs: 30}\nmodel: [flatten, {linear: {units: 10}}, dropout]\noptimizer: adam\nempty:\n",
        file: "c.yaml")

    private func apply(_ arguments: String...) throws -> ConfigurationNode {
        try #require(root).applying(overrides: arguments)
    }

    @Test(
        arguments: [
            ("training.epochs=5", ["training", "epochs"], 5),
            ("training.rate = 1e-8", ["training", "rate"], 1e-8),
            ("a.b.c={d: [1, 2]}", ["a", "b", "c"], ["d": [1, 2]]),
            ("empty.x=yes", ["empty", "x"], "yes"),
            ("training=", ["training"], .null),
            ("name=a=b", ["name"], "a=b"),
            ("optimizer.adam.learningRate=0.1", ["optimizer", "adam", "learningRate"], 0.1),
        ] as [(String, [String], ConfigurationValue)])
    func valuesArePutIn(argument: String, keys: [String], value: ConfigurationValue) throws {
        let changed = try keys.reduce(apply(argument)) { try #require($0[$1]) }
        #expect(changed.value == value)
        #expect(changed.path == keys.joined(separator: "."))
        #expect(changed.place == "--set \(keys.joined(separator: "."))")
    }

    @Test func listsTakeNumbers() throws {
        let model = try #require(apply("model.1.linear.units=20", "model.2.dropout.p=0.5", "model.0=relu")["model"])
        #expect(model.value == ["relu", ["linear": ["units": 20]], ["dropout": ["p": 0.5]]])
        #expect(try model.items()[1]["linear"]?["units"]?.path == "model.1.linear.units")
        #expect(try model.items()[1].place == "c.yaml:2:18")
    }

    @Test func whatIsNotNamedStays() throws {
        let changed = try apply("training.epochs=5", "training.epochs=6")
        #expect(changed["training"]?.value == ["epochs": 6])
        #expect(changed["model"] == root?["model"])
    }

    @Test(arguments: [
        (
            "training.epochs.x=1", "--set training.epochs.x",
            "training.epochs is the number 30 (c.yaml:1:20), which holds no \"x\""
        ),
        (
            "optimizer.sgd.learningRate=1", "--set optimizer.sgd.learningRate",
            "optimizer is the text \"adam\" (c.yaml:3:12)"
        ),
        ("model.3=relu", "--set model.3", "3 is no item of model, which has 3"),
        ("model.-1=relu", "--set model.-1", "-1 is no item of model, which has 3"),
        ("model.first=relu", "--set model.first", "first is no item of model"),
        ("training", "--set", "\"training\" sets nothing"),
        ("=3", "--set", "\"=3\" sets nothing"),
        ("a..b=3", "--set", "\"a..b=3\" sets nothing"),
        ("a=[1", "--set a:2:1", "did not find expected"),
        ("a={b: 1, b: 2}", "--set a:1:8", "the key \"b\" is given twice, first at 1:2"),
    ])
    func wrongPathsAreRefused(argument: String, place: String, what: String) throws {
        let error = try #require(error { try apply(argument) })
        #expect(error.location == place)
        #expect(error.what.hasPrefix(what), "\(error)")
    }
}
