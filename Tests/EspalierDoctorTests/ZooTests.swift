import Espalier
import Foundation
import Testing

@testable import EspalierDoctor

/// The zoo's configurations can be trained, and what is expected of each is known.
///
/// `make zoo` trains all of them.
struct ZooTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Zoo")
    /// What is too large for the repository.
    static let root =
        DataRoot(option: nil, environment: ProcessInfo.processInfo.environment)
        ?? DataRoot(
            option: folder.deletingLastPathComponent().deletingLastPathComponent().path + "/shared/data",
            environment: [:])

    static func configurations(_ kind: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/" + kind)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted().map { "\(kind)/\($0)" }
    }

    private static func expectations() throws -> ConfigurationValue {
        try JSON.parse(Array(Data(contentsOf: folder.appending(path: "expected.json")))[...])
    }

    /// The symptoms that are right for a case; nothing where none is named.
    private static func accepted(_ expectation: ConfigurationValue?) -> [Symptom]? {
        guard case .list(let names)? = expectation?["symptoms"], !names.isEmpty else { return nil }
        let symptoms = names.compactMap { $0.text.flatMap(Symptom.init) }
        return symptoms.count == names.count ? symptoms : nil
    }

    @Test func everyFaultyCaseHasAnExpectationAndNoOther() throws {
        guard case .map(let entries) = try Self.expectations() else { throw EspalierError("expected.json is no map") }
        let cases = Self.configurations("faulty").map { String($0.dropFirst("faulty/".count).dropLast(".yaml".count)) }
        #expect(cases.count >= 40 && Self.configurations("healthy").count >= 25)
        #expect(entries.map(\.key).sorted() == cases)
        for entry in entries {
            let symptoms = try #require(Self.accepted(entry.value), "\(entry.key): a symptom that is none")
            #expect(Set(symptoms).count == symptoms.count, "\(entry.key): a symptom twice")
        }
    }

    /// Whether the data that a configuration names is on this machine.
    private static func hasData(_ configuration: String) -> Bool {
        let folders = [
            (configuration.contains(#/source: mnist\b/#), root.map { $0.path + "/mnist" }),
            (configuration.contains("source: fashionMNIST"), root.map { $0.path + "/fashion" }),
            (configuration.contains("housing/"), root.map { $0.path + "/housing" }),
            (configuration.contains("mnist-permuted/"), folder.path + "/data/mnist-permuted"),
        ]
        return folders.allSatisfy { isNeeded, folder in
            !isNeeded || folder.map { FileManager.default.fileExists(atPath: $0) } ?? false
        }
    }

    // One after the other: what is read of MNIST would be in memory several times.
    @Test(.serialized, arguments: configurations("faulty") + configurations("healthy"))
    func aCaseCanBeTrained(_ name: String) throws {
        let path = Self.folder.path + "/" + name
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasPrefix("# "), "the first line says what is wrong, or what is right")
        guard Self.hasData(text) else { return print("\(name) is left out: its data is not here") }
        _ = try Experiment.read(path).rooted(at: Self.root).prepare()
    }

    /// A few that are trained in a moment.
    @Test(arguments: ["circles-exponential-8", "iris-zero-weights", "regression-unscaled", "xor-softmax-output"])
    func aFaultIsFoundByItsCause(_ name: String) throws {
        let diagnosis = try Self.diagnosis(of: "faulty/\(name).yaml")
        let accepted = try #require(Self.accepted(Self.expectations()[name]))
        let told = diagnosis.findings.filter { $0.severity > .info }.map(\.symptom)
        #expect(told.contains(where: accepted.contains), "\(name): \(told) in place of \(accepted)")
    }

    @Test(arguments: ["breast-cancer", "diabetes", "iris", "regression-standard", "wine", "xor"])
    func nothingIsSaidOfWhatIsHealthy(_ name: String) throws {
        let diagnosis = try Self.diagnosis(of: "healthy/\(name).yaml")
        #expect(diagnosis.isHealthy, "\(name): \(diagnosis.findings)")
    }

    /// What the doctor says of a case that is trained once.
    private static func diagnosis(of configuration: String) throws -> Diagnosis {
        let run = FileManager.default.temporaryDirectory.path + "/espalier-zoo-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: run) }
        let experiment = try Experiment.read("\(folder.path)/\(configuration)")
        return try #require(
            TrainingRun(
                experiment, in: { _ in try RunFolder.taking(run) }, attendant: Doctor(), engine: Engine(threads: 1)
            ).diagnosis)
    }
}
