import EspalierSpec
import EspalierTraining
import Foundation
import Testing

/// `espalier check`, looked at from outside.
@Suite struct CheckCommandTests {
    private static let healthy = """
        data: {source: digits, scale: unit}
        model: [{linear: {units: 32}}, relu, {linear: {units: auto}}]
        """
    private static let slow = healthy + "\noptimizer: {adam: {learningRate: 1.0e-7}}"

    @Test func aHealthyConfigurationIsCalledHealthy() throws {
        let espalier = try Command()
        try espalier.put(Self.healthy, as: "a.yaml")
        let outcome = try espalier("check", "a.yaml", "--strict", "--threads", "1")
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        #expect(outcome.output.hasSuffix("healthy\n"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: espalier.folder) == ["a.yaml"])
    }

    @Test func aFindingSaysWhatToSetAndFailsWhereThatIsAskedFor() throws {
        let espalier = try Command()
        try espalier.put(Self.slow, as: "a.yaml")
        let told = try espalier("check", "a.yaml")
        #expect(told.status == 0 && told.output.contains("warning: learningRateTooLow"))
        #expect(
            told.output.contains("--set optimizer.adam.learningRate=1.0e-05") && told.output.hasSuffix("1 warning\n"))
        let strict = try espalier("check", "a.yaml", "--strict")
        #expect(strict.status == 1 && strict.output == told.output && strict.errors.contains("1 warning"))
        let better = try espalier("check", "a.yaml", "--strict", "--set", "optimizer.adam.learningRate=0.001")
        #expect(better.status == 0)
    }

    @Test func jsonHasTheDiagnosisAndWhatWasMeasured() throws {
        let espalier = try Command()
        try espalier.put(Self.slow, as: "a.yaml")
        let outcome = try espalier("check", "a.yaml", "--json", "--seed", "3")
        let json = try outcome.json
        #expect(outcome.status == 0 && json["healthy"] == false)
        let diagnosis = try Diagnosis(configuration: json)
        #expect(diagnosis.findings.first?.symptom == .learningRateTooLow)
        guard case .list(let trials)? = json["preflight"]?["trials"],
            case .list(let layers)? = json["preflight"]?["start"]?["layers"]
        else { return #expect(Bool(false), "the measurements are missing") }
        #expect(trials.count > 1 && layers.count == 2)
        #expect(json["baselines"] != nil)
    }

    @Test func aConfigurationThatCannotBeUsedIsAnError() throws {
        let espalier = try Command()
        try espalier.put("data: {source: digits}\nmodel: [{linear: {unit: 3}}]", as: "a.yaml")
        let outcome = try espalier("check", "a.yaml")
        #expect(outcome.status == 2 && outcome.errors.contains("a.yaml:2"))
        #expect(try espalier("check", "none.yaml", "--strict").status == 2)
    }
}
