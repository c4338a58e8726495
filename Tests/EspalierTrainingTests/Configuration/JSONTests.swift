import EspalierSpec
import EspalierTestSupport
import Foundation
import Testing

@testable import EspalierTraining

struct JSONTests {
    @Test func whatIsWrittenReadsBackTheSame() throws {
        var random = RandomInput("json")
        for _ in 0..<5000 {
            let value = random.value()
            #expect(try JSON.parse(JSON.write(value)) == value)
            #expect(try JSON.parse(JSON.write(value, pretty: true)) == value)
            #expect(!JSON.write(value).contains("\n"))
        }
    }

    /// Foundation is the judge of what is JSON.
    @Test func whatIsWrittenIsJSON() throws {
        var random = RandomInput("json for others")
        for _ in 0..<500 {
            let value = random.value()
            let object = try JSONSerialization.jsonObject(
                with: Data(JSON.write(.list([value]), pretty: random.below(2) == 0).utf8))
            #expect(object is [Any])
        }
    }

    @Test func bothFormsAreAsDescribed() {
        let value: ConfigurationValue = [
            "b": 1, "a": [1, 2.0, "x"], "list": [["c": .null], []], "no": .number(.nan), "up": .number(.infinity),
            "down": .number(-.infinity), "none": [:], "text": "a\"\\\n\u{1}ü",
        ]
        #expect(
            JSON.write(value)
                == #"{"b":1,"a":[1,2.0,"x"],"list":[{"c":null},[]],"no":"NaN","up":"Infinity","down":"-Infinity","#
                + #""none":{},"text":"a\"\\\n\u0001ü"}"#)
        #expect(
            JSON.write(value, pretty: true) == #"""
                {
                  "b": 1,
                  "a": [1, 2.0, "x"],
                  "list": [
                    {
                      "c": null
                    },
                    []
                  ],
                  "no": "NaN",
                  "up": "Infinity",
                  "down": "-Infinity",
                  "none": {},
                  "text": "a\"\\\n\u0001ü"
                }
                """#)
    }

    @Test func numbersThatAreNotFiniteComeBack() throws {
        let list = try JSON.parse(JSON.write([.number(.infinity), .number(-.infinity), 3, 0.5, "x"]))
        guard case .list(let items) = list else { throw EspalierError("no list") }
        #expect(items.map(\.doubleValue) == [.infinity, -.infinity, 3, 0.5, nil])
        #expect(try JSON.parse(JSON.write(.number(.nan))).doubleValue?.isNaN == true)
    }

    @Test func escapesAreRead() throws {
        #expect(try JSON.parse(#""\u00e9\ud83d\ude00\/\b\f\r\t""#) == .string("é😀/\u{8}\u{C}\r\t"))
    }

    @Test(arguments: [
        ("", 1, 1), ("{", 1, 2), ("{\"a\": 1,\n  \"a\": 2}", 2, 3), ("[1, 2", 1, 6), ("[1 2]", 1, 4), ("[1,]", 1, 4),
        ("{\"a\" 1}", 1, 6), ("{a: 1}", 1, 2), ("\"abc", 1, 1), ("\"a\nb\"", 1, 3), ("01", 1, 1), ("1.", 1, 1),
        ("-", 1, 1), ("+1", 1, 1), ("1e999", 1, 1), ("nul", 1, 4), ("NaN", 1, 1), ("1 2", 1, 3), (#""\x""#, 1, 2),
        (#""\u12g4""#, 1, 2), (#""\ud800""#, 1, 2), (#""\ud800\u0041""#, 1, 2), (#""\udc00""#, 1, 2), ("\"\\", 1, 2),
        (#""\u+123""#, 1, 2), ("[\"ü\", x]", 1, 7),
    ])
    func whatIsNotJSONIsRefused(text: String, line: Int, column: Int) throws {
        let error = try #require(error { try JSON.parse(text, file: "f") })
        #expect(error.location == "f:\(line):\(column)", "\(error)")
    }

    @Test func absurdNestingIsRefused() throws {
        for text in ["[", "{\"a\":"] {
            let error = try #require(error { try JSON.parse(String(repeating: text, count: 1_000_000)) })
            #expect(error.what == "nested too deeply")
        }
    }

    @Test func damagedTextIsReadOrRefusedButNeverMore() throws {
        let sample = Array(
            #"{"event": "step", "step": 12, "loss": 0.25e-3, "norms": [1.0, "NaN", null, true], "t\u00fc": {"a": "\n"}}"#
                .utf8)
        var random = RandomInput("json fuzz")
        var refused = 0
        for _ in 0..<Fuzzing.count {
            let damaged = random.stream.damage(sample, with: "{}[]:,-+.eE\"\\u0\n\t ")
            do {
                _ = try JSON.parse(damaged, file: "f")
            } catch let error as EspalierError {
                #expect(error.location?.hasPrefix("f:") == true, "\(error)")
                refused += 1
            }
        }
        #expect(refused > Fuzzing.count / 50 && refused < Fuzzing.count / 50 * 49)
    }

    @Test func aLineAStepCostsNextToNothing() throws {
        let event: ConfigurationValue = [
            "event": "step", "time": 1_700_000_000.123, "step": 12345, "epoch": 3, "loss": 0.123456789,
            "accuracy": 0.97, "learningRate": 0.001, "gradientNorm": 1.23456,
        ]
        let lines = 20_000
        let written = ContinuousClock().measure { for _ in 0..<lines { _ = JSON.write(event) } } / lines
        let line = JSON.write(event)
        let read = try ContinuousClock().measure { for _ in 0..<lines { _ = try JSON.parse(line) } } / lines
        // Measured at 3 and 5 µs; the bounds leave room for a busy machine.
        #expect(written < .microseconds(100))
        #expect(read < .microseconds(200))
    }
}
