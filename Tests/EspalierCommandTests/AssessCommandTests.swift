import EspalierSpec
import Testing

/// `espalier assess`.
@Suite struct AssessCommandTests {
    private static let small = [
        "--set", "assessment={seeds: 1, fractions: [], widths: [0.5, 1, 2], bootstraps: 0, members: 0}", "--set",
        "training.epochs=2",
    ]

    @Test func writesTheResultAndItsPage() throws {
        let command = try Command()
        let outcome = try command.run(["assess", "iris", "--out", "a", "--seed", "4", "--json"] + Self.small)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let result = try outcome.json
        #expect(try result == command.json("a/assessment.json"))
        #expect(result["heldOut"] == "test" && result["trainings"] == 3 && result["decomposition"] == .null)
        #expect(try command.text("a/assessment.html").contains("Beside something simpler"))
        #expect(outcome.errors.contains("the difference to the best simple model"))
    }

    /// A run is assessed as its own configuration has it, and the result lies beside it.
    @Test func ofARun() throws {
        let command = try Command()
        #expect(try command("train", "iris", "--set", "training.epochs=1", "--out", "run").status == 0)
        let outcome = try command.run(["assess", "run"] + Self.small)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try command.names(in: "run").contains("assessment.html"))
        #expect(outcome.output.contains("assessment: run/assessment.json"))
    }

    @Test func mistakesAreTold() throws {
        let command = try Command()
        let key = try command("assess", "iris", "--set", "assessment.seed=3")
        #expect(key.status == 2 && key.errors.contains("\"seed\"") && key.errors.contains("seeds"))
        let nothing = try command.run(
            ["assess", "iris", "--set", "data.split={train: 1.0, validation: none, test: none}"] + Self.small)
        #expect(nothing.status == 2 && nothing.errors.contains("nothing of iris is held out"))
    }
}
