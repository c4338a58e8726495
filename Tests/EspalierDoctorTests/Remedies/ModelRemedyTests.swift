import Espalier
import Testing

@testable import EspalierDoctor

/// What the remedies of the model make of configurations: what is expected, nothing else, and something that can be trained.
struct ModelRemedyTests {
    private static let blobs = "data: {source: {blobs: {samples: 90, centers: 3}}}\n"

    struct Change: Sendable {
        var remedy: any Remedy
        /// What stands there, and what shall: the parts of a configuration that differ.
        var before: String
        /// Nothing where the remedy has no place.
        var after: String?
        var source: String = blobs
        /// Whether a second dose changes more.
        var repeats = false
    }

    private static let images = "data: {source: digits, limit: 100}\n"
    private static let digits = "{reshape: {shape: [1, 8, 8]}}"
    private static let rest = "flatten, linear: {units: auto}"

    private static let initializations = [
        Change(
            remedy: MatchingInitialization(),
            before:
                "initializer: {uniform: {low: -0.05, high: 0.05}}\nmodel: [linear: {units: 5, initializer: zeros}, relu, "
                + "{sequential: {layers: [{linear: {units: 5, initializer: ones}}, relu]}}, linear: {units: auto}]",
            after:
                "model: [linear: {units: 5}, relu, {sequential: {layers: [{linear: {units: 5}}, relu]}}, linear: {units: auto}]"
        ),
        Change(
            remedy: MatchingInitialization(HeNormal()),
            before: "model: [linear: {units: 5, initializer: zeros}, relu, linear: {units: auto}]",
            after: "initializer: heNormal\nmodel: [linear: {units: 5}, relu, linear: {units: auto}]"),
        Change(remedy: MatchingInitialization(), before: "model: [linear: {units: 5}, relu, linear: {units: auto}]"),
        Change(
            remedy: MatchingInitialization(),
            before: "model: [\(digits), conv2d: {channels: 2, kernelSize: 3, initializer: zeros}, relu, "
                + "{weightNorm: {layer: {conv2d: {channels: 2, kernelSize: 3, initializer: ones}}}}, relu, \(rest)]",
            after: "model: [\(digits), conv2d: {channels: 2, kernelSize: 3}, relu, "
                + "{weightNorm: {layer: {conv2d: {channels: 2, kernelSize: 3}}}}, relu, \(rest)]", source: images),
        Change(
            remedy: MatchingInitialization(),
            before: "model: [reshape: {shape: [8, 8]}, rnn: {units: 4, initializer: ones}, linear: {units: auto}]",
            after: "model: [reshape: {shape: [8, 8]}, rnn: {units: 4}, linear: {units: auto}]", source: images),
    ]

    private static let activations = [
        Change(
            remedy: ChangeActivation(),
            before:
                "model: [linear: {units: 5}, sigmoid, {sequential: {layers: [{linear: {units: 4}}, tanh]}}, linear: {units: 3}, "
                + "softmax]\nloss: crossEntropyOnProbabilities",
            after:
                "model: [linear: {units: 5}, relu, {sequential: {layers: [{linear: {units: 4}}, relu]}}, linear: {units: 3}, "
                + "softmax]\nloss: crossEntropyOnProbabilities"),
        Change(
            remedy: ChangeActivation(to: SELUSpecification()),
            before:
                "initializer: heUniform\nmodel: [linear: {units: 5, initializer: zeros}, sigmoid, linear: {units: 3}]",
            after: "model: [linear: {units: 5}, selu, linear: {units: 3}]"),
        Change(
            remedy: ChangeActivation(to: ELUSpecification()),
            before:
                "initializer: heUniform\nmodel: [linear: {units: 6}, glu, linear: {units: 4}, sigmoid, linear: {units: 3}, sigmoid]\n"
                + "loss: binaryCrossEntropyOnProbabilities",
            after:
                "initializer: heUniform\nmodel: [linear: {units: 6}, glu, linear: {units: 4}, elu, linear: {units: 3}, sigmoid]\n"
                + "loss: binaryCrossEntropyOnProbabilities"),
        Change(
            remedy: ChangeActivation(),
            before:
                "model: [linear: {units: 5}, relu, linear: {units: 3}, sigmoid]\nloss: binaryCrossEntropyOnProbabilities"
        ),
        // The outputs of a block that ends the model stay too.
        Change(
            remedy: ChangeActivation(),
            before:
                "model: [linear: {units: 5}, sigmoid, {sequential: {layers: [{linear: {units: 4}}, sigmoid, {linear: {units: 3}}, "
                + "sigmoid]}}]\nloss: binaryCrossEntropyOnProbabilities",
            after:
                "model: [linear: {units: 5}, relu, {sequential: {layers: [{linear: {units: 4}}, relu, {linear: {units: 3}}, "
                + "sigmoid]}}]\nloss: binaryCrossEntropyOnProbabilities"),
    ]

