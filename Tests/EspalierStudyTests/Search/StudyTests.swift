import EspalierSpec
import EspalierTraining
import Foundation
import Synchronization
import Testing

@testable import EspalierStudy

/// Whole studies of trainings that take some milliseconds each.
@Suite final class StudyTests {
    private let folder = NSTemporaryDirectory() + "/espalier-study-\(UUID().uuidString)"

    init() throws { try SystemFile.makeFolders(folder) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func search(_ section: String, training: String = "{epochs: 4, batchSize: 32}") throws -> Search {
        let path = folder + "/search.yaml"
        let text = """
            data: {source: {blobs: {samples: 150, features: 4, clusterStd: 4.0, seed: 3}}}
            model: [{linear: {units: 8}}, relu, {linear: {units: auto}}]
            optimizer: {adam: {learningRate: 0.01}}
            training: \(training)
            search: \(section)
            """
        try Data(text.utf8).write(to: URL(filePath: path))
        return try Search.read(path)
    }

    private static let ranges = """
        {optimizer.adam.learningRate: {logUniform: [0.0001, 0.3]}, model.0.linear.units: {logInteger: [2, 32]}, \
        training.batchSize: {choice: [16, 32]}}
        """

    private func run(_ search: Search, in name: String, workers: Int) throws -> Study {
        let study = try Study(creating: search, in: Study.folder(for: search, at: "\(folder)/\(name)"))
        #expect(try study.run(parallel: workers))
        return study
    }

    /// The trials but for times.
    private func outcome(_ study: Study) throws -> [String] {
        try study.trials().map {
            "\($0.number) \($0.state) \($0.coordinates) \($0.settings) \($0.value as Any) \($0.course) \($0.symptoms)"
        }
    }

    @Test(arguments: ["random", "{narrowing: {stage: 5, keep: 0.4}}"])
    func isTheSameHoweverManyGoOnSideBySide(_ sampler: String) throws {
        let search = try search("{trials: 12, sampler: \(sampler), ranges: \(Self.ranges)}")
        let alone = try outcome(run(search, in: "alone", workers: 1))
        #expect(alone.count == 12 && Set(alone).count == 12)
        #expect(try outcome(run(search, in: "together", workers: 4)) == alone)
    }

    /// The best configuration leads to the value again, with every file that a run has.
    @Test func theBestTrainsToTheSameValue() throws {
        for metric in ["accuracy", "loss", "f1"] {
            let search = try search(
                "{trials: 6, metric: \(metric), ranges: \(Self.ranges)}", training: "{epochs: 4, evaluateEvery: 3}")
            let study = try run(search, in: metric, workers: 2)
            let best = try #require(try study.trials().best(search.objective))
            let values = try study.trials().compactMap(\.value)
            #expect(best.value == (metric == "loss" ? values.min() : values.max()))
            let run = try TrainingRun(
                Experiment.read(study.best), in: { _ in try .taking("\(self.folder)/\(metric)-run") })
            let scores = try #require(run.summary.validation)
            #expect(best.value == (metric == "loss" ? scores.loss : scores[metric]))
            #expect(
                try best.course.last?.value == best.value
                    && Experiment.read(study.best) == search.experiment(at: best.coordinates))
        }
    }

