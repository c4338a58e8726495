import EspalierSpec
import Foundation
import FoundationXML
import Testing

@testable import EspalierReport

@Suite struct RangePageTests {
    private func page(_ range: String, name: String = "digits") throws -> XMLElement {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("range-\(UUID()).html")
        defer { try? FileManager.default.removeItem(at: file) }
        let written = try Report.write(
            range: EspalierSpec.JSON.parse(Data(range.utf8), file: "range"), name: name,
            setting: "optimizer.adam.learningRate", present: 0.001, to: file.path)
        #expect(written == file.path)
        let html = try String(contentsOf: file, encoding: .utf8)
        return try #require(XMLDocument(xmlString: String(html.drop { $0 != "\n" }), options: []).rootElement())
    }

    private func texts(_ page: XMLElement, _ path: String) throws -> [String] {
        try page.nodes(forXPath: path).map { $0.stringValue ?? "" }
    }

    private static let points = """
        [{"rate":0.0001,"loss":2.5,"smoothed":2.5},{"rate":0.01,"loss":1.1,"smoothed":1.2},{"rate":1,"loss":9,"smoothed":5}]
        """

    /// What is said can be copied, and the mark stands at the rate.
    @Test func theRateIsSaid() throws {
        let page = try page(#"{"suggestion":0.0123,"points":\#(Self.points)}"#, name: "<b>")
        #expect(try texts(page, "//p[@class='verdict']") == ["Begin with a learning rate of 0.012."])
        let remarks = try texts(page, "//p[@class='remarks']")[0]
        #expect(remarks.contains("is 0.001.") && remarks.contains("--set optimizer.adam.learningRate=0.012."))
        #expect(try texts(page, "//h1/span") == ["<b>"])
        #expect(try texts(page, "//svg//text()").contains("begin with 0.012"))
        #expect(try page.nodes(forXPath: "//svg").isEmpty == false)
    }

    @Test func aLossThatFallsNowhereIsSaid() throws {
        let page = try page(#"{"suggestion":null,"points":\#(Self.points)}"#)
        #expect(try texts(page, "//p[@class='verdict']") == ["The loss falls at none of these rates."])
        #expect(try page.nodes(forXPath: "//svg").isEmpty == false)
        #expect(try self.page(#"{"points":[]}"#).nodes(forXPath: "//svg").isEmpty)
    }

    @Test(arguments: [
        #"{"points":[{"rate":1,"loss":1,"smoothed":1},{"rate":1,"loss":1,"smoothed":1}]}"#,
        #"{"points":[{"rate":1,"loss":1}]}"#, #"{"points":[{"rate":-1,"loss":1,"smoothed":1}]}"#, #"{"points":3}"#,
    ])
    func whatIsNoRangeIsRefused(_ range: String) throws {
        let error = #expect(throws: EspalierError.self) { try page(range) }
        #expect(error?.expected != nil)
    }
}
