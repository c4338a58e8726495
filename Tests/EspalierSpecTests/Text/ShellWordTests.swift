import Testing

@testable import EspalierSpec

struct ShellWordTests {
    @Test(arguments: [
        ("runs/digits-1", "runs/digits-1"), ("my runs/1", "'my runs/1'"), ("it's", #"'it'\''s'"#), ("ünï", "ünï"),
        ("$HOME", "'$HOME'"), ("", "''"),
    ]) func isOneWordToAShell(_ text: String, _ word: String) { #expect(text.shellWord == word) }
}
