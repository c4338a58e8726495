import Espalier
import EspalierGraph
import Foundation
import Testing

@testable import EspalierDoctor

/// What looks like a fault of the data and is none, and faults that almost look like none.
extension DataChecksTests {
    private func findings(
        of data: Dataset, seed: Int = 1, scale: Scaling = .standard, _ change: (inout Experiment) -> Void = { _ in }
    ) throws -> [Finding] {
        try findings(Planted(WineSource()) { _ in data }, seed: seed, scale: scale, change)
    }

    /// Normal columns, of which the first says which of two classes a row is of.
    private func table(_ rows: Int, columns: Int = 6, column: (Int, Int) -> Float? = { _, _ in nil }) throws -> Dataset
    {
        var random = RandomStream(seed: 9, "edges")
        let inputs = (0..<rows * columns).map { index in
            let noise = Float(random.normal())
            return column(index / columns, index % columns)
                ?? (index % columns == 0 ? Float(index / columns % 2) * 2 + noise : noise)
        }
        return try Dataset(
            name: "edges", sampleShape: [columns], inputs: inputs,
            targets: .classes((0..<rows).map { Int32($0 % 2) }, names: ["a", "b"]),
            featureNames: (0..<columns).map { "f\($0)" })
    }

    /// A word that no training row has makes a column of zeros.
    @Test func aWordThatTrainingDoesNotHaveIsNoDeadInput() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/words.csv"
        let rows = (0..<80).map { row in
            "\(Double(row * 7 % 13) + Double(row % 2)),\(row == 79 ? "rare" : ["red", "blue"][row % 3 % 2]),\("ab".dropFirst(row % 2).prefix(1))"
        }
        try (["size,colour,kind"] + rows).joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        var source = CSVSource(path: path, target: ["kind"])
        source.columns = ["colour": .oneHot(nil)]
        let found = try findings(source) {
            $0.data.split.shuffle = false
            $0.data.split.stratify = false
        }
        #expect(!found.contains { $0.symptom == .deadInput })
    }

    /// Columns of yes and no are like each other and no grid.
    @Test func aConstantAmongAnswersOfYesAndNoIsFound() throws {
        let data = try table(200, columns: 12) { row, column in
            column == 11 ? 7 : column > 2 ? Float((row * (column + 3) + row / 7) % 5 % 2) : nil
        }
        let dead = try findings(of: data).first { $0.symptom == .deadInput && $0.severity == .warning }
        #expect(dead?.location == "f11")
    }

    /// A class of a tenth, and one of a fortieth of the largest.
    @Test func rareIsATwentieth() throws {
        let data = try table(1000)
        #expect(!symptoms(try findings(of: data.thinningFirstClass(to: 50))).contains(.labelImbalance))
        #expect(symptoms(try findings(of: data.thinningFirstClass(to: 12))).contains(.labelImbalance))
        // Two of thirty may be so by chance, where there are many classes.
        let few = try data[0..<60].withTargets(
            .classes((0..<60).map { Int32($0 == 0 ? 0 : 1 + $0 % 29) }, names: (0..<30).map { "\($0)" }))
        #expect(!symptoms(try findings(of: few)).contains(.labelImbalance))
    }

    @Test func aFewEqualRowsAreNoLeak() throws {
        let data = try table(120)
        func shared(_ count: Int) throws -> [Finding] {
            let validation = data[Array(60..<120) + Array(0..<count)]
            return try findings(of: data[0..<60]) {
                $0.data.validation = Planted(WineSource()) { _ in validation }
                $0.data.split.test = .none
            }.filter { $0.symptom == .leakage }
        }
        #expect(try shared(4).isEmpty)
        // More than a tenth is an error, less a warning.
        #expect(try shared(6).map(\.severity) == [.warning])
        #expect(try shared(8).map(\.severity) == [.error])
    }

    /// Where most features tell the target, it is an easy task.
    @Test func manyTellingFeaturesAreNoLeak() throws {
        let easy = try table(300, columns: 6) { row, column in
            column < 4 ? Float(row % 2) * 20 + Float((row * 13 + column * 5) % 17) / 17 : nil
        }
        #expect(!symptoms(try findings(of: easy)).contains(.leakage))
    }

    @Test func theTargetThatIsFarFromOneIsNamed() throws {
        let data = try table(300)
        func values(_ width: Int, _ value: (Int, Int) -> Float) throws -> Dataset {
            try data.withTargets(
                .values(
                    (0..<300 * width).map { value($0 / width, $0 % width) }, width: width,
                    names: (0..<width).map { "y\($0)" }))
        }
        func unscaled(_ data: Dataset, _ loss: any Loss) throws -> [Finding] {
            try findings(of: data) {
                $0.data.targetScale = Scaling.none
                $0.loss = loss
            }.filter { $0.symptom == .unscaledTarget }
        }
        let large = try values(3) { row, column in Float(row % 7) * (column == 1 ? 400 : 0.5) }
        #expect(try unscaled(large, MeanSquaredError()).map(\.location) == ["y1"])
        // Of a direction the length says nothing, and of shares that they are small.
        #expect(try unscaled(large, CosineLoss()).isEmpty)
        let shares = try values(200) { _, _ in 1.0 / 200 }
        #expect(try unscaled(shares, KullbackLeiblerDivergence()).isEmpty)
        #expect(try unscaled(shares, MeanSquaredError()).count == 1)
    }

    /// The largest input may be below zero.
    @Test func inputsFarBelowZeroAreNamed() throws {
        let data = try table(300) { row, column in column == 2 ? -500 - Float(row % 9) * 60 : nil }
        let found = try findings(of: data, scale: .none).first { $0.symptom == .unscaledInput }
        #expect(found?.location == "f2" && found?.severity == .warning)
    }
}
