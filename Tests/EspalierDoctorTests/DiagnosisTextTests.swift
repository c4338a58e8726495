import Espalier
import Testing

@testable import EspalierDoctor

/// A diagnosis as people read it.
struct DiagnosisTextTests {
    private let configuration: ConfigurationValue = [
        "model": [["linear": ["units": 5, "initializer": .null]], "relu"],
        "optimizer": ["adam": ["learningRate": 0.001, "eps": 1e-8]],
    ]

    private func finding(_ change: ConfigurationValue) -> Finding {
        Finding(
            .vanishingGradient, at: "0", step: 100, .error, evidence: [.init("ratio", 1.25e-5)],
            explanation: "It fades.",
            remedies: [.init(name: "cure", settings: ["strength": 2], why: "it helps", change: change)])
    }

    @Test func tellsWhatWhereAndWhatToSet() {
        var found = finding(["optimizer": ["adam": ["learningRate": 0.0001]]])
        found.consequences = [.lossNotDecreasing]
        let expected = """
            error: vanishingGradient, at 0, step 100
                It fades.
                measured: ratio 1.250e-05
                which also explains: lossNotDecreasing
                what would help, the likeliest first:
                  - cure {strength: 2}: it helps
                    --set optimizer.adam.learningRate=0.0001

            1 error

            """
        #expect(Diagnosis(findings: [found]).text(for: configuration) == expected)
    }

    @Test func withNothingThatMattersItIsHealthy() {
        #expect(Diagnosis().text() == "healthy\n")
        let info = Finding(.leakage, .info, explanation: "One row.")
        #expect(Diagnosis(findings: [info]).text() == "info: leakage\n    One row.\n\nhealthy\n")
    }

    /// What is set leads from the configuration to the changed one.
    @Test(
        arguments: [
            ["optimizer": ["adam": ["learningRate": 0.01]]],
            ["optimizer": ["sgd": ["learningRate": 0.01]]],
            ["model": [["linear": ["units": 5, "initializer": ["normal": ["std": 0.5]]]], "relu"]],
            ["model": [["linear": ["units": 5, "initializer": .null]], "batchNorm", "relu"]],
        ] as [ConfigurationValue])
    func assignmentsMakeTheChange(_ change: ConfigurationValue) throws {
        let arguments = change.assignments(to: configuration).map { "\($0)=\(YAML.writeLine($1))" }
        #expect(arguments.count == 1)
        let node = try YAML.parse(YAML.write(configuration), file: "config.yaml").applying(overrides: arguments)
        guard case .map(let entries) = node.value, case .map(let changed) = change else { return #expect(Bool(false)) }
        let (key, value) = (changed[0].key, changed[0].value)
        var expected = value
        if key == "optimizer", value["adam"] != nil {
            expected = ["adam": ["learningRate": 0.01, "eps": 1e-8]]
        }
        #expect(entries.first { $0.key == key }?.value == expected)
    }

    @Test func linesAreWrappedBetweenWords() {
        let lines = String(repeating: "word ", count: 50).wrapped(indent: 4)
        #expect(lines.count == 3 && lines.allSatisfy { $0.count <= 100 && $0.hasPrefix("    word") })
    }
}
