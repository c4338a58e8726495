import EspalierSpec
import EspalierTraining
import Foundation
import Testing

/// `espalier doctor`, as a user runs it.
@Suite struct DoctorCommandTests {
    /// A step at this rate throws the weights away: the loss is infinite within a few.
    private let exploding = """
        data: {source: {regression: {samples: 300, features: 10}}, split: {test: none}, scale: none}
        model: [linear: {units: 16}, relu, linear: {units: 1}]
        optimizer: {sgd: {learningRate: 0.3}}
        training: {epochs: 20, batchSize: 32}
        """
    private let healthy = """
        data: {source: {regression: {samples: 300, features: 10}}, split: {test: none}, targetScale: standard}
        model: [linear: {units: 16}, relu, linear: {units: 1}]
        optimizer: {adam: {learningRate: 0.01}}
        training: {epochs: 40, batchSize: 32}
        """

    private func command(_ configuration: String) throws -> Command {
        let espalier = try Command()
        try AtomicFile.write(configuration, to: espalier.path("case.yaml"))
        return espalier
    }

    @Test func aConfigurationIsTrainedDiagnosedAndRepaired() throws {
        let espalier = try command(exploding)
        let outcome = try espalier("doctor", "case.yaml", "--repair", "--out", "run", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let result = try outcome.json
        #expect(result["healthy"] == false)
        #expect(result["repair"]?["repaired"] == true)
        #expect(try espalier.json("run/repair.json")["after"] == result["repair"]?["after"])
        #expect(try espalier.json("run/diagnosis.json")["findings"] == result["findings"])
        #expect(try Set(espalier.names(in: "run")).isSuperset(of: ["report.html", "repaired.yaml", "summary.json"]))
        let again = try espalier("doctor", "run/repaired.yaml", "--out", "again", "--strict")
        #expect(again.status == 0, "\(again.output)\(again.errors)")
    }

    @Test func aRunIsLookedAtAgain() throws {
        let espalier = try command(exploding)
        #expect(try espalier("train", "case.yaml", "--out", "run", "--quiet").status == 1)
        let before = try espalier.json("run/diagnosis.json")
        try FileManager.default.removeItem(atPath: espalier.path("run/diagnosis.json"))
        try FileManager.default.removeItem(atPath: espalier.path("run/report.html"))
        let outcome = try espalier("doctor", "run")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("learningRateTooHigh"))
        #expect(try espalier.json("run/diagnosis.json") == before)
        #expect(try espalier.names(in: "run").contains("report.html"))
        #expect(try espalier("doctor", "run", "--strict").status == 1)
        let repair = try espalier("doctor", "run", "--repair", "--strict")
        #expect(repair.status == 0, "\(repair.output)\(repair.errors)")
        #expect(try espalier("doctor", "run", "--repair").status == 2)
    }

    @Test func aHealthyTrainingIsLeftAlone() throws {
        let espalier = try command(healthy)
        let outcome = try espalier("doctor", "case.yaml", "--repair", "--strict")
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(try espalier.json("runs/case-repair-1/repair.json")["repaired"] == false)
        #expect(try !espalier.names(in: "runs/case-repair-1").contains("repaired.yaml"))
    }

    @Test func ctrlCEndsARepairWithWhatWasFound() throws {
        let espalier = try command(exploding.replacing("epochs: 20", with: "epochs: 100000"))
        let running = try espalier.start(["doctor", "case.yaml", "--repair", "--out", "run"])
        let deadline = Date.now.addingTimeInterval(30)
        while !((try? contents(of: running.output).contains("trying ")) ?? false) {
            try #require(Date.now < deadline && running.process.isRunning)
            usleep(2000)
        }
        kill(running.process.processIdentifier, SIGINT)
        let outcome = try running.finish()
        #expect(outcome.status == 1)
        let repair = try espalier.json("run/repair.json")
        #expect(repair["repaired"] == false)
        #expect(repair["budget"]?["cutOff"] == "interrupted")
    }

    @Test func aRunTakesNoSettings() throws {
        let espalier = try command(healthy)
        _ = try espalier("train", "case.yaml", "--out", "run", "--quiet")
        let outcome = try espalier("doctor", "run", "--set", "training.epochs=1")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("looked at as it is"))
    }
}
