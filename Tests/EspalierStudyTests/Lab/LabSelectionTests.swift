import EspalierData
import EspalierSpec
import Foundation
import Testing

@testable import EspalierStudy

@Suite struct LabSelectionTests {
    private func error(_ names: [String], _ overrides: [String] = []) -> EspalierError? {
        #expect(throws: EspalierError.self) { try LabSelection(names: names, overrides: overrides) }
    }

    @Test func settingsGoToTheirExperiment() throws {
        let one = try LabSelection(names: ["overfitting"], overrides: ["epochs=3", "overfitting.seeds=[4]"])
        #expect((one.experiments[0] as? OverfittingExperiment)?.epochs == 3)
        #expect((one.experiments[0] as? OverfittingExperiment)?.seeds == [4])
        let two = try LabSelection(names: ["weightDecay", "overfitting"], overrides: ["overfitting.epochs=3"])
        #expect((two.experiments[0] as? WeightDecayExperiment)?.epochs == 201)
        #expect((two.experiments[1] as? OverfittingExperiment)?.epochs == 3)
        #expect(try LabSelection(names: ["overfitting", "overfitting"]).experiments.count == 1)
        #expect(try LabSelection(names: nil).experiments.count == 28)
    }

    @Test func whatIsNotKnownIsNamed() {
        #expect(error(["overfiting"])?.fix == "did you mean \"overfitting\"?")
        #expect(error(["overfitting"], ["epoch=3"])?.fix == "did you mean \"epochs\"?")
        #expect(error(["overfitting"], ["epochs=0"])?.location?.contains("--set overfitting.epochs") == true)
        #expect(error(["overfitting", "weightDecay"], ["epochs=3"])?.fix == "--set overfitting.epochs=3")
    }

    @Test func missingFilesAreAnError() throws {
        let root = FileManager.default.temporaryDirectory.path + "/lab-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root + "/mnist", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        let lab = Lab(dataRoot: DataRoot(path: root))
        let error = #expect(throws: EspalierError.self) { try lab.images(.mnist) }
        #expect(error?.what.contains("is missing") == true && error?.location?.contains("/mnist") == true)
        // Without the folder the digits stand in.
        #expect(try lab.images(.fashionMNIST).isStandIn)
    }
}
