import EspalierSpec
import Foundation
import Testing

@Suite struct CrossValidationTests {
    @Test func everyFoldIsARunAndTheirScoresAreSummarised() throws {
        let espalier = try Command()
        let outcome = try espalier("train", "iris", "--folds", "3", "--set", "training.epochs=3", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            try espalier.names(in: "runs/iris-1") == ["crossValidation.json", "fold-1", "fold-2", "fold-3"])
        let result = try espalier.json("runs/iris-1/crossValidation.json")
        #expect(try outcome.json == result)
        let statistics = try #require(result["validation"]?["accuracy"])
        let values = try #require(statistics["values"]).items.compactMap(\.doubleValue)
        let folds = try (1...3).map {
            try espalier.json("runs/iris-1/fold-\($0)/summary.json")["best"]?["validation"]?["accuracy"]?.doubleValue
        }
        #expect(values.map(Optional.some) == folds)
        let mean = values.reduce(0, +) / 3
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2).squareRoot()
        #expect(abs(try #require(statistics["mean"]?.doubleValue) - mean) < 1e-12)
        #expect(abs(try #require(statistics["standardDeviation"]?.doubleValue) - deviation) < 1e-12)
        // Each is another fold, and the test part has scores of its own.
        for number in 1...3 {
            let fold = try espalier.text("runs/iris-1/fold-\(number)/config.yaml")
            #expect(fold.contains("number: \(number)"), "\(fold)")
        }
        let tests = try (1...3).map {
            try espalier.json("runs/iris-1/fold-\($0)/summary.json")["test"]?["loss"]?.doubleValue
        }
        #expect(result["test"]?["loss"]?["values"]?.items.map(\.doubleValue) == tests)
        #expect(Set(values).count > 1 || statistics["standardDeviation"] == 0)

        // A fold by itself is the same run again.
        let again = try espalier("train", "runs/iris-1/fold-2/config.yaml", "--out", "again")
        #expect(again.status == 0)
        #expect(
            try espalier.bytes("again/best.safetensors") == espalier.bytes("runs/iris-1/fold-2/best.safetensors"))
    }

    @Test func oneFoldAndADivergingOneAreErrors() throws {
        let espalier = try Command()
        let one = try espalier("train", "iris", "--folds", "1")
        #expect(one.status == 2 && one.errors.contains("expected: at least 2 folds"))
        let rate = "optimizer.adam.learningRate=1e30"
        let diverging = try espalier("train", "iris", "--folds", "3", "--set", rate, "--out", "d")
        #expect(diverging.status == 1 && diverging.errors.contains("the training diverged"))
        #expect(try espalier.names(in: "d") == ["fold-1"])
    }
}

@Suite struct RangeCommandTests {
    @Test func suggestsARateAndWritesNothing() throws {
        let espalier = try Command()
        let outcome = try espalier("range", "digits", "--steps", "60", "--json")
        #expect(outcome.status == 0)
        let suggestion = try #require(try outcome.json["suggestion"]?.doubleValue)
        #expect((1e-4...0.1).contains(suggestion))
        #expect(try outcome.json["points"]?.items.isEmpty == false)
        #expect(try espalier("range", "digits").output.contains("begin with "))
        #expect(try espalier.names().isEmpty)
        let wrong = try espalier("range", "digits", "--from", "1", "--to", "0.1")
        #expect(wrong.status == 2 && wrong.errors.contains("the rates go from 1.0 to 0.1"))
    }

    @Test func writesAPageWhereOneIsAskedFor() throws {
        let espalier = try Command()
        let outcome = try espalier("range", "digits", "--steps", "40", "--out", "range.html")
        #expect(outcome.status == 0 && outcome.output.contains("page: ") && outcome.output.contains("begin with "))
        #expect(try espalier.names() == ["range.html"])
        let wrong = try espalier("range", "digits", "--steps", "20", "--out", "nowhere/range.html")
        #expect(wrong.status == 2 && wrong.errors.contains("the report cannot be written"))
    }
}
