import Foundation
import Testing

/// Whatever is wrong with what the user gave: status 2, a message with the place and what to do, and nothing written.
@Suite struct BadInputTests {
    struct Case: CustomTestStringConvertible {
        var configuration: String
        var place: String
        var message: String
        var testDescription: String { message }

        init(_ configuration: String, _ place: String, _ message: String) {
            self.configuration = configuration
            self.place = place
            self.message = message
        }
    }

    static let cases = [
        Case("data: {source: digits}\nmodl: [relu]\n", "c.yaml:2:1", "unknown key \"modl\""),
        Case("data: {source: digits}\nmodel:\n  - linera: {units: 3}\n", "c.yaml:3:5", "unknown layer \"linera\""),
        Case("data: {source: digits}\nmodel:\n  - linear: {units: 3}\n", "c.yaml:3:5", "expected: an output of [10]"),
        Case("data: {source: digits}\ntraining: {epochs: many}\n", "c.yaml:2:20", "a whole number"),
        Case("data: {source: digits}\ntraining: {epochs: 0}\n", "c.yaml:2:20", "a whole number from 1 to"),
        Case(
            "data: {source: digits}\ntraining: {evaluateEvery: step}\n", "c.yaml:2:27",
            "training.evaluateEvery is the text \"step\""),
        Case("data: {source: digits}\nloss: mse\n", "c.yaml:2:7", "mse is for values"),
        Case("data: {source: digits}\nmetrics: [mae]\n", "c.yaml:2:11", "mae is for values"),
        Case("data: {source: digits, limit: 5000}\n", "c.yaml:1:31", "5000"),
        Case("data: {source: digits, split: {train: 0.9, validation: 0.00001, test: none}}\n", "c.yaml:1:", "empty"),
        Case("data: {source: digits\n", "c.yaml:", "expected"),
        Case("data: {source: none.csv}\n", "c.yaml:1:16", "cannot read data: no such file or folder"),
        Case("data: {source: short.csv}\n", "short.csv:3", "2 fields"),
        Case("data: {source: nan.csv}\n", "nan.csv:2, column \"b\"", "the value is missing"),
        Case("data: {source: word.csv}\n", "word.csv:3, column \"a\"", "is not a number"),
        Case("data: {source: one.csv}\n", "c.yaml:1:16", "1 class"),
        Case("data: {source: empty.csv}\n", "empty.csv", "the file is empty"),
        Case("name: a/b\ndata: {source: digits}\n", "c.yaml:1:7", "cannot name a folder"),
        Case("data: {source: digits}\noptimizer: {adam: {learningRate: -1}}\n", "c.yaml:2:34", "a number above 0"),
        Case(
            "data: {source: digits}\nmodel: [{linear: {units: auto}}, {dropout: {p: 2}}]\n", "c.yaml:2:48",
            "below 1"),
        Case("data: {source: digits}\nmodel: [{dropout: {p: 1.2}}]\n", "c.yaml:2:23", "a number from 0.0 to below 1.0"),
        Case(
            "data: {source: digitImages}\nmodel: [{conv2d: {channels: 6, kernelSize: 3}}, {groupNorm: {groups: 4}}]\n",
            "c.yaml:2:49", "a number of groups that divides 6"),
        Case(
            "data: {source: digitImages}\nmodel:\n  - conv2d: {channels: 6, kernelSize: 3, groups: 4}\n", "c.yaml:3:5",
            "groups that divides both"),
        Case("data: {source: digits}\nmodel: [{batchNorm: {eps: -1.0e-5}}]\n", "c.yaml:2:27", "a number above 0"),
        Case("data: {source: digits}\noptimizer: {adam: {eps: -1}}\n", "c.yaml:2:25", "a number above 0"),
        Case(
            "data: {source: digits}\nschedule: {exponential: {every: 0}}\n", "c.yaml:2:33",
            "a whole number of at least 1"),
        Case(
            "data: {source: digits}\nmodel: [{linear: {units: 3, activation: relu}}]\n", "c.yaml:2:29",
            "one of units, bias, initializer"),
        Case("data: {source: digits}\nschedule: {cosine: {steps: 0}}\n", "c.yaml:2:28", "at least 1, or null"),
        Case(
            "data: {source: digits}\naveraging: {swa: {start: 40}}\n", "c.yaml:2:26", "the mean begins in epoch 40"),
        Case(
            "data: {source: digits}\ninitialWeights: {file: none.safetensors}\n", "c.yaml:2:24",
            "none.safetensors: cannot read"),
        Case(
            "data: {source: digits}\noptimizer: lbfgs\ngradient: {clipNorm: 1}\n", "c.yaml:2:12",
            "lbfgs moves all parameters by a search"),
        Case("data: {source: digits}\naugment: [horizontalFlip]\n", "c.yaml:2:11", "try: data of images"),
        Case("data: {source: digits}\nloss: {focal: {gama: 1}}\n", "c.yaml:2:16", "did you mean \"gamma\"?"),
    ]

