import EspalierData
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

struct ExperimentCatalogTests {
    @Test(
        arguments: [
            (.layers, ["linear", "flatten", "dropout"]), (.activations, ["relu", "sigmoid", "tanh"]),
            (.normalizations, ["batchNorm"]), (.losses, ["crossEntropy", "mse"]), (.optimizers, ["sgd", "adam"]),
            (.schedules, ["constant", "exponential"]), (.regularizers, ["l1", "l2", "weightDecay", "dropout"]),
            (.constraints, ["maxNorm", "unitNorm", "nonNegative"]),
            (.augmentations, ["mixUp", "randomCrop"]), (.metrics, ["accuracy", "mae", "mse"]),
            (.callbacks, ["earlyStopping"]),
            (.datasets, ["digits", "csv"]), (.symptoms, []), (.remedies, []), (.experiments, []),
        ] as [(PartKind, [String])])
    func eachKindListsItsParts(kind: PartKind, names: [String]) {
        let listed = Catalog.standard.parts(of: kind).map(\.name)
        #expect(names.allSatisfy(listed.contains), "\(listed)")
        #expect(names.isEmpty == listed.isEmpty)
        #expect(Set(listed).count == listed.count)
    }

    /// A name listed is a name usable in a configuration, in exactly that spelling.
    @Test func everyNameListedCanBeUsed() throws {
        let catalog = Catalog.standard
        func use(_ kind: PartKind, _ name: String, _ value: ConfigurationValue) throws -> ConfigurationValue {
            switch kind {
            case .layers, .activations, .normalizations: ["model": .list([value])]
            case .initializers: ["initializer": value]
            case .losses: ["loss": value]
            case .optimizers: ["optimizer": value]
            case .schedules: ["schedule": value]
            case .regularizers where catalog.layers.names.contains(name): ["model": .list([value])]
            case .regularizers: ["regularization": .map([.init(name, 0.1)])]
            case .constraints: ["regularization": .map([.init(name, name == "maxNorm" ? 0.1 : true)])]
            case .augmentations: ["augment": .list([value])]
            case .metrics: ["metrics": .list([value])]
            case .callbacks: ["callbacks": .list([value])]
            case .datasets: ["data": ["source": value]]
            default: [:]
            }
        }
        // What must be given has no default that would do.
        let required: [String: ConfigurationValue] = [
            "units": 3, "value": 0.5, "path": "/x.csv", "channels": 2, "kernelSize": 2, "outputSize": 1, "shape": [64],
            "body": ["relu"], "layers": ["relu"], "groups": 1, "vocabulary": 5, "heads": 2,
            "sparsity": 0.5, "layer": ["linear": ["units": 3]],
            "boundaries": [3], "factors": [1, 0.5], "milestones": [3], "steps": 5,
        ]
        for kind in PartKind.allCases {
            for part in catalog.parts(of: kind) {
                let settings = part.settings.map {
                    ConfigurationValue.Entry($0.name, $0.defaultValue ?? required[$0.name] ?? .null)
                }
                let value: ConfigurationValue = .map([.init(part.name, .map(settings))])
                guard case .map(var entries) = try use(kind, part.name, value) else { continue }
                if kind != .datasets { entries.append(.init("data", ["source": "digits"])) }
                _ = try Experiment(configuration: ConfigurationNode(.map(entries)))
                #expect(!part.summary.isEmpty)
                #expect(part.settings.allSatisfy { !$0.summary.isEmpty && !$0.accepted.isEmpty })
            }
        }
    }

