import EspalierData
import EspalierSpec
import Testing

/// Tables whose columns are separated by semicolons or tabs, as many spreadsheets write them.
@Suite struct CSVSeparatorTests {
    private let commas = "id,a,\"b;c\",kind\n1,2.5,\"x, y\",cat\n2,-3e1,z,\"ant\"\n3,.5,z,cat\n"

    /// The same table with another separator, in quotes too.
    private func separated(by separator: String) -> String {
        commas.replacing("\"x, y\"", with: "\"x\(separator) y\"").replacing(/,(?! )/, with: separator)
            .replacing("x\(separator) y", with: "x, y")
    }

    @Test(arguments: [";", "\t"])
    func theFirstLineSaysWhatSeparates(_ separator: String) throws {
        let text = separated(by: separator)
        #expect(text.contains("\"x, y\"") && text.contains("2.5\(separator)"))
        let (expected, found) = (try load(commas), try load(text))
        #expect(found.inputs == expected.inputs && found.featureNames == expected.featureNames)
        #expect(found.targets == expected.targets)
        #expect(try load("\u{FEFF}" + text).inputs == expected.inputs)
    }

    /// A comma outside of quotes decides; else it takes the setting.
    @Test func aSettingDecidesWhereTheFirstLineDoesNot() throws {
        #expect(try load("a;b,c;d,y\n1,2,3\n4,5,6\n").featureNames == ["a;b", "c;d"])
        let semicolons = try load("a,b;c,d;y\n1;2;3\n4;5;6\n") { $0.separator = .semicolon }
        #expect(semicolons.featureNames == ["a,b", "c,d"] && semicolons.inputs == [1, 2, 4, 5])
        #expect(
            failure { try load("a,b,y\n1,2,3\n") { $0.separator = .tab } }?.what
                == "there is only one column, \"a,b,y\"")
    }

    /// An empty first field is no trouble, and an empty one between two tabs is a missing value.
    @Test func emptyFieldsStayWhereTheyAre() throws {
        let data = try load("\tb\ty\n1\t\t2.5\n3\t4\t5\n") { $0.missing = PerColumn(.number(9)) }
        #expect(data.featureNames == ["column1", "b"])
        #expect(data.inputs.map { $0.isFinite ? $0 : 9 } == [1, 9, 3, 4])
    }

    @Test func aDecimalCommaIsNoCategory() throws {
        let error = failure { try load("a;b;kind\n1,5;x;p\n2,5;y;q\n") }
        #expect(error?.what == "1,5 has a decimal comma")
        #expect(error?.fix?.contains("sed 's/,/./g'") == true)
        // A text with a comma is one, and so is a column that is said to hold texts.
        #expect(try load("a;b;kind\n1.5;x, y;p\n2.5;y;q\n").featureNames == ["a", "b=x, y", "b=y"])
    }
}
