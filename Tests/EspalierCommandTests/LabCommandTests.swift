import EspalierSpec
import Foundation
import Testing

/// `espalier lab`, as a user runs it.
@Suite struct LabCommandTests {
    @Test func listsWhatCanBeRun() throws {
        let espalier = try Command()
        let listed = try espalier("lab", "list", "--json").json,
            kind = try espalier("list", "experiments", "--json").json
        #expect(listed == kind && listed.items.count == 28)
        #expect(try espalier("lab", "list").output.contains("optimizerPaths"))
    }

    @Test func oneExperiment() throws {
        let espalier = try Command()
        let outcome = try espalier("lab", "run", "optimizerPaths", "--out", "here", "--json")
        #expect(outcome.status == 0 && outcome.errors.contains("report: here/report.html"))
        #expect(try espalier.names(in: "here") == ["lab.json", "report.html"])
        #expect(try outcome.json.items.first?["experiment"]?.text == "optimizerPaths")
        #expect(try espalier.json("here/lab.json")["measurements"]?.items.count == 8)
        #expect(try espalier.text("here/report.html").contains("all 8 as expected"))
    }

    @Test func severalHaveAnIndex() throws {
        let espalier = try Command()
        let outcome = try espalier(
            "lab", "run", "normalizationViews", "overfitting", "--set", "overfitting.epochs=2", "--set",
            "overfitting.seeds=[3]")
        #expect(outcome.status == 0 && outcome.output.contains("runs/lab-1/index.html"))
        #expect(outcome.output.contains("the built-in digits stand in"))
        #expect(try espalier.names(in: "runs/lab-1") == ["index.html", "normalizationViews", "overfitting"])
        #expect(try espalier.json("runs/lab-1/overfitting/lab.json")["settings"]?["epochs"] == .integer(2))
    }

    @Test func whatCannotBeRun() throws {
        let espalier = try Command()
        let unknown = try espalier("lab", "run", "optimiserPaths")
        #expect(unknown.status == 2 && unknown.errors.contains("did you mean \"optimizerPaths\"?"))
        #expect(try espalier("lab", "run").status == 2)
        #expect(try espalier("lab", "run", "--all", "clipping").status == 2)
        // Nothing is left behind by what did not begin.
        #expect(try espalier.names().isEmpty)
    }

    /// Files that are there and cannot be read are no reason to take others instead.
    @Test func damagedImages() throws {
        let espalier = try Command()
        try FileManager.default.createDirectory(
            atPath: espalier.path("data/mnist"), withIntermediateDirectories: true)
        let outcome = try espalier("lab", "run", "overfitting", "--data-root", "data", "--out", "here")
        #expect(outcome.status == 2 && outcome.errors.contains("train-images-idx3-ubyte is missing"))
    }
}
