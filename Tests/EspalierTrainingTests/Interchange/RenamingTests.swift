import EspalierSpec
import Testing

@testable import EspalierTraining

struct RenamingTests {
    @Test func beginningsAreReplacedTheLongestFirst() throws {
        let renaming = try Renaming(options: ["0.=features.", "0.1.=head.", "module.="])
        #expect(renaming("0.weight") == "features.weight" && renaming("0.1.weight") == "head.weight")
        #expect(renaming("module.2.bias") == "2.bias" && renaming("1.0.weight") == "1.0.weight")
        #expect(try Renaming(options: ["=net."])("0.weight") == "net.0.weight")
        #expect(try Renaming(options: []).isEmpty && !renaming.isEmpty)
    }

    @Test func whatMeansNothingIsRefused() {
        #expect(error { try Renaming(options: ["0."]) }?.what == "there is no = in \"0.\"")
        #expect(error { try Renaming(options: ["0.=a", "0.=b"]) }?.what == "\"0.\" is renamed twice")
    }
}
