import EspalierEngine
import EspalierNN
import Testing

@testable import EspalierTraining

/// A transformer as a configuration has it: digits, row by row as symbols, in a causal block and one normalised after.
@Suite(.serialized) struct TransformerTests {
    static let configuration = """
        data: {source: digits, scale: none}
        model:
          - embedding: {units: 16, vocabulary: 17}
          - positionalEmbedding
          - transformerBlock: {heads: 2, hidden: 24, causal: true}
          - transformerBlock: {heads: 4, hidden: 24, dropout: 0, normalizesFirst: false}
          - multiHeadAttention: {heads: 2, dropout: 0.1}
          - layerNorm
          - linear: {units: 4}
          - gelu
          - flatten
          - linear: {units: auto}
        optimizer: {adamW: {learningRate: 0.003}}
        training: {epochs: 3, batchSize: 32, seed: 1}

        """

    @Test func aConfiguredTransformerLearns() throws {
        let folder = try TemporaryFolder()
        let prepared = try Experiment.read(folder.put(Self.configuration, as: "c.yaml")).prepare()
        let experiment = prepared.experiment
        let trainer = try Trainer(
            prepared.model, loss: prepared.loss, metrics: prepared.metrics, optimizer: experiment.optimizer,
            settings: experiment.training, sampleShape: [64], engine: Engine(threads: 2))
        _ = try trainer.fit(prepared.data.train, validation: prepared.data.validation)
        let test = try #require(prepared.data.test)
        let accuracy = try #require(trainer.evaluate(test)["accuracy"])
        #expect(accuracy > 0.85)
    }

    @Test func aSymbolOutsideOfTheVocabularyIsAnError() throws {
        let folder = try TemporaryFolder()
        let text = Self.configuration.replacing("vocabulary: 17", with: "vocabulary: 9")
        let prepared = try Experiment.read(folder.put(text, as: "c.yaml")).prepare()
        let experiment = prepared.experiment
        let trainer = try Trainer(
            prepared.model, loss: prepared.loss, metrics: prepared.metrics, optimizer: experiment.optimizer,
            settings: experiment.training, sampleShape: [64], engine: Engine(threads: 1))
        #expect(throws: EngineError.self) {
            _ = try trainer.fit(prepared.data.train, validation: prepared.data.validation)
        }
    }
}
