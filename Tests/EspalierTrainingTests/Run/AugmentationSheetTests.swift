import EspalierData
import EspalierEngine
import EspalierSpec
import Foundation
import Testing

@testable import EspalierTraining

@Suite struct AugmentationSheetTests {
    private func prepare(_ rest: String, source: String = "digitImages") throws -> PreparedExperiment {
        let text = "data: {source: \(source), limit: 70}\nmodel: [flatten, {linear: {units: auto}}]\n\(rest)"
        return try Experiment(configuration: YAML.parse(text, file: "test.yaml")).prepare()
    }

    /// What the sheet shows is what lies before the plan when the training takes its steps.
    @Test func samplesAreThoseOfTheTraining() throws {
        let prepared = try prepare(
            """
            augment: [{randomCrop: {padding: 1}}, {cutMix: {alpha: 1}}, {noise: {std: 0.1}}, {mixUp: {alpha: 0.4}}]
            gradient: {accumulate: 2}
            training: {epochs: 2, batchSize: 8, seed: 3}
            """)
        let trainer = try prepared.makeTrainer(engine: Engine(threads: 1)), train = prepared.data.train
        let viewer = AugmentationViewer(prepared, trainer.augmenter)
        var compared = 0
        for epoch in 1...2 {
            trainer.progress.epoch = epoch
            let batches = viewer.batches(of: epoch)
            for parts in Batches(Array(batches.indices), size: 2) {
                _ = try trainer.takeStep(parts.map { batches[$0] }, of: train)
                let rows = Array(batches[try #require(parts.last)]), size = train.sampleSize
                let executable = try trainer.plan(.train, batch: rows.count)
                let seen = try viewer.seen(rows, in: epoch)
                let given = Array(executable.input(0).floats), targets = Array(executable.input(1).floats)
                for (place, sample) in seen.enumerated() {
                    let sample = try #require(sample)
                    #expect(sample.values == Array(given[(place * size)..<((place + 1) * size)]))
                    var shares = [Double](repeating: 0, count: 10)
                    guard case .classes(let labels, _) = train.targets else { throw EspalierError("no classes") }
                    for (row, share) in sample.shares { shares[Int(labels[row])] += share }
                    #expect(
                        zip(shares, targets[(place * 10)..<(place * 10 + 10)]).allSatisfy {
                            abs($0 - Double($1)) < 1e-5
                        })
                    compared += 1
                }
            }
        }
        #expect(compared > train.count / 2)
    }

    @Test func theFirstRowIsTheSamplesThemselves() throws {
        let prepared = try prepare("augment: [{rotation: {degrees: 90}}]\ntraining: {epochs: 9}")
        let trainer = try prepared.makeTrainer(engine: Engine(threads: 1))
        let sheet = try #require(try AugmentationSheet(prepared, trainer.augmenter))
        #expect(sheet.rows == ["as it is", "epoch 1", "epoch 2", "epoch 3", "epoch 4"])
        #expect(sheet.columns.count == 8 && sheet.columns.allSatisfy { $0.cells.count == 5 })
        #expect(Set(sheet.columns.flatMap { $0.cells.map(\.image) }).count == 40)
        #expect(sheet.columns.allSatisfy { Int($0.label) != nil && $0.cells.allSatisfy { $0.note == nil } })
    }

    @Test func mixturesSayOfWhat() throws {
        let prepared = try prepare("augment: [{mixUp: {alpha: 20}}]\ntraining: {epochs: 1}")
        let trainer = try prepared.makeTrainer(engine: Engine(threads: 1))
        let sheet = try #require(try AugmentationSheet(prepared, trainer.augmenter))
        let notes = sheet.columns.compactMap { $0.cells[1].note }
        #expect(notes.count > 4 && sheet.rows.count == 2)
        for note in notes {
            let percents = note.split(separator: ", ").compactMap { Int($0.prefix(while: \.isNumber)) }
            #expect(percents.count == 2 && percents.reduce(0, +) == 100 && percents[0] >= percents[1], "\(note)")
        }
    }

    /// A sample that an epoch leaves out has no picture there.
    @Test func aSampleOutsideOfEveryBatchIsLeftOut() throws {
        let prepared = try prepare(
            "augment: [{rotation: {degrees: 9}}]\ntraining: {epochs: 4, batchSize: 40, dropLast: true}")
        let trainer = try prepared.makeTrainer(engine: Engine(threads: 1))
        let sheet = try #require(try AugmentationSheet(prepared, trainer.augmenter))
        #expect(sheet.columns.allSatisfy { $0.cells[1].image != nil })
        #expect(sheet.columns.contains { $0.cells.contains { $0.image == nil } })
    }

    @Test func thereIsNoneForTablesAndWithoutAugmentations() throws {
        for (rest, source) in [("augment: [noise]", "iris"), ("augment: []", "digitImages")] {
            let prepared = try prepare(rest, source: source)
            let trainer = try prepared.makeTrainer(engine: Engine(threads: 1))
            #expect(try AugmentationSheet(prepared, trainer.augmenter) == nil)
        }
    }

    /// The run folder holds the sheet.
    @Test func aRunWritesIt() throws {
        let folder = try TemporaryFolder()
        let text = "data: {source: digitImages, limit: 70}\nmodel: [flatten, {linear: {units: auto}}]\n"
        let experiment = try Experiment(
            configuration: YAML.parse(text + "augment: [horizontalFlip]\ntraining: {epochs: 1}", file: "test.yaml"))
        let run = try TrainingRun(experiment, in: { _ in try RunFolder.taking(folder.path + "/run") })
        let data = try Data(contentsOf: URL(filePath: run.folder.augmentations))
        #expect(try JSONDecoder().decode(AugmentationSheet.self, from: data).columns.count == 8)
    }
}
