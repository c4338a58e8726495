import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Testing

@testable import EspalierTraining

/// Layers that were trained elsewhere.
@Suite(.serialized) struct TransferTests {
    private func file(_ state: ModelState, prefix: String = "") -> SafeTensors {
        SafeTensors(
            (state.parameters.entries.map { ($0, state.parameters) }
                + state.statistics.entries.map { ($0, state.statistics) })
                .map { entry, buffer in
                    NamedArray(prefix + entry.path, shape: entry.shape.dimensions, Array(buffer.values(entry.path)!))
                }, metadata: [:])
    }

    @Test func partOfAModelIsLoadedAndRenamed() throws {
        let source = try ModelState(Toy.model(), seed: 1), target = try ModelState(Toy.model(outputs: 7), seed: 2)
        source.statistics.values("1.running_mean")!.update(repeating: 3)
        let head = Array(target.parameters.values("4.weight")!)
        let taken = try target.load(
            file(source, prefix: "net.backbone."), from: "f", matching: ["0", "1"],
            renaming: ["net.backbone.": "", "net.": "x."])
        #expect(Set(taken) == ["0.weight", "1.weight", "1.bias", "1.running_mean", "1.running_var"])
        #expect(Array(target.parameters.values("0.weight")!) == Array(source.parameters.values("0.weight")!))
        #expect(target.statistics.values("1.running_mean")!.allSatisfy { $0 == 3 })
        #expect(Array(target.parameters.values("4.weight")!) == head)
    }

    @Test func whatDoesNotFitIsAnErrorAndChangesNothing() throws {
        let source = file(try ModelState(Toy.model(), seed: 1)), target = try ModelState(Toy.model(outputs: 7), seed: 2)
        let before = target.snapshot()
        func error(_ match: NamePatterns, _ renaming: Renaming = [:], strict: Bool = true) -> EspalierError? {
            #expect(throws: EspalierError.self) {
                try target.load(source, from: "f", matching: match, renaming: renaming, strict: strict)
            }
        }
        #expect(error("*")?.what.contains("\"4.weight\" has the shape") == true)
        #expect(error("5.*")?.what.contains("matches nothing") == true)
        #expect(error("0.*", ["0": "9"])?.what.contains("no array is called \"0.weight\"") == true)
        #expect(error("0.*", ["0": "9"], strict: false) != nil)
        #expect(error("0.*", ["1": "0"])?.what.contains("both renamed") == true)
        #expect(target.snapshot() == before)
        #expect(
            try target.load(source, from: "f", matching: ["0", "1"], renaming: ["1": "7"], strict: false) == [
                "0.weight"
            ])
    }

    @Test func aConfigurationBeginsWithThem() throws {
        let folder = try TemporaryFolder()
        let text = """
            data: {source: {toy: {rows: 40}}}
            model: [{linear: {units: 8}}, relu, {linear: {units: auto}}]
            initialWeights: {file: part.safetensors, match: 0, rename: {old.: ""}}
            groups: [{match: 0, frozen: true}]
            training: {epochs: 1}
            """
        let path = try folder.put("", as: "part.safetensors")
        let weights = (0..<32).map { Float($0) / 32 }
        try SafeTensors(
            [
                NamedArray("old.0.weight", shape: [8, 4], weights),
                NamedArray("old.0.bias", shape: [8], Array(weights[..<8])),
            ], metadata: [:]
        ).write(to: path)
        let root = String(path.dropLast("/part.safetensors".count))
        let experiment = try experiment(text, folder: root)
        let trainer = try experiment.prepare().makeTrainer(engine: Engine(threads: 1))
        #expect(Array(trainer.state.parameters.values("0.weight")!) == weights)
        // Written out and read back it means the same.
        let again = try Experiment(configuration: ConfigurationNode(experiment.configuration), catalog: .extended)
        #expect(again == experiment)
        #expect(again.initialWeights?.file == path)
    }

    @Test func aGroupWithoutParametersIsReportedAtItsLine() throws {
        let text = """
            data: {source: {toy: {rows: 40}}}
            model: [{linear: {units: auto}}]
            groups:
              - {match: 0.weight, rateFactor: 0.5}
              - {match: 3.weight, frozen: true}
            """
        let prepared = try experiment(text).prepare()
        let error = #expect(throws: EspalierError.self) { try prepared.makeTrainer(engine: Engine(threads: 1)) }
        #expect(error?.location == "c.yaml:5:5")
    }

    /// A head on features that were computed once learns what it does on top of the frozen layers.
    @Test func cachedFeaturesAreTheFrozenLayers() throws {
        let data = try Toy.blobs(53, noise: 1)
        func head() -> [any Layer] { [Linear(16, 8), Tanh(), Linear(8, 3)] }
        let body = Sequential {
            Linear(4, 16)
            BatchNorm(16)
            ReLU()
            Dropout(p: 0.3)
        }
        let whole = try Toy.trainer(
            Sequential([body] + head()), groups: [ParameterGroup(match: "0", frozen: true)], epochs: 10)
        let trained = try Toy.trainer(Toy.model(), epochs: 3)
        _ = try trained.fit(data)
        for (path, name) in [("0.0.weight", "0.weight"), ("0.1.weight", "1.weight"), ("0.1.bias", "1.bias")] {
            _ = whole.state.parameters.values(path)!.update(fromContentsOf: trained.state.parameters.values(name)!)
        }
        _ = whole.state.statistics.storage.floats.update(fromContentsOf: trained.state.statistics.storage.floats)
        let copy = try ModelState(
            Sequential {
                Linear(4, 16)
                BatchNorm(16)
                ReLU()
                Dropout(p: 0.3)
            }, seed: 0)
        try copy.load(
            file(whole.state), from: "f", matching: "*", renaming: ["0.": "", "1.": "head.1.", "3.": "head.3."])
        let features = try data.features(of: copy, batchSize: 20, engine: Engine(threads: 1))
        #expect(features.sampleShape == [16] && features.count == 53)
        let cached = try Trainer(
            Sequential(head()), loss: CrossEntropyLoss(), metrics: [Accuracy()], optimizer: Adam(learningRate: 0.01),
            settings: whole.settings, sampleShape: [16], engine: Engine(threads: 1))
        for entry in cached.state.parameters.entries {
            let number = Int(entry.path.prefix { $0 != "." })!
            let path = "\(number + 1)" + entry.path.drop { $0 != "." }
            _ = cached.state.parameters.values(entry.path)!.update(fromContentsOf: whole.state.parameters.values(path)!)
        }
        let first = whole.recorded(), second = cached.recorded()
        _ = try whole.fit(data)
        _ = try cached.fit(features)
        #expect(first.losses.count == second.losses.count)
        #expect(distance(second.losses, first.losses) < 1e-5)
        #expect(second.losses.last! < 0.9 * second.losses[0])
    }
}
