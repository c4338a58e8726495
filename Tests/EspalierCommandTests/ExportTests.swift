import EspalierSpec
import EspalierTraining
import Foundation
import Testing

/// `export`, and `predict` for names that are awkward in a table.
@Suite struct ExportTests {
    @Test func everyFormatIsWritten() throws {
        let espalier = try Command()
        #expect(try espalier("train", digitsConfiguration, "--set", "training.epochs=1").status == 0)
        for (format, file) in [
            ("onnx", "model.onnx"), ("safetensors", "weights.safetensors"), ("npz", "weights.npz"),
        ] {
            let outcome = try espalier("export", "runs/digits-1", "--format", format, "--json")
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try outcome.json["path"] == .string("runs/digits-1/\(file)"))
            #expect(
                try outcome.json["format"] == .string(format) && espalier.bytes("runs/digits-1/\(file)").count > 9000)
        }
        let board = try espalier("export", "runs/digits-1", "--format", "tensorboard", "--out", "board")
        #expect(board.status == 0 && board.output.hasPrefix("tensorboard: board/events.out.tfevents."))
        #expect(try espalier.names(in: "board").count == 1)

        let renamed = try espalier(
            "export", "runs/digits-1", "--format", "npz", "--rename", "0.=in.", "--rename", "=net.", "--out", "w.npz")
        #expect(renamed.status == 0 && renamed.output.hasPrefix("npz: w.npz ("))
        let weights = try SafeTensors.read(espalier.path("runs/digits-1/best.safetensors"))
        let arrays = try NPZ.read(espalier.path("w.npz"))
        #expect(arrays.first?.name == "in.weight" && arrays.dropFirst(2).allSatisfy { $0.name.hasPrefix("net.") })
        #expect(arrays.map(\.floats) == weights.arrays.map(\.floats))

        // Weights that went out begin another training.
        let again = try espalier(
            "train", digitsConfiguration, "--set", "training.epochs=1", "--set",
            "initialWeights.file=\(espalier.path("w.npz"))",
            "--set", "initialWeights.rename={in.: \"0.\", net.: \"\"}")
        #expect(again.status == 0, "\(again.errors)")
    }

    @Test func whatCannotBeWrittenIsNamed() throws {
        let espalier = try Command()
        #expect(try espalier("train", "iris", "--set", "training.epochs=1").status == 0)
        let cases: [([String], String)] = [
            (["--format", "onxx"], "--format: unknown format \"onxx\""),
            (["--format", "npz", "--rename", "0."], "expected: old=new"),
            (["--format", "onnx", "--rename", "0.=a."], "there is nothing to rename in onnx"),
            (["--format", "npz", "--rename", "0.weight=x", "--rename", "0.bias=x"], "two arrays are called \"x\""),
            (["--format", "onnx", "--out", "no/where.onnx"], "no/where.onnx"),
        ]
        for (arguments, message) in cases {
            let outcome = try espalier.run(["export", "runs/iris-1"] + arguments)
            #expect(outcome.status == 2 && outcome.output.isEmpty, "\(arguments)")
            #expect(outcome.errors.contains(message), "\(arguments): \(outcome.errors)")
        }
        #expect(try espalier("export", "runs/none", "--format", "onnx").errors.contains("there is no such folder"))
        try FileManager.default.removeItem(atPath: espalier.path("runs/iris-1/best.safetensors"))
        for format in ["onnx", "npz", "safetensors"] {
            let outcome = try espalier("export", "runs/iris-1", "--format", format)
            #expect(outcome.status == 2 && outcome.errors.contains("the run has no weights"), "\(format)")
        }
        #expect(try espalier("export", "runs/iris-1", "--format", "tensorboard").status == 0)
    }

    /// Names with quotes, commas and line ends come back from the table of predictions as they were.
    @Test func awkwardNamesOfClassesAreQuoted() throws {
        let espalier = try Command()
        let names = ["say \"\"no\"\"", "a, b", "two\nlines", "größe;x"]
        let rows = (0..<80).map { "\($0 % 4 * 3 + $0 % 2),\"\(names[$0 % 4])\"" }
        try espalier.put((["x,kind"] + rows).joined(separator: "\n") + "\n", as: "kinds.csv")
        #expect(try espalier("train", "kinds.csv", "--set", "training.epochs=3").status == 0)
        #expect(try espalier("predict", "runs/kinds-1", "kinds.csv", "--out", "said.csv").status == 0)
        // Its own reader finds the columns and the classes by these names.
        let table = try espalier.text("said.csv")
        for name in names.dropLast() { #expect(table.contains("\"probability_\(name)\""), "\(name)") }
        #expect(table.contains(",probability_größe;x"))
        let train = try espalier(
            "train", "said.csv", "--set", "data.source.csv.target=\"probability_two\\nlines\"", "--set",
            "data.source.csv.features=[\"probability_say \\\"no\\\"\", probability_größe;x]", "--set",
            "training.epochs=1")
        #expect(train.status == 0, "\(train.errors)")
    }
}
