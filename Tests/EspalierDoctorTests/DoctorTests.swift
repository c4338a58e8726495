import Espalier
import Foundation
import Testing

@testable import EspalierDoctor
@testable import EspalierTraining

/// A doctor at a training's side, and one who has nothing but the run's folder.
@Suite struct DoctorTests {
    /// A network that is too deep for its activation, and one that is not.
    private static let sigmoids = """
        data:
          source: {circles: {samples: 1000, noise: 0.1, seed: 1}}
          split: {train: 700, validation: 300, test: none, shuffle: false}
          scale: none
        model: [\((0..<8).map { _ in "{linear: {units: 5, initializer: heUniform}}, sigmoid" }.joined(separator: ", ")), {linear: {units: 1}}, sigmoid]
        loss: binaryCrossEntropyOnProbabilities
        metrics: [accuracy]
        training: {epochs: 60, batchSize: 128, seed: 3}
        doctor: {probeEvery: 10}
        """
    private static let tanhs = sigmoids.replacingOccurrences(of: "}}, sigmoid, ", with: "}}, tanh, ")
        .replacingOccurrences(of: ", initializer: heUniform", with: "")
        .replacingOccurrences(of: "doctor:", with: "optimizer: {adam: {learningRate: 0.01}}\ndoctor:")

    /// A doctor who knows what simple models reach, without having looked.
    private final class Attendant: RunAttendant {
        private(set) var doctor = Doctor()
        /// Whether it looks before the first step too.
        let examines: Bool
        var baselines: Baselines? = Baselines(majority: 0.5, constantLoss: 0.6931, nearestNeighbours: 0.6)

        init(examines: Bool = true) { self.examines = examines }

        func begin(_ trainer: Trainer, _ prepared: PreparedExperiment, resuming folder: RunFolder?) throws {
            if !examines {
                doctor = Doctor(attending: trainer)
                trainer.listeners.removeLast()
            } else {
                try doctor.begin(trainer, prepared, resuming: folder)
            }
            guard let baselines, folder == nil else { return }
            try trainer.tell(baselines)
            try doctor.handle(.baselines(baselines))
        }

        func handle(_ event: TrainingEvent) throws { try doctor.handle(event) }
        func end(_ summary: RunSummary) throws -> Diagnosis { try doctor.end(summary) }
    }

    private func experiment(_ text: String) throws -> Experiment {
        try Experiment(configuration: YAML.parse(text, file: "test.yaml"))
    }

    private func run(
        _ text: String, in folder: TemporaryFolder, interruptAfter steps: Int? = nil,
        by attendant: Attendant = Attendant()
    ) throws -> TrainingRun {
        var taken = 0
        return try TrainingRun(
            experiment(text), in: { _ in try RunFolder.taking(folder.path + "/run") }, attendant: attendant,
            engine: Engine(threads: 1),
            shouldInterrupt: {
                taken += 1
                return taken == steps
            })
    }

    private func events(_ run: RunFolder, _ kind: String) throws -> [ConfigurationValue] {
        try EventLog.read(run.events).events.filter { $0["event"] == .string(kind) }
    }

    @Test func theFolderAloneLeadsToTheSameFindings() throws {
        for text in [
            Self.sigmoids, Self.tanhs,
            Self.sigmoids.replacingOccurrences(of: "probeEvery: 10", with: "probeEvery: 1000"),
        ] {
            let folder = try TemporaryFolder()
            let attendant = Attendant()
            let run = try run(text, in: folder, by: attendant)
            let (live, read) = (attendant.doctor.history, try History.read(run.folder).history)
            #expect(read.start == live.start)
            #expect(read.losses == live.losses)
            #expect(read.probes == live.probes)
            #expect(read.epochs == live.epochs)
            #expect(read.final?.confusion == live.final?.confusion)
            #expect(live.final?.confusion.count == 2)
            let diagnosis = try #require(run.diagnosis)
            #expect(try Doctor.diagnosis(of: run.folder) == diagnosis)
            #expect(diagnosis.isHealthy == (text == Self.tanhs))
        }
    }

