import Testing

@testable import EspalierReport

@Suite struct FragmentsTests {
    private func parts(_ head: String, _ cards: [String]) -> [Fragments.Part] {
        [
            .slot(name: "head", .text(head)),
            .section(title: "Cards", slots: cards.enumerated().map { ("card-\($0)", .text($1)) }),
            .section(title: "Nothing", slots: []),
        ]
    }

    @Test func onlyWhatHasChangedIsSent() {
        var fragments = Fragments()
        fragments.update(parts("a", ["x", "y"]))
        let first = fragments.version
        guard case .none = fragments.changes(since: first) else { return #expect(Bool(false)) }
        fragments.update(parts("a", ["x", "y"]))
        #expect(fragments.version == first)
        fragments.update(parts("a", ["x", "z"]))
        let second = fragments.version
        fragments.update(parts("b", ["x", "z"]))
        guard case .slots(let late) = fragments.changes(since: second),
            case .slots(let early) = fragments.changes(since: first)
        else { return #expect(Bool(false)) }
        #expect(late.map(\.name) == ["head"] && late.map(\.html) == ["b"])
        #expect(early.map(\.name) == ["head", "card-1"] && early.map(\.html) == ["b", "z"])
    }

    @Test func partsThatComeOrGoMakeANewPage() {
        var fragments = Fragments()
        fragments.update(parts("a", ["x"]))
        let first = fragments.version
        fragments.update(parts("a", ["x", "y"]))
        guard case .whole(let html) = fragments.changes(since: first) else { return #expect(Bool(false)) }
        #expect(html == fragments.html && html.contains("id=\"slot-card-1\""))
        #expect(!html.contains("Nothing"))
        let second = fragments.version
        fragments.update(parts("a", ["y"]))
        guard case .whole(let shorter) = fragments.changes(since: second) else { return #expect(Bool(false)) }
        #expect(!shorter.contains("slot-card-1"))
    }

    /// A browser that saw another server's pages starts anew.
    @Test(arguments: [-1, 99]) func anUnknownVersionGetsAll(_ version: Int) {
        var fragments = Fragments()
        fragments.update(parts("a", ["x"]))
        guard case .whole = fragments.changes(since: version) else { return #expect(Bool(false)) }
    }

    @Test func eventsCarryAnyText() {
        #expect(
            serverSentEvent("slot", "name\n<p>\r\n\n</p>", id: "a-1")
                == "event: slot\ndata: name\ndata: <p>\ndata: \ndata: </p>\nid: a-1\n\n")
        #expect(serverSentEvent("slot", "") == "event: slot\ndata: \n\n")
    }
}
