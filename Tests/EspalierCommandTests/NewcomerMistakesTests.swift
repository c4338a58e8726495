import Foundation
import Testing

/// What goes wrong on somebody's first day, and what they then read.
@Suite struct NewcomerMistakesTests {
    private static let configuration = """
        data: {source: prices.csv}
        model: [{linear: {units: 4}}, relu, {linear: {units: auto}}]
        optimizer: {adam: {learningRate: 0.01}}
        training: {epochs: 2}
        """

    private func prepared() throws -> Command {
        let espalier = try Command()
        try espalier.putPrices(as: "prices.csv")
        try espalier.put(Self.configuration, as: "prices.yaml")
        return espalier
    }

    @Test func aNameThatIsAlmostRightIsFound() throws {
        let espalier = try prepared()
        #expect(try espalier("train", "prices.yaml", "--out", "runs/first", "--quiet").status == 0)
        try FileManager.default.createDirectory(atPath: espalier.path("data"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: espalier.path("prices.csv"), toPath: espalier.path("data/prices.csv"))
        let cases: [([String], String)] = [
            (["trian", "prices.yaml"], "did you mean \"train\"?"),
            (["train", "price.csv"], "did you mean \"prices.csv\"?"),
            (["check", "prices.yml"], "did you mean \"prices.yaml\"?"),
            (["train", "./data/prise.csv"], "did you mean \"./data/prices.csv\"?"),
            (["check", "prices.yaml", "--set", "data.source=pricse.csv"], "did you mean \"prices.csv\"?"),
            (["train", "nowhere/prices.csv"], "check the spelling, and that the folder above is there"),
            (["predict", "runs", "prices.csv"], "did you mean \"runs/first\"?"),
            (["predict", "runs/frist", "prices.csv"], "did you mean \"runs/first\"?"),
            (["predict", "prices.yaml", "prices.csv"], "it is a file"),
        ]
        for (arguments, help) in cases {
            let outcome = try espalier.run(arguments)
            #expect(outcome.status == 2 && outcome.errors.contains(help), "\(arguments): \(outcome.errors)")
        }
    }

    /// `check` looks at the ranges of a search, without which it would only fail hours later.
    @Test func theRangesOfASearchAreChecked() throws {
        let espalier = try prepared()
        let cases = [
            ("{optimizer.adam.learningRate: {logUniform: [0.001, 0.1]}}", 0, ""),
            ("{optimizer.adam.learningrate: {logUniform: [0.001, 0.1]}}", 2, "did you mean \"learningRate\"?"),
            ("{optimizer.adam.learningRate: {logUniform: [0, 0.1]}}", 2, "prices.yaml:6"),
            ("{training.batchSize: {choice: [8, 0]}}", 2, "prices.yaml:6:12: training.batchSize"),
            (
                "{optimizer.sgd.learningRate: {uniform: [0.1, 1]}}", 2,
                "optimizer is adam here: search its settings, or which of the two it is: optimizer: {choice: [adam, sgd]}"
            ),
            ("{model.1.dropout.p: {uniform: [0, 0.5]}}", 2, "model.1 is relu here"),
            ("{model.7.linear.units: {integer: [1, 8]}}", 2, "a number from 0 to 2"),
        ]
        for (ranges, status, help) in cases {
            try espalier.put("\(Self.configuration)\nsearch:\n  ranges: \(ranges)\n", as: "prices.yaml")
            let outcome = try espalier("check", "prices.yaml")
            #expect(
                outcome.status == status && (help.isEmpty || outcome.errors.contains(help)),
                "\(ranges): \(outcome.errors)")
        }
    }

    /// Two optimisers in one place are said to be two.
    @Test func twoPartsInOnePlaceAreNamed() throws {
        let espalier = try prepared()
        let outcome = try espalier("check", "prices.yaml", "--set", "optimizer.sgd.learningRate=0.1")
        #expect(outcome.status == 2 && outcome.errors.contains("optimizer names adam and sgd"), "\(outcome.errors)")
        #expect(outcome.errors.contains("{sgd: {…}} in place of {adam: {…}}"))
    }
}