    @Test func trialsWithoutProspectsEndEarly() throws {
        let search = try search(
            "{trials: 15, sampler: random, pruner: {asha: {reduction: 2}}, ranges: \(Self.ranges)}",
            training: "{epochs: 8}")
        let trials = try run(search, in: "asha", workers: 1).trials()
        let pruned = trials.filter { $0.state == .pruned }
        #expect(
            pruned.count >= 5
                && pruned.allSatisfy { [1, 2, 4].contains($0.course.count) && $0.value == $0.course.last?.value })
        #expect(trials.contains { $0.state == .completed && $0.course.count == 8 })
        #expect(trials[0].state == .completed)
    }

    @Test func aTrialThatDivergesOrDoesNotFitIsNoEnd() throws {
        let search = try search(
            """
            {trials: 8, sampler: random, ranges: {optimizer: {choice: [{sgd: {learningRate: 1.0e+30}}, {adam: {learningRate: 0.01}}]}}}
            """)
        let trials = try run(search, in: "diverging", workers: 2).trials()
        let failed = trials.filter { $0.state == .failed }
        #expect(!failed.isEmpty && failed.count < 8)
        #expect(failed.allSatisfy { $0.value == nil && $0.message?.contains("diverged") == true }, "\(failed)")
        let hopeless = try self.search(
            "{trials: 2, ranges: {optimizer.adam.learningRate: {uniform: [1.0e+30, 1.0e+31]}}}")
        let study = try Study(creating: hopeless, in: Study.folder(for: hopeless, at: "\(folder)/hopeless"))
        let error = #expect(throws: EspalierError.self) { try study.run(parallel: 1) }
        #expect(error?.what.contains("none of the trials could be trained") == true)
    }

    /// Interrupted in the middle of trials, resumed, and asked for more.
    @Test func goesOnWhereItWasInterrupted() throws {
        let search = try search("{trials: 6, sampler: random, ranges: \(Self.ranges)}")
        let whole = try outcome(run(search, in: "whole", workers: 1))
        let study = try Study(creating: search, in: Study.folder(for: search, at: "\(folder)/part"))
        let steps = Mutex(0)
        let isDone = try study.run(
            parallel: 2,
            shouldInterrupt: {
                steps.withLock {
                    $0 += 1
                    return $0 > 30
                }
            })
        #expect(try !isDone && study.trials().contains { $0.state == .waiting })
        #expect(try FileManager.default.contentsOfDirectory(atPath: study.locks).isEmpty)
        let resumed = try Study(opening: study.folder + "/")
        #expect(try resumed.run(parallel: 2) && outcome(resumed) == whole)
        #expect(try Study(opening: study.folder, trials: 8).run(parallel: 1))
        #expect(try outcome(resumed).prefix(6) == whole[...] && resumed.trials().count == 8)
    }

    @Test func aStudyOfAnotherConfigurationIsRefused() throws {
        let study = try run(search("{trials: 1, ranges: \(Self.ranges)}"), in: "first", workers: 1)
        // More trials and other processors are no other study.
        _ = try Study(opening: study.folder, of: search("{trials: 9, parallel: 3, ranges: \(Self.ranges)}"))
        let other = try search("{trials: 1, seed: 8, ranges: \(Self.ranges)}")
        let error = #expect(throws: EspalierError.self) { try Study(opening: study.folder, of: other) }
        #expect(error?.what.hasSuffix("search.seed was 7 and is 8") == true)
        let training = try search("{ranges: \(Self.ranges)}", training: "{epochs: 5}")
        #expect(throws: EspalierError.self) { try Study(opening: study.folder, of: training) }
        let taken = #expect(throws: EspalierError.self) { try Study.folder(for: other, at: study.folder) }
        #expect(taken?.what == "the folder already holds a study")
        #expect(throws: EspalierError.self) { try Study(opening: self.folder) }
        #expect(throws: EspalierError.self) { try Study(opening: "\(self.folder)/missing") }
    }

    /// Killed before there was a file of trials.
    @Test func aFolderWithAConfigurationAloneGoesOn() throws {
        let study = try run(search("{trials: 1, ranges: \(Self.ranges)}"), in: "early", workers: 1)
        for file in try FileManager.default.contentsOfDirectory(atPath: study.folder) where file != "config.yaml" {
            try FileManager.default.removeItem(atPath: "\(study.folder)/\(file)")
        }
        #expect(try Study(opening: study.folder).run(parallel: 1))
    }

    @Test(arguments: [
        ("{ranges: {optimizer.adam.lr: {uniform: [0.1, 1]}}}", "unknown key \"lr\""),
        ("{ranges: {model.9.linear.units: {integer: [1, 2]}}}", "9 is no item of model"),
        ("{ranges: {training.batchSize: {uniform: [0.5, 8]}}}", "0.5"),
        ("{ranges: {model.0.linear.units: {integer: [0, 8]}}}", "the number 0"),
        ("{ranges: {loss: {choice: [crossEntropy, mse]}}}", "mse"),
        ("{ranges: {data.source: {choice: [digits, nothing]}}}", "nothing"),
    ])
    func bothEndsOfARangeAreTried(_ section: String, _ what: String) {
        let error = #expect(throws: EspalierError.self) { _ = try self.search(section) }
        #expect(
            error?.location == "\(folder)/search.yaml:5:19" && error?.what.contains(what) == true, "\(error as Any)")
    }

    @Test func settingsAreReadWithTheirPlaces() throws {
        for (section, column) in [
            ("{trials: 5}", 9), ("{ranges: {a: {choice: [1, 2]}}, sampler: bayes}", 50),
            ("{ranges: {a: {choice: [1, 2]}}, trials: 0}", 49),
            ("{range: {a: {choice: [1, 2]}}}", 10),
        ] {
            let error = #expect(throws: EspalierError.self) { _ = try self.search(section) }
            #expect(error?.location == "\(folder)/search.yaml:5:\(column)", "\(error as Any)")
        }
        let metric = #expect(throws: EspalierError.self) {
            _ = try self.search("{metric: acuracy, ranges: \(Self.ranges)}")
        }
        #expect(metric?.fix?.contains("accuracy") == true)
        let none = #expect(throws: EspalierError.self) { _ = try Search.read("digits") }
        #expect(none?.what == "there is nothing to search")
        #expect(
            Search.parts(of: .samplers).map(\.name) == ["tpe", "random", "narrowing"]
                && Search.parts(of: .losses).isEmpty)
    }

    @Test func isWrittenForOtherPrograms() throws {
        let search = try search(
            "{trials: 4, ranges: {training.batchSize: {choice: [16, 32]}, model.1: {choice: [relu, {leakyReLU: {negativeSlope: 0.1}}]}}}"
        )
        let study = try run(search, in: "written", workers: 1)
        let record = try JSON.parse(Array(Data(contentsOf: URL(filePath: study.summary)))[...])
        #expect(record["metric"] == "validation_accuracy" && record["count"] == 4 && record["higherIsBetter"] == true)
        guard case .list(let trials)? = record["trials"] else { throw EspalierError("no trials") }
        #expect(try trials.map { $0["value"]?.doubleValue } == study.trials().map(\.value))
        let lines = try study.csv(of: study.trials()).split(separator: "\n")
        #expect(
            lines.count == 5
                && lines[0].hasPrefix("trial,state,value,epochs,seconds,attempts,training.batchSize,model.1"))
        #expect(
            lines.contains { $0.contains("{leakyReLU: {negativeSlope: 0.1}}") }
                && lines.contains { $0.contains(",relu,") })
    }
}
