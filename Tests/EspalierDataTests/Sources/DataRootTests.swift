import EspalierSpec
import Foundation
import Testing

@testable import EspalierData

@Suite struct DataRootTests {
    @Test func filesAreFoundWhereTheyAreMissingInTheFolder() throws {
        let here = try TemporaryFile("x,y\n1,2\n"), there = try TemporaryFile("x,y\n3,4\n")
        let folder = SystemFile.folder(of: here.path), root = DataRoot(path: SystemFile.folder(of: there.path))
        func found(_ path: String, from folder: String) -> any DataSource {
            root.finding(CSVSource(path: path), missingIn: folder)
        }
        // The folder's own file goes first; what is nowhere, or is said in full, stays as it is.
        #expect(found("data.csv", from: folder) as? CSVSource == CSVSource(path: "data.csv"))
        #expect(found("data.csv", from: "\(folder)/none") as? CSVSource == CSVSource(path: "\(root.path)/data.csv"))
        #expect(found("other.csv", from: folder) as? CSVSource == CSVSource(path: "other.csv"))
        #expect(found("\(folder)/no.csv", from: "") as? CSVSource == CSVSource(path: "\(folder)/no.csv"))
        #expect(root.finding(DigitsSource(), missingIn: folder) is DigitsSource)
    }
}