    private static let normalizations = [
        Change(
            remedy: AddBatchNorm(),
            before:
                "model: [linear: {units: 5}, tanh, linear: {units: 4}, tanh, linear: {units: 3}, softmax]\nloss: crossEntropyOnProbabilities",
            after:
                "model: [linear: {units: 5}, batchNorm, tanh, linear: {units: 4}, batchNorm, tanh, linear: {units: 3}, softmax]\n"
                + "loss: crossEntropyOnProbabilities"),
        Change(
            remedy: AddBatchNorm(),
            before:
                "model: [linear: {units: 5}, tanh, batchNorm, residual: {body: [{linear: {units: 5}}, relu]}, linear: {units: 3}]",
            after:
                "model: [linear: {units: 5}, tanh, batchNorm, residual: {body: [{linear: {units: 5}}, batchNorm, relu]}, linear: {units: 3}]"
        ),
        Change(
            remedy: AddBatchNorm(),
            before: "model: [linear: {units: 5}, tanh, linear: {units: 3}]\ntraining: {batchSize: 1}"),
        Change(
            remedy: AddBatchNorm(),
            before:
                "model: [reshape: {shape: [8, 8]}, linear: {units: 5}, gru: {units: 4}, linear: {units: 5}, relu, linear: {units: auto}]",
            source: images),
        Change(
            remedy: AddLayerNorm(),
            before:
                "model: [\(digits), conv2d: {channels: 4, kernelSize: 3}, relu, conv2d: {channels: 4, kernelSize: 3}, batchNorm, relu, "
                + "flatten, linear: {units: 5}, relu, linear: {units: auto}]",
            after:
                "model: [\(digits), conv2d: {channels: 4, kernelSize: 3}, groupNorm: {groups: 1}, relu, conv2d: {channels: 4, kernelSize: 3}, "
                + "groupNorm: {groups: 1}, relu, flatten, linear: {units: 5}, layerNorm, relu, linear: {units: auto}]",
            source: images),
    ]

