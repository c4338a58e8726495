import EspalierData
import EspalierNN
import EspalierSpec
import Foundation
import Testing

@testable import EspalierTraining

/// Validation and test data of their own, and class weights that the training data decides.
@Suite struct GivenApartTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Rows a, b, kind, where the kind is that of the number.
    func table(_ rows: Int, _ kinds: [String]) -> String {
        (["a,b,kind"] + (0..<rows).map { "\($0),\($0 % 5),\(kinds[$0 % kinds.count])" }).joined(separator: "\n") + "\n"
    }

    @Test func aTableForTheTestIsReadByItsColumnsNamesAndClasses() throws {
        let train = try folder.put(table(40, ["x", "y", "z"]), as: "train.csv")
        // Another order of the columns, and a class that comes first is not the first.
        let test = try folder.put("kind,b,a\nz,1,2\ny,3,4\n", as: "test.csv")
        let prepared = try experiment("data: {source: \(train), test: \(test), scale: none}").prepare()
        #expect(prepared.data.test?.inputs == [2, 1, 4, 3])
        #expect(prepared.data.test?.targets == .classes([2, 1], names: ["x", "y", "z"]))
        // What the test would have had goes to the others.
        #expect([prepared.data.train.count, prepared.data.validation?.count] == [33, 7])
        let again = try experiment(prepared.experiment.yaml)
        #expect(try again.prepare().configuration == prepared.configuration)
    }

    @Test func validationAndTestLeaveAllOfTheSourceToTrain() throws {
        let prepared = try experiment(
            "data: {source: {toy: {rows: 40}}, validation: {toy: {rows: 10}}, test: {toy: {rows: 6}}}"
        ).prepare()
        #expect(
            [prepared.data.train.count, prepared.data.validation?.count, prepared.data.test?.count] == [40, 10, 6])
        // Scaled as the training data is.
        let mean = prepared.data.train.inputs.reduce(0, +) / Float(prepared.data.train.inputs.count)
        #expect(abs(mean) < 1e-5)
        #expect(prepared.data.validation?.inputs != (try ToySource().load(relativeTo: "")[0..<10].inputs))
    }

    @Test func whatDoesNotFitIsRefusedAtItsPlace() throws {
        func failure(_ data: String) -> EspalierError? {
            do {
                _ = try experiment("data: {source: {toy: {rows: 40}}, \(data)}").prepare()
                return nil
            } catch {
                return error as? EspalierError
            }
        }
        #expect(failure("test: {toy: {shape: [3]}}")?.what == "samples of the shape [3]")
        #expect(failure("test: {toy: {classes: 0}}")?.what == "its targets are not like those of toy")
        #expect(failure("test: {toy: {labels: 2}}")?.what == "its targets are not like those of toy")
        #expect(failure("test: {toy: {classes: 3}}")?.what.hasPrefix("unknown class \"class 2\"") == true)
        let missing = failure("validation: nowhere.csv")
        #expect(missing?.what == "nowhere.csv: cannot read data: no such file or folder")
        #expect(missing?.location?.hasSuffix(":1:47") == true, "\(missing?.location ?? "")")
        #expect(
            failure("validation: {toy: {rows: 9}}, split: {fold: {number: 1, of: 3}}")?.what
                == "a fold is validation, and data.validation is another")
    }

    @Test func balancedWeightsFollowTheTrainingRows() throws {
        let file = try folder.put(table(40, ["x", "x", "x", "y"]), as: "rare.csv")
        let text = "{data: {source: \(file), split: {train: 40}}, loss: {crossEntropy: {classWeights: balanced}}}"
        let prepared = try experiment(text).prepare()
        // 40 / (2 30) and 40 / (2 10).
        #expect((prepared.loss as? CrossEntropyLoss)?.classWeights == .given([2.0 / 3, 2]))
        #expect(
            prepared.configuration["loss"]?["crossEntropy"]?["classWeights"] == .list([.number(2.0 / 3), .number(2)]))
        let none = text.replacing("train: 40", with: "train: 3, shuffle: false")
        let failure = #expect(throws: EspalierError.self) { try experiment(none).prepare() }
        #expect(failure?.what == "class number 1 has no training samples, so nothing balances it")
    }
}
