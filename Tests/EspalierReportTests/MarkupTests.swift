import Foundation
import FoundationXML
import Testing

@testable import EspalierReport

@Suite struct MarkupTests {
    @Test func textAndAttributesAreEscaped() {
        let markup = tag("p", ["title": "\"a\" & 'b' <c>", "id": nil]) { "</p><script>&\u{1}" }
        #expect(
            markup.rendered
                == "<p title=\"&quot;a&quot; &amp; &#39;b&#39; &lt;c&gt;\">&lt;/p&gt;&lt;script&gt;&amp;\u{FFFD}</p>")
    }

    @Test func onlyElementsThatMayCloseThemselvesDo() {
        #expect(tag("div").rendered == "<div></div>")
        #expect(tag("br").rendered == "<br/>")
        #expect(tag("rect") { tag("title") { "a" } }.rendered == "<rect><title>a</title></rect>")
    }

    @Test func jsonStringsCannotEndTheirScript() throws {
        let text = "</script><!-- & \"\\ \u{2028}\u{7}\n é 木"
        let json = JSON.string(text)
        #expect(!json.contains("<") && !json.contains("&"))
        let read = try JSONSerialization.jsonObject(with: Data("[\(json)]".utf8)) as? [String]
        #expect(read == [text])
    }

    @Test func numbersReadAsPeopleWriteThem() {
        #expect(Format.number(0.021345) == "0.0213")
        #expect(Format.number(0.1) == "0.1")
        #expect(Format.number(1_240) == "1,240")
        #expect(Format.number(-3.14159) == "−3.14")
        #expect(Format.number(2.1e-5) == "2.1×10⁻⁵")
        #expect(Format.number(1e-9) == "10⁻⁹")
        #expect(Format.number(0) == "0")
        #expect(Format.number(.nan) == "NaN")
        #expect(Format.number(-.infinity) == "−∞")
        #expect(Format.percent(0.97777) == "97.8%")
        #expect(Format.count(1, "epoch") == "1 epoch")
        #expect(Format.count(1_234_567, "step") == "1,234,567 steps")
        #expect(Format.duration(0.0083) == "8.3 ms")
        #expect(Format.duration(200) == "3 min 20 s")
        #expect(Format.duration(7_500) == "2 h 5 min")
        #expect(Format.bytes(48_123_904) == "48.1 MB")
        #expect(Format.ticks([0, 0.5, 1], style: .number, kind: .linear) == ["0.0", "0.5", "1.0"])
        #expect(Format.ticks([0.8, 0.9, 1], style: .percent, kind: .linear) == ["80%", "90%", "100%"])
        #expect(Format.time("2026-11-21T01:02:03.456Z") == "2026-11-21 01:02:03 UTC")
        #expect(Format.time("yesterday") == "yesterday")
    }

    @Test func coordinatesHaveAtMostOneDecimal() {
        #expect(SVG.coordinate(3) == "3")
        #expect(SVG.coordinate(-0.26) == "-0.3")
        #expect(SVG.coordinate(12.34) == "12.3")
        #expect(SVG.coordinate(1e300) == "1000000")
    }

    @Test func longNamesLoseTheirMiddle() {
        #expect(shortened("encoder.blocks.11.attention.query", to: 12) == "encode…query")
        #expect(shortened("short", to: 12) == "short")
    }

    @Test(arguments: [
        "a: 1 # note\n\"b: c\": 'd # e'", "- {x: [1e-8, true, null], y: z#1}", "url: 'unterminated", "ключ: \"<&>\"",
        "", "::: #",
    ])
    func highlightingChangesNoLetter(_ yaml: String) throws {
        let markup = tag("pre") { highlighted(yaml: yaml) }
        let document = try XMLDocument(xmlString: markup.rendered, options: [.nodePreserveWhitespace])
        #expect(document.stringValue ?? "" == yaml)
    }

    @Test func highlightingTellsKeysFromValues() {
        let markup = tag("pre") { highlighted(yaml: "rate: 0.1 # slow") }
        #expect(
            markup.rendered
                == "<pre><span class=\"key\">rate</span>: <span class=\"literal\">0.1</span> "
                + "<span class=\"comment\"># slow</span></pre>")
    }
}