    @Test func aNetworkTooDeepForItsActivationIsToldOfOnce() throws {
        let folder = try TemporaryFolder()
        let run = try run(Self.sigmoids, in: folder, by: Attendant(examines: false))
        let finding = try #require(run.diagnosis?.findings.first)
        #expect(finding.symptom == .vanishingGradient)
        #expect(finding.severity == .error)
        let told = try events(run.folder, "finding").map(Finding.init(configuration:)).filter { $0.severity > .info }
        #expect(Set(told.map(\.symptom)).count == told.count)
        #expect(told.contains { $0.symptom == .vanishingGradient })
        // Not before two thirds of the epochs were over, and it had persisted.
        let first = try events(run.folder, "finding").compactMap { event -> Int? in
            guard event["symptom"] == .string("vanishingGradient"), case .integer(let epoch)? = event["epoch"] else {
                return nil
            }
            return epoch
        }.first
        #expect(try #require(first) >= 40)
    }

    @Test func aRunThatGoesOnIsNotToldTwice() throws {
        let folder = try TemporaryFolder()
        let text = Self.sigmoids + "\ncallbacks: [{checkpoint: {every: 60, keep: 2}}]"
        let cut = try run(text, in: folder, interruptAfter: 310)
        #expect(cut.result.status == .interrupted)
        let before = try events(cut.folder, "finding").count
        #expect(before > 0)
        let resumed = try TrainingRun(resuming: cut.folder, attendant: Attendant(), engine: Engine(threads: 1))
        let told = try events(cut.folder, "finding").map(Finding.init(configuration:)).filter { $0.severity > .info }
        #expect(told.count { $0.symptom == .vanishingGradient } == 1)
        #expect(try Doctor.diagnosis(of: cut.folder) == resumed.diagnosis)
        // As if it had never been interrupted.
        let whole = try TemporaryFolder()
        #expect(try run(text, in: whole).diagnosis == resumed.diagnosis)
    }

    /// However much of its events a run that was killed has left behind, something can be said of it.
    @Test func aRunThatWasKilledIsDiagnosedFromWhatIsLeft() throws {
        let folder = try TemporaryFolder()
        let run = try run(Self.sigmoids, in: folder)
        let bytes = try Array(Data(contentsOf: URL(filePath: run.folder.events)))
        for name in ["summary.json", "diagnosis.json", "metrics.csv", "best.safetensors"] {
            try? FileManager.default.removeItem(atPath: "\(run.folder.path)/\(name)")
        }
        func diagnosis(_ count: Int) throws -> Diagnosis {
            try Data(bytes.prefix(count)).write(to: URL(filePath: run.folder.events))
            return try Doctor.diagnosis(of: run.folder)
        }
        for count in [0, 1, 100] { #expect(try diagnosis(count).isHealthy) }
        for count in [5000, bytes.count / 3] { _ = try diagnosis(count) }
        for count in [bytes.count * 9 / 10, bytes.count * 9 / 10 + 77] {
            let diagnosis = try diagnosis(count)
            #expect(diagnosis.findings.first?.symptom == .vanishingGradient)
        }
        // Without its configuration, it is named all the same.
        try FileManager.default.removeItem(atPath: run.folder.configuration)
        #expect(try diagnosis(bytes.count * 9 / 10).findings.first?.symptom == .vanishingGradient)
    }

    @Test func whatRemediesSetIsSaidOfTheRunsOwnConfiguration() throws {
        let folder = try TemporaryFolder()
        let text = Self.tanhs.replacingOccurrences(of: "learningRate: 0.01", with: "learningRate: 1.0e-7")
        let run = try run(text, in: folder)
        let finding = try #require(run.diagnosis?.findings.first { $0.severity > .info })
        #expect(finding.symptom == .learningRateTooLow)
        let proposal = try #require(finding.remedies.first)
        #expect(proposal.name == "changeLearningRate")
        #expect(
            proposal.change["optimizer"]?["adam"]?["learningRate"]?.doubleValue.map { abs($0 - 1e-6) < 1e-12 } ?? false)
    }
}
