import EspalierSpec
import EspalierTraining
import Testing

@Suite struct ListTests {
    @Test(arguments: PartKind.allCases) func everyKind(_ kind: PartKind) throws {
        let espalier = try Command()
        let json = try espalier("list", kind.rawValue, "--json")
        #expect(json.status == 0 && json.errors.isEmpty)
        let parts = try json.json.items
        let text = try espalier("list", kind.rawValue)
        #expect(text.status == 0)
        for part in parts {
            #expect(part.keys == ["name", "summary", "parameters"])
            #expect(text.output.contains(try #require(part["name"]?.text)))
        }
        if parts.isEmpty { #expect(text.output == "no \(kind.rawValue) yet\n") }
    }

    @Test func anUnknownKindIsNearAKnownOne() throws {
        let outcome = try Command()("list", "optimisers")
        #expect(outcome.status == 2 && outcome.errors.contains("did you mean \"optimizers\"?"))
    }
}