    private func prepared(_ configuration: String) throws -> Command {
        let espalier = try Command()
        try espalier.put(configuration, as: "c.yaml")
        try espalier.put("a,b,c\n1,2,3\n1,2\n", as: "short.csv")
        try espalier.put("a,b,c\n1,nan,3\n", as: "nan.csv")
        try espalier.put("a,b,c\n1,2,3\nx,2,3\n", as: "word.csv")
        try espalier.put("a,b,c\n" + String(repeating: "1,2,yes\n", count: 30), as: "one.csv")
        try espalier.put("", as: "empty.csv")
        return espalier
    }

    @Test(arguments: cases) func isRefused(_ bad: Case) throws {
        let espalier = try prepared(bad.configuration)
        let before = try espalier.names()
        for arguments in [["train", "c.yaml"], ["train", "c.yaml", "--out", "run/deep"]] {
            let outcome = try espalier.run(arguments)
            #expect(outcome.status == 2, "\(outcome.output)")
            #expect(outcome.errors.hasPrefix("error: "), "\(outcome.errors)")
            #expect(outcome.errors.contains(bad.place), "\(outcome.errors)")
            #expect(outcome.errors.contains(bad.message), "\(outcome.errors)")
            #expect(
                outcome.errors.contains("\n  expected: ") || outcome.errors.contains("\n  try: "), "\(outcome.errors)")
        }
        #expect(try espalier.names() == before)
    }

    @Test(arguments: [
        ["train"], ["train", "digits", "--bogus"], ["train", "digits", "--seed", "x"], ["train", "no.yaml"],
        ["train", "digit"], ["train", "digits", "--seed", "-1"], ["train", "digits", "--threads", "0"],
        ["train", "digits", "--set", "nonsense"], ["train", "digits", "--set", "training.epoch=3"], ["bogus"],
        ["train", "digits", "--out", "/proc/no"], ["evaluate"], ["predict", "x"], ["report"], ["list"],
        ["list", "layer"],
    ]) func usageErrors(_ arguments: [String]) throws {
        let espalier = try Command()
        let outcome = try espalier.run(arguments)
        #expect(outcome.status == 2, "\(outcome.output)")
        #expect(!outcome.errors.isEmpty)
        #expect(try espalier.names().isEmpty)
    }

    @Test(.disabled(if: geteuid() == 0, "root may write anywhere")) func readOnlyFolder() throws {
        let espalier = try Command()
        chmod(espalier.folder, 0o555)
        defer { chmod(espalier.folder, 0o777) }
        let outcome = try espalier("train", "digits")
        #expect(outcome.status == 2 && outcome.errors.contains("runs: cannot make the folder: permission denied"))
    }

    @Test func helpForEveryCommand() throws {
        let espalier = try Command()
        for command in ["train", "evaluate", "predict", "list", "report"] {
            let outcome = try espalier(command, "--help")
            #expect(outcome.status == 0 && outcome.errors.isEmpty)
            #expect(outcome.output.contains("USAGE: espalier \(command)") && outcome.output.contains("--json"))
        }
        #expect(try espalier("--help").status == 0)
    }
}