    private static let shapes = [
        Change(
            remedy: AddResiduals(),
            before:
                "model: [linear: {units: 5}, tanh, linear: {units: 5}, batchNorm, tanh, linear: {units: 4}, tanh, linear: {units: 4}, tanh, "
                + "linear: {units: 3}]",
            after:
                "model: [linear: {units: 5}, tanh, residual: {body: [{linear: {units: 5}}, batchNorm, tanh]}, linear: {units: 4}, tanh, "
                + "residual: {body: [{linear: {units: 4}}, tanh]}, linear: {units: 3}]"),
        Change(
            remedy: AddResiduals(),
            before:
                "model: [\(digits), conv2d: {channels: 4, kernelSize: 3}, relu, conv2d: {channels: 4, kernelSize: 3, padding: 1}, relu, "
                + "conv2d: {channels: 4, kernelSize: 3}, relu, maxPool2d: {kernelSize: 2}, conv2d: {channels: 4, kernelSize: 1}, relu, "
                + "\(rest)]",
            after:
                "model: [\(digits), conv2d: {channels: 4, kernelSize: 3}, relu, residual: {body: [{conv2d: {channels: 4, kernelSize: 3, "
                + "padding: 1}}, relu]}, conv2d: {channels: 4, kernelSize: 3}, relu, maxPool2d: {kernelSize: 2}, conv2d: {channels: 4, "
                + "kernelSize: 1}, relu, \(rest)]", source: images),
        Change(
            remedy: AddResiduals(),
            before: "model: [linear: {units: 5}, tanh, linear: {units: 4}, tanh, linear: {units: 4}]\n",
            source: "data: {source: {blobs: {samples: 90, centers: 4}}}\n"),
        Change(
            remedy: Widen(),
            before:
                "model: [linear: {units: 5}, tanh, residual: {body: [{linear: {units: 5}}, tanh]}, linear: {units: auto}]",
            after:
                "model: [linear: {units: 10}, tanh, residual: {body: [{linear: {units: 10}}, tanh]}, linear: {units: auto}]",
            repeats: true),
        Change(
            remedy: Widen(factor: 0.5),
            before:
                "model: [\(digits), conv2d: {channels: 4, kernelSize: 3}, batchNorm, relu, flatten, linear: {units: 1}, relu, linear: {units: 10}]",
            after:
                "model: [\(digits), conv2d: {channels: 2, kernelSize: 3}, batchNorm, relu, flatten, linear: {units: 1}, relu, linear: {units: 10}]",
            source: images, repeats: true),
        Change(
            remedy: Widen(),
            before:
                "model: [linear: {units: 64}, relu, reshape: {shape: [1, 8, 8]}, conv2d: {channels: 2, kernelSize: 3}, relu, \(rest)]",
            source: images),
        Change(
            remedy: Shallower(),
            before: "model:\n" + Experiment.stack(5, "linear: {units: 5}", "sigmoid") + "  - linear: {units: 3}",
            after: "model:\n" + Experiment.stack(3, "linear: {units: 5}", "sigmoid") + "  - linear: {units: 3}",
            repeats: true),
        Change(
            remedy: Shallower(keep: 0),
            before: "model:\n" + Experiment.stack(5, "linear: {units: 5}", "sigmoid")
                + "  - linear: {units: 5}\n  - relu\n  - linear: {units: 3}",
            after: "model: [linear: {units: 5}, sigmoid, linear: {units: 5}, relu, linear: {units: 3}]"),
        Change(
            remedy: Shallower(),
            before: "model: [linear: {units: 5}, relu, linear: {units: 4}, relu, linear: {units: 3}]"),
    ]

