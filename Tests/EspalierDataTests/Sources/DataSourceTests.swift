import EspalierData
import EspalierSpec
import Foundation
import Testing

@Suite struct DataSourceTests {
    let registry = Registry<any DataSource>.dataSources

    @Test func readsANameAPathAndSettings() throws {
        #expect(try registry.readSource(ConfigurationNode("digits")) is DigitsSource)
        #expect(
            try registry.readSource(ConfigurationNode("data/Table.CSV")) as? CSVSource
                == CSVSource(path: "data/Table.CSV"))
        let full: ConfigurationValue = [
            "csv": ["path": "a.csv", "target": "price", "features": ["x", "y"], "task": "regression", "header": true]
        ]
        #expect(
            try registry.readSource(ConfigurationNode(full)) as? CSVSource
                == CSVSource(path: "a.csv", target: "price", features: ["x", "y"], task: .regression, header: true))
    }

    @Test func pathsAreReadByTheirEndings() throws {
        func source(_ path: String) throws -> any DataSource {
            try registry.readSource(ConfigurationNode(.string(path)))
        }
        #expect(try source("a.npz") as? NPZSource == NPZSource(path: "a.npz"))
        #expect(try source("b/a.NPY") as? NPYSource == NPYSource(path: "b/a.NPY"))
        for path in ["train-images-idx3-ubyte.gz", "a.idx", "a.idx.gz", "images/", "../data/mnist"] {
            #expect(try source(path) as? IDXSource == IDXSource(path: path))
        }
    }

    @Test func settingsSurviveWritingAndReading() throws {
        let source = CSVSource(path: "a.csv", target: "y", features: ["x"], task: .classification, header: false)
        let data = try JSONEncoder().encode(source)
        #expect(try JSONDecoder().decode(CSVSource.self, from: data) == source)
    }

    @Test(arguments: ["mnis", "ring", "images", "table.parquet"])
    func listsWhatThereIsForAnUnknownSource(_ name: String) {
        let error = failure { try registry.readSource(ConfigurationNode(.string(name))) }
        #expect(error?.what == "unknown data source \"\(name)\"")
        let names = registry.names.joined(separator: ", ")
        #expect(error?.expected == "one of \(names), or the path of \(FileSources.accepted)")
    }

    @Test func suggestsTheNearestSource() {
        #expect(failure { try registry.readSource(ConfigurationNode("digit")) }?.fix == "did you mean \"digits\"?")
    }

    @Test func refusesSettingsThatCannotWork() {
        func read(_ settings: ConfigurationValue) -> EspalierError? {
            failure { try registry.readSource(ConfigurationNode(["csv": settings], path: "source")) }
        }
        #expect(read([:])?.what == "csv needs path")
        #expect(read(["path": "a", "taget": "b"])?.fix == "did you mean \"target\"?")
        #expect(read(["path": "a", "task": "ranking"])?.what == "unknown value \"ranking\"")
        #expect(read(["path": "a", "features": .list([])])?.what == "features is an empty list")
        #expect(read(["path": "a", "features": ["x", "x"]])?.what == "the feature \"x\" is listed twice")
        #expect(read(["path": "a", "features": ["x"], "target": "x"])?.what == "the target \"x\" is also a feature")
        #expect(read(["path": "a", "header": 3])?.location == "source.csv.header")
    }

    @Test func pathsStartAtTheConfigurationsFolder() throws {
        let file = try TemporaryFile("a,b\n1,2.5\n")
        let folder = (file.path as NSString).deletingLastPathComponent
        #expect(try CSVSource(path: "data.csv").load(relativeTo: folder).count == 1)
        #expect(try CSVSource(path: "data.csv").load(relativeTo: folder + "/").count == 1)
        #expect(try CSVSource(path: file.path).load(relativeTo: "/nowhere").count == 1)
    }
}
