import EspalierData
import EspalierSpec
import Foundation
import Testing

/// What cannot be used is refused at its line and column, with what was expected.
@Suite struct CSVErrorTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var text: String
        /// What follows the path in the location.
        var place: String
        var what: String
        var source = CSVSource()
        var testDescription: String { what }
    }

    static let cases = [
        Case(text: "", place: "", what: "the file is empty"),
        Case(text: "\n\n", place: "", what: "the file is empty"),
        Case(text: "a,b\n", place: "", what: "no rows"),
        Case(text: "a|b\n1|2\n", place: ":1", what: "there is only one column, \"a|b\""),
        Case(text: "a;b;y\n1,5;2;3\n", place: ":2, column \"a\"", what: "1,5 has a decimal comma"),
        Case(text: "a\tb\ty\n1.5\t2\t3\n1\t2,25\t3\n", place: ":3, column \"b\"", what: "2,25 has a decimal comma"),
        Case(text: "a,b,a\n1,2,3\n", place: ":1", what: "two columns are called \"a\""),
        Case(text: "a,b\n1,2\n1,2,3\n", place: ":3", what: "3 fields"),
        Case(text: "a,b\n1\n", place: ":2", what: "1 fields"),
        Case(text: "a,b\n1,2\n\n3,4\n", place: ":3", what: "the line is empty"),
        Case(text: "a,b,y\n1,2,3\n4,five,6\n", place: ":3, column \"b\"", what: "\"five\" is not a number"),
        Case(text: "\"a\nb\",c,y\n1,2,3\n4,\"1\n2\",6\n", place: ":4, column \"c\"", what: "\"1\\n2\" is not a number"),
        Case(text: "a,b,y\n1,2,3\n4,,6\n", place: ":3, column \"b\"", what: "the value is missing"),
        Case(text: "a,b,y\n1,2,3\n4, ,6\n", place: ":3, column \"b\"", what: "the value is missing"),
        Case(text: "a,b,y\n1,2,3\n4,NA,6\n", place: ":3, column \"b\"", what: "the value is missing (\"NA\")"),
        Case(text: "a,b,y\n1,2,3\n4,NaN,6\n", place: ":3, column \"b\"", what: "the value is missing (\"NaN\")"),
        Case(text: "a,b,y\n1,2,3\n4,-inf,6\n", place: ":3, column \"b\"", what: "\"-inf\" is not a number"),
        Case(text: "a,b,y\n1,2,3\n4,1e39,6\n", place: ":3, column \"b\"", what: "1e39 is too large (inf)"),
        Case(text: "a,y\n1,2.5\n1,x\n", place: ":3, column \"y\"", what: "\"x\" is not a number"),
        Case(text: "a,y\n1,2.5\n1,-1e99\n", place: ":3, column \"y\"", what: "-1e99 is too large (-inf)"),
        Case(text: "a,y\n1,x\n1,\n", place: ":3, column \"y\"", what: "the class is missing"),
        Case(text: "a,y\n1,\n", place: ":2, column \"y\"", what: "the value is missing"),
        Case(text: "a,b\n1,\"2\n3,4\n", place: ":2, column 2", what: "a quote is opened and never closed"),
        Case(text: "a,b\n1,\"2\"3\n", place: ":2, column 2", what: "text after the closing quote"),
        Case(text: "a,b\n1,5\"\n", place: ":2, column 2", what: "a quote inside a field that does not start with one"),
        Case(
            text: "a,b,c\n1,2,3\n", place: ":1", what: "unknown column \"aa\"",
            source: CSVSource(path: "", target: "aa")),
        Case(
            text: "a,b,c\n1,2,3\n", place: ":1", what: "unknown column \"x\"",
            source: CSVSource(path: "", features: ["a", "x"])),
        Case(
            text: "a,b,c\n1,2,3\n", place: ":1", what: "the target \"c\" is also a feature",
            source: CSVSource(path: "", features: ["a", "c"])),
        Case(
            text: "a,b,c\n1,2.5,x\n", place: ":2, column \"c\"", what: "\"x\" is not a number",
            source: CSVSource(path: "", target: ["b", "c"])),
        Case(
            text: "a,b\n1,2\n", place: ":1", what: "every column is a target",
            source: CSVSource(path: "", target: ["a", "b"])),
        Case(
            text: "1990,1991,y\n3,4,5.5\n", place: ":1, column \"column3\"", what: "\"y\" is not a number",
            source: CSVSource(path: "", task: .regression)),
        Case(
            text: "a,b\n1,2\n", place: ":1, column \"column1\"", what: "\"a\" is not a number",
            source: CSVSource(path: "", header: false)),
    ]

    @Test(arguments: cases) func names(_ example: Case) throws {
        let file = try TemporaryFile(example.text)
        var source = example.source
        source.path = file.path
        let error = failure { try source.load(relativeTo: "") }
        #expect(error?.location == file.path + example.place)
        #expect(error?.what == example.what)
        #expect(error?.expected != nil)
    }

    @Test func suggestsTheNearestColumn() {
        #expect(failure { try load("width,height,y\n1,2,3\n", target: "widt") }?.fix == "did you mean \"width\"?")
    }

    @Test func namesTextThatIsNotUTF8() throws {
        let header = try TemporaryFile(Array("a,b".utf8) + [0xE9] + Array("\n1,2\n".utf8))
        #expect(
            failure { try CSVSource(path: header.path).load(relativeTo: "") }?.location == "\(header.path):1, column 2")
        let label = try TemporaryFile(Array("a,b\n1,x\n1,".utf8) + [0xE9] + Array("\n".utf8))
        let error = failure { try CSVSource(path: label.path).load(relativeTo: "") }
        #expect(error?.location == "\(label.path):3, column \"b\"")
        #expect(error?.what == "the text is not UTF-8")
        let wide = try TemporaryFile([0xFF, 0xFE] + Array("a\0,\0b\0".utf8))
        #expect(failure { try CSVSource(path: wide.path).load(relativeTo: "") }?.what == "the file is UTF-16")
    }

    @Test func saysWhyAFileCannotBeRead() throws {
        let file = try TemporaryFile("a,b\n1,2\n")
        let folder = (file.path as NSString).deletingLastPathComponent
        func what(_ path: String) -> String? { failure { try CSVSource(path: path).load(relativeTo: folder) }?.what }
        #expect(what("missing.csv") == "cannot read data: no such file or folder")
        #expect(what("data.csv/inner.csv") == "cannot read data: a part of the path is no folder")
        #expect(what(folder) == "cannot read data: it is a folder")
        #expect(
            failure { try CSVSource(path: "missing.csv").load(relativeTo: folder) }?.location == "\(folder)/missing.csv"
        )
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: file.path)
        // The superuser may read everything.
        if geteuid() != 0 { #expect(what("data.csv") == "cannot read data: permission denied") }
    }

    @Test func aQuoteThatIsNeverClosedDoesNotFillTheMemory() throws {
        let file = try TemporaryFile(Array("a,b\n1,\"".utf8) + [UInt8](repeating: 0x78, count: 20 << 20))
        let error = failure { try CSVSource(path: file.path).load(relativeTo: "") }
        #expect(error?.what == "a row of more than 16 MiB")
        #expect(error?.location == "\(file.path):2")
    }
}