    private static let outputs = [
        Change(
            remedy: FixOutput(),
            before: "model: [linear: {units: 5}, relu, linear: {units: 3}, relu]\nloss: crossEntropyOnProbabilities",
            after: "model: [linear: {units: 5}, relu, linear: {units: 3}]\nloss: crossEntropy"),
        Change(
            remedy: FixOutput(probabilities: true),
            before: "model: [linear: {units: 5}, relu, linear: {units: 3}, relu]\nloss: crossEntropyOnProbabilities",
            after: "model: [linear: {units: 5}, relu, linear: {units: 3}, softmax]\nloss: crossEntropyOnProbabilities"),
        Change(
            remedy: FixOutput(),
            before:
                "model: [linear: {units: 5}, relu, linear: {units: 3}, softmax]\nloss: {crossEntropy: {labelSmoothing: 0.1}}",
            after: "model: [linear: {units: 5}, relu, linear: {units: 3}]\nloss: {crossEntropy: {labelSmoothing: 0.1}}"),
        Change(
            remedy: FixOutput(),
            before: "model: [linear: {units: 5}, relu, linear: {units: 2}, softmax]\nloss: binaryCrossEntropy",
            after: "model: [linear: {units: 5}, relu, linear: {units: 2}]\nloss: crossEntropy",
            source: "data: {source: circles}\n"),
        Change(
            remedy: FixOutput(),
            before:
                "model: [linear: {units: 5}, relu, linear: {units: 1}, softmax]\nloss: binaryCrossEntropyOnProbabilities",
            after: "model: [linear: {units: 5}, relu, linear: {units: 1}]\nloss: binaryCrossEntropy",
            source: "data: {source: circles}\n"),
        Change(
            remedy: FixOutput(probabilities: true),
            before: "model: [linear: {units: 5}, relu, {sequential: {layers: [{linear: {units: 1}}, relu]}}]\n"
                + "loss: binaryCrossEntropyOnProbabilities",
            after:
                "model: [linear: {units: 5}, relu, linear: {units: 1}, sigmoid]\nloss: binaryCrossEntropyOnProbabilities",
            source: "data: {source: circles}\n"),
        Change(
            remedy: FixOutput(target: .values),
            before: "model: [linear: {units: 5}, relu, linear: {units: 1}, relu]\nloss: huber\n",
            after: "model: [linear: {units: 5}, relu, linear: {units: 1}]\nloss: huber\n",
            source: "data: {source: regression}\n"),
        Change(
            remedy: FixOutput(), before: "model: [linear: {units: 5}, relu, linear: {units: 1}, sigmoid]\nloss: mse\n",
            after: "model: [linear: {units: 5}, relu, linear: {units: 1}]\nloss: mse\n",
            source: "data: {source: regression}\n"),
        Change(
            remedy: FixOutput(), before: "model: [linear: {units: 5}, relu, linear: {units: 3}]\nloss: crossEntropy"),
        Change(
            remedy: ChangeLoss(to: MeanAbsoluteError()), before: "model: [linear: {units: 1}]\nloss: mse",
            after: "model: [linear: {units: 1}]\nloss: mae", source: "data: {source: regression}\n"),
        Change(remedy: ChangeLoss(), before: "model: [linear: {units: 3}]\nloss: crossEntropy"),
        Change(
            remedy: InsertNonlinearity(),
            before:
                "model: [linear: {units: 5}, linear: {units: 4}, batchNorm, dropout, linear: {units: 4}, tanh, linear: {units: 3}]",
            after:
                "model: [linear: {units: 5}, relu, linear: {units: 4}, batchNorm, relu, dropout, linear: {units: 4}, tanh, linear: {units: 3}]"
        ),
        Change(
            remedy: InsertNonlinearity(),
            before: "model: [{sequential: {layers: [{linear: {units: 5}}, batchNorm]}}, "
                + "{sequential: {layers: [{linear: {units: 4}}, {linear: {units: 3}}]}}]",
            after: "model: [{sequential: {layers: [{linear: {units: 5}}, batchNorm]}}, relu, "
                + "{sequential: {layers: [{linear: {units: 4}}, relu, {linear: {units: 3}}]}}]"),
        Change(
            remedy: InsertNonlinearity(TanhSpecification()),
            before:
                "model: [\(digits), conv2d: {channels: 4, kernelSize: 3}, maxPool2d: {kernelSize: 2}, conv2d: {channels: 4, kernelSize: 3}, "
                + "flatten, linear: {units: 5}, layerNorm, linear: {units: auto}]",
            after:
                "model: [\(digits), conv2d: {channels: 4, kernelSize: 3}, maxPool2d: {kernelSize: 2}, conv2d: {channels: 4, kernelSize: 3}, "
                + "tanh, flatten, linear: {units: 5}, layerNorm, linear: {units: auto}]", source: images),
        Change(remedy: InsertNonlinearity(), before: "model: [linear: {units: 5}, relu, linear: {units: 3}]"),
    ]

    private static let regularizations = [
        Change(
            remedy: LessRegularization(),
            before:
                "model: [linear: {units: 5}, relu, dropout: {p: 0.5}, linear: {units: 3}]\noptimizer: {adamW: {weightDecay: 1}}\n"
                + "regularization: {l1: {strength: 0.5, proximal: true}, l2: 0.5, weightDecay: 1, maxNorm: 3}",
            after:
                "model: [linear: {units: 5}, relu, dropout: {p: 0.05}, linear: {units: 3}]\noptimizer: {adamW: {weightDecay: 0.1}}\n"
                + "regularization: {l1: {strength: 0.05, proximal: true}, l2: 0.05, weightDecay: 0.1, maxNorm: 3}",
            repeats: true),
        Change(
            remedy: LessRegularization(factor: 0),
            before:
                "model: [linear: {units: 5}, relu, dropout: {p: 0.5}, residual: {body: [{linear: {units: 5}}, {alphaDropout: {p: 0.2}}]}, "
                + "linear: {units: 3}]\nregularization: {l2: 0.5, maxNorm: 3}",
            after: "model: [linear: {units: 5}, relu, residual: {body: [{linear: {units: 5}}]}, linear: {units: 3}]\n"
                + "regularization: {maxNorm: 3}"),
        Change(remedy: LessRegularization(), before: "model: [linear: {units: 5}, relu, linear: {units: 3}]"),
        Change(
            remedy: AddDropout(),
            before:
                "model: [linear: {units: 5}, relu, linear: {units: 4}, relu, dropout: {p: 0.1}, linear: {units: 3}]",
            after:
                "model: [linear: {units: 5}, relu, dropout: {p: 0.3}, linear: {units: 4}, relu, dropout: {p: 0.3}, linear: {units: 3}]"
        ),
        Change(
            remedy: AddDropout(p: 0.2),
            before: "model: [\(digits), conv2d: {channels: 4, kernelSize: 3}, relu, \(rest)]",
            after:
                "model: [\(digits), conv2d: {channels: 4, kernelSize: 3}, relu, flatten, dropout: {p: 0.2}, linear: {units: auto}]",
            source: images),
        Change(remedy: AddDropout(), before: "model: [linear: {units: 3}]"),
        Change(
            remedy: AddDropout(), before: "model: [linear: {units: 5}, relu, dropout: {p: 0.5}, linear: {units: 3}]"),
    ]