    @Test func theListingIsWhatTheContractSays() throws {
        let adam = try #require(Catalog.standard.parts(of: .optimizers).first { $0.name == "adam" })
        #expect(
            JSON.write(adam.configuration)
                == #"{"name":"adam","summary":"Adaptive moment estimation, with bias correction","parameters":{"#
                + #""learningRate":{"summary":"step size","default":0.001,"accepted":"a number above 0","required":false},"#
                + #""betas":{"summary":"shares of the first and second moment that stay","default":[0.9,0.999],"#
                + #""accepted":"two numbers from 0 to below 1","required":false},"#
                + #""eps":{"summary":"added to the root of the second moment","default":1e-08,"#
                + #""accepted":"a number above 0","required":false},"#
                + #""epsPlace":{"summary":"eps outside or inside of the root, or outside of the root before its "#
                + #"correction","default":"outside","accepted":"one of outside, inside, uncorrected","required":false},"#
                + #""biasCorrection":{"summary":"whether the moments are corrected for having started at zero","#
                + #""default":true,"accepted":"true or false","required":false},"#
                + #""amsgrad":{"summary":"whether the largest second moment so far is taken","default":false,"#
                + #""accepted":"true or false","required":false}}}"#)
        let linear = try #require(Catalog.standard.parts(of: .layers).first { $0.name == "linear" })
        #expect(linear.configuration["parameters"]?["units"]?["required"] == true)
        #expect(linear.configuration["parameters"]?["units"]?["default"] == .null)
        #expect(linear.configuration["parameters"]?["initializer"]?["required"] == false)
        #expect(linear.configuration["parameters"]?["bias"]?["accepted"] == "true or false")
    }

    /// Parts of every kind, into registries that know none.
    @Test func partsGoWhereTheirProtocolSays() {
        var catalog = Catalog(
            sources: Registry(kind: "data source"), layers: Registry(kind: "layer"),
            initializers: Registry(kind: "initializer"), losses: Registry(kind: "loss"),
            metrics: Registry(kind: "metric"), optimizers: Registry(kind: "optimizer"),
            schedules: Registry(kind: "schedule"), callbacks: Registry(kind: "callback"),
            augmentations: Registry(kind: "augmentation"))
        catalog.register(ToySource.self)
        catalog.register(ScaleSpecification.self)
        catalog.register(Halves.self)
        catalog.register(CrossEntropyLoss.self)
        catalog.register(Accuracy.self)
        catalog.register(SGD.self)
        catalog.register(ConstantSchedule.self)
        catalog.register(EarlyStopping.self)
        catalog.register(MixUp.self)
        catalog.register(SGD.self)
        #expect(catalog.sources.names == ["toy"] && catalog.layers.names == ["scale"])
        #expect(catalog.initializers.names == ["halves"] && catalog.losses.names == ["crossEntropy"])
        #expect(catalog.metrics.names == ["accuracy"] && catalog.optimizers.names == ["sgd"])
        #expect(catalog.schedules.names == ["constant"] && catalog.callbacks.names == ["earlyStopping"])
        #expect(catalog.augmentations.names == ["mixUp"])
    }

    @Test func aPartOfOnesOwnIsListedUnderItsKind() {
        #expect(Catalog.extended.parts(of: .activations).map(\.name).contains("scale"))
        #expect(!Catalog.extended.parts(of: .layers).map(\.name).contains("scale"))
        #expect(Catalog.extended.parts(of: .datasets).map(\.name).contains("toy"))
        #expect(!Catalog.standard.parts(of: .datasets).map(\.name).contains("toy"))
    }

    /// A block takes the layers of the catalog that the whole configuration is read with.
    @Test func aPartOfOnesOwnStandsInABlock() throws {
        func text(_ first: String) -> String {
            "data: {source: toy}\nmodel: [{sequential: {layers: [\(first), {linear: {units: auto}}], recompute: true}}]"
        }
        let model = try experiment(text("scale")).prepare().model
        #expect(model.layers[0].description == "Sequential(2 layers, recomputed)")
        let misspelled = try #require(error { try experiment(text("skale")) })
        #expect(misspelled.location == "c.yaml:2:32" && misspelled.fix == "did you mean \"scale\"?")
        let adding = try #require(error { try experiment(text("{scale: {axes: 0}}")).prepare() })
        #expect(adding.what == "scale makes [4] of 2 samples of [4]" && adding.location?.hasPrefix("c.yaml:2:") == true)
    }

    @Test func anUnknownKindNamesTheOneMeant() throws {
        #expect(try PartKind(named: "layers") == .layers)
        let failure = try #require(error { try PartKind(named: "layer") })
        #expect(failure.what == "unknown kind \"layer\"")
        #expect(failure.fix == "did you mean \"layers\"?")
        #expect(failure.expected?.contains("symptoms") == true)
    }
}
