import Espalier
import Foundation
import Testing

@testable import EspalierDoctor

/// The static look at every configuration that the repository offers: none of it is warned of.
struct ConfigurationsHearNothingTests {
    private static let root = URL(filePath: #filePath).appending(path: "../../../..").standardized.path

    /// Wrong on purpose.
    private static let faulty: [String: Symptom] = ["techniques/equal-weights.yaml": .symmetricWeights]

    private static let paths: [String] = {
        let folder = "\(root)/Configurations"
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix("zoo/") }.sorted()
    }()

    @Test func thereAreMany() { #expect(Self.paths.count > 35) }

    @Test(arguments: paths)
    func nothingAboveInfo(_ path: String) throws {
        var experiment = try Experiment.read("\(Self.root)/Configurations/\(path)")
        experiment.data.source = standIn(for: experiment.data.source)
        if experiment.data.source is DrawnSource { experiment.data.split = SplitSpecification() }
        let prepared = try experiment.prepare()
        let found = try Examination.staticChecks.flatMap { try $0.findings(in: prepared) }.filter {
            $0.severity > .info
        }
        #expect(found.map(\.symptom) == (Self.faulty[path].map { [$0] } ?? []), "\(found)")
    }

    /// Data of the same shape, where the files do not come with the repository.
    private func standIn(for source: any DataSource) -> any DataSource {
        switch source {
        case is MNISTSource, is FashionMNISTSource:
            return DrawnSource(samples: 400, shape: [1, 28, 28], classes: 10, bounded: true)
        case is CSVSource where "\(source.configuration)".contains("housing"):
            return DrawnSource(samples: 4000, shape: [13])
        case let text as TextSource where "\(source.configuration)".contains("shakespeare"):
            var text = text
            text.path = "\(Self.root)/README.md"
            return text
        default: return source
        }
    }
}
