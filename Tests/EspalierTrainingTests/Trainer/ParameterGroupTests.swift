import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

/// Parameters that are trained otherwise than the rest.
@Suite(.serialized) struct ParameterGroupTests {
    private func changed(_ trainer: Trainer, _ before: [String: [Float]]) -> Set<String> {
        Set(
            before.keys.filter { path in trainer.state.parameters.values(path).map { Array($0) != before[path] } ?? true
            })
    }

    private func values(_ trainer: Trainer) -> [String: [Float]] {
        Dictionary(
            uniqueKeysWithValues: trainer.state.parameters.entries.map {
                ($0.path, Array(trainer.state.parameters.values($0.path)!))
            })
    }

    @Test func whatIsFrozenStaysAndHasNoGradient() throws {
        let groups = [ParameterGroup(match: ["0", "1"], frozen: true)]
        let trainer = try Toy.trainer(groups: groups)
        let before = values(trainer), statistics = Array(trainer.state.statistics.storage.floats)
        _ = try trainer.fit(Toy.blobs(48))
        #expect(changed(trainer, before) == ["4.weight", "4.bias"])
        #expect(Array(trainer.state.statistics.storage.floats) == statistics)
        let frozen = try trainer.plan(batchSize: 16), whole = try Toy.trainer().plan(batchSize: 16)
        #expect(frozen.operations < whole.operations / 2)
        let tracking = try Toy.trainer(groups: [
            ParameterGroup(match: ["0", "1"], frozen: true, frozenLayersTrain: true)
        ])
        _ = try tracking.fit(Toy.blobs(48))
        #expect(Array(tracking.state.statistics.storage.floats) != statistics)
    }

    @Test func unfreezingRetracesAndSaysWhy() throws {
        let trainer = try Toy.trainer(groups: [ParameterGroup(match: "0.*", frozen: true, unfreezeAt: 3)])
        let recorder = trainer.recorded(), before = values(trainer)
        var changes: [Set<String>] = []
        recorder.action = { if case .epoch = $0 { changes.append(changed(trainer, before)) } }
        let data = try Toy.blobs(48)
        _ = try trainer.fit(data)
        #expect(changes.map { $0.contains("0.weight") } == [false, false, true, true])
        #expect(
            trainer.traces == [
                Trace(plan: "train, batch of 16", reason: "first use"),
                Trace(plan: "train, batch of 16", reason: "unfrozen: 0.*"),
            ])
        // A second training freezes again, on the plans that are there.
        let middle = values(trainer)
        changes = []
        recorder.action = { if case .epoch = $0 { changes.append(changed(trainer, middle)) } }
        _ = try trainer.fit(data)
        #expect(changes.map { $0.contains("0.weight") } == [false, false, true, true])
        #expect(trainer.traces.count == 2)
    }

    @Test func decayIsSpared() throws {
        let trainer = try Toy.trainer(
            optimizer: SGD(learningRate: 1e-9), penalty: WeightPenalty(l2: 1e7),
            groups: [ParameterGroup(match: "4", decays: false)], epochs: 1)
        let before = values(trainer)
        _ = try trainer.fit(Toy.blobs(16))
        let after = values(trainer)
        func moved(_ path: String) -> Bool {
            zip(before[path] ?? [], after[path] ?? []).contains { abs($0 - $1) > 1e-4 * abs($0) }
        }
        #expect(moved("0.weight") && !moved("4.weight"))
    }

    /// Also where the decay is a part of the optimiser's own step, and constraints are no decay.
    @Test(arguments: [LAMB(learningRate: 1e-3, weightDecay: 50), Adafactor(weightDecay: 50)] as [any Optimizer])
    func decayWithinAStepIsSpared(_ optimizer: any Optimizer) throws {
        func trained(decays: Bool) throws -> [String: [Float]] {
            let trainer = try Toy.trainer(
                optimizer: optimizer, penalty: WeightPenalty(maxNorm: 0.1),
                groups: [ParameterGroup(match: "4", decays: decays)], epochs: 1)
            _ = try trainer.fit(Toy.blobs(16))
            return values(trainer)
        }
        let spared = try trained(decays: false), others = try trained(decays: true)
        #expect(spared["4.weight"] != others["4.weight"])
        let width = 3, weight = try #require(spared["4.weight"]), rows = weight.count / width
        for row in 0..<width {
            let norm = weight[row * rows..<(row + 1) * rows].reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(norm < 0.1 + 1e-6)
        }
    }

    /// Without groups the update is one pass; a group adds one, and one over its gradients.
    @Test func oneGroupIsOnePass() throws {
        let plain = try Toy.trainer(Toy.plainModel()).plan(batchSize: 16)
        let all = try Toy.trainer(Toy.plainModel(), groups: [ParameterGroup(match: "*", rateFactor: 0.5)])
        let two = try Toy.trainer(Toy.plainModel(), groups: [ParameterGroup(match: "0", rateFactor: 0.5)])
        #expect(try all.plan(batchSize: 16).kernelCount == plain.kernelCount)
        #expect(try two.plan(batchSize: 16).kernelCount <= plain.kernelCount + 2)
    }

    @Test func mistakes() throws {
        func error(_ groups: [ParameterGroup]) -> EspalierError? {
            #expect(throws: EspalierError.self) { try Toy.trainer(groups: groups) }
        }
        #expect(error([ParameterGroup(match: "0.wieght")])?.fix == "did you mean \"0.weight\"?")
        #expect(error([ParameterGroup(match: "*"), ParameterGroup(match: "0")])?.what.contains("earlier") == true)
        #expect(error([ParameterGroup(match: "*", frozen: true)])?.what.contains("nothing is trained") == true)
        for wrong in [
            [:], ["match": "0", "rateFactor": 0], ["match": "0", "unfreezeAt": 3], ["match": []],
            ["match": "0", "frozen": true, "unfreezeAt": 1],
        ] as [ConfigurationValue] {
            #expect(throws: EspalierError.self) { try ParameterGroup(configuration: ConfigurationNode(wrong)) }
        }
    }

    @Test func patterns() {
        func covers(_ patterns: NamePatterns, _ name: String) -> Bool { patterns.cover(name) }
        #expect(covers("0", "0.weight") && covers("0", "0") && !covers("0", "01.weight") && !covers("0", "10.weight"))
        #expect(covers("0.*", "0.body.1.weight") && !covers("0.*", "0") && !covers("0.*", "1.0.weight"))
        #expect(covers("*.bias", "3.bias") && covers("*.bias", "3.body.0.bias") && !covers("*.bias", "bias"))
        #expect(covers("?.weight", "3.weight") && !covers("?.weight", "13.weight"))
        #expect(covers("*a*b", "xaxbxb") && !covers("*a*b", "xbxa") && covers("*", "anything"))
        #expect(covers(["1", "*.bias"], "4.bias") && covers(["1", "*.bias"], "1.weight"))
        #expect(!covers([], "0.weight") && !covers("", "0.weight"))
    }
}