    @Test(arguments: initializations + activations + normalizations + shapes + outputs + regularizations)
    func whatIsExpectedAndNothingElse(_ change: Change) throws {
        let experiment = try Experiment(text: change.source + change.before).prepare().experiment
        let changed = try change.remedy.applied(to: experiment)
        guard let after = change.after else {
            #expect(changed == nil, "\(type(of: change.remedy)) \(change.before)")
            return
        }
        var expected = try Experiment(text: change.source + after).prepare().experiment
        expected.metrics = experiment.metrics
        let result = try #require(changed, "\(type(of: change.remedy)) \(change.before)")
        #expect(result.yaml == expected.yaml, "\(type(of: change.remedy))")
        // What comes of it fits together, and is read back as it is written.
        let again = try Experiment(configuration: YAML.parse(result.yaml, file: "changed.yaml")).prepare()
        #expect(again.experiment == result)
        if !change.repeats { #expect(try change.remedy.applied(to: result) == nil, "\(type(of: change.remedy)) twice") }
    }

    /// Each as a finding proposes it: by its name and settings alone.
    @Test func everyRemedyComesBackFromItsProposal() throws {
        for change in Self.initializations + Self.activations + Self.normalizations + Self.shapes + Self.outputs
            + Self.regularizations
        {
            func proposal(_ remedy: some Remedy) -> Finding.Proposal { .init(remedy) }
            let back = try Remedies.remedy(proposal(change.remedy))
            #expect(back.configuration == change.remedy.configuration)
            #expect(!back.why.isEmpty)
        }
        for entry in Remedies.registry.entries {
            let type = try #require(entry.type as? any Remedy.Type)
            func alternatives<R: Remedy>(_ type: R.Type) -> [R] { [R()] + R().alternatives }
            let all = alternatives(type).map(\.configuration)
            #expect(Set(all).count == all.count, "\(entry.name)")
        }
    }

    /// The remedies of the model.
    private static let names: Set = [
        "matchingInitialization", "changeActivation", "addBatchNorm", "addLayerNorm", "addResiduals", "fixOutput",
        "changeLoss", "insertNonlinearity", "widen", "shallower", "lessRegularization", "addDropout",
    ]

    @Test func allOfThemAreListed() {
        #expect(Self.names.isSubset(of: Remedies.registry.names))
    }

    /// Models that a remedy was not made for are left alone, or come out whole.
    @Test(arguments: [
        "digits-convolutional", "digits-regularized", "techniques/normalizations", "techniques/convolutions",
        "techniques/recurrent", "techniques/attention", "techniques/activations-piecewise", "techniques/dropout-family",
        "techniques/global-pooling", "techniques/initializers-dense", "techniques/weighted-classes",
    ])
    func whatTheyMakeCanBeTrained(_ name: String) throws {
        let path = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        var experiment = try Experiment.read("/\(path)/Configurations/\(name).yaml")
        experiment.data.limit = 150
        experiment.data.split = SplitSpecification()
        let prepared = try experiment.prepare().experiment
        for entry in Remedies.registry.entries where Self.names.contains(entry.name) {
            let type = try #require(entry.type as? any Remedy.Type)
            func variants<R: Remedy>(_ type: R.Type) -> [any Remedy] { [R()] + R().alternatives }
            for remedy in variants(type) {
                guard let changed = try remedy.applied(to: prepared) else { continue }
                #expect(throws: Never.self, "\(entry.name) \(remedy.configuration)") { try changed.prepare() }
            }
        }
    }
}
