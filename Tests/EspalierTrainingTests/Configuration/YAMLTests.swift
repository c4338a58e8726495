import EspalierSpec
import EspalierTestSupport
import Testing

@testable import EspalierTraining

struct YAMLTests {
    private func parse(_ text: String) throws -> ConfigurationNode { try YAML.parse(text, file: "c.yaml") }

    @Test func everyKeyAndValueKnowsItsPlace() throws {
        let root = try parse("name: a\nmodel:\n  - relu\n  - linear: {units: 10, bias: true}\n")
        #expect(root.location == SourceLocation(file: "c.yaml", line: 1, column: 1))
        let model = try #require(root["model"])
        #expect(model.place == "c.yaml:3:3")
        let linear = try model.items()[1]
        #expect(try linear.entries()[0].keyLocation?.description == "c.yaml:4:5")
        let settings = try #require(linear["linear"])
        #expect(settings.place == "c.yaml:4:13")
        let bias = try settings.entries()[1]
        #expect(bias.keyLocation?.description == "c.yaml:4:25")
        #expect(bias.value.place == "c.yaml:4:31")
        #expect(bias.value.path == "model.1.linear.bias")
        #expect(try model.items()[0].path == "model.0")
    }

    @Test func columnsCountCharactersAndLinesCountCarriageReturns() throws {
        #expect(try parse("größe: 1\r\nb: {ü: 2}\r\n")["b"]?["ü"]?.place == "c.yaml:2:8")
        #expect(try parse("\u{FEFF}a: 1")["a"]?.place == "c.yaml:1:4")
    }

    @Test(
        arguments: [
            ("null", .null), ("~", .null), ("true", true), ("False", false), ("yes", "yes"), ("off", "off"),
            ("7", 7), ("+7", 7), ("-7", -7), ("007", 7), ("0x1F", 31), ("0o17", 15), ("1.5", 1.5), ("1e-8", 1e-8),
            ("1.0e-08", 1e-8), ("1E3", 1000.0), (".5", 0.5), ("5.", 5.0), (".inf", .number(.infinity)),
            ("-.INF", .number(-.infinity)), ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .number(9223372036854775808)), ("0.0", 0.0), ("0e5", 0.0), ("1_000", "1_000"),
            ("1e", "1e"), (".", "."), ("1.2.3", "1.2.3"), ("nan", "nan"), ("inf", "inf"), ("0x", "0x"),
            ("'7'", "7"), ("\"true\"", "true"), ("!!str 7", "7"), ("heNormal", "heNormal"),
        ] as [(String, ConfigurationValue)])
    func scalarsFollowTheCoreSchema(text: String, value: ConfigurationValue) throws {
        #expect(try parse("[\(text), 1]").items()[0].value == value)
        #expect(try parse("a: \(text)")["a"]?.value == value)
    }

    @Test func notANumberIsANumberAndNothingIsNull() throws {
        #expect(try parse("a: .nan")["a"]?.value.doubleValue?.isNaN == true)
        #expect(try parse("a:")["a"]?.value == .null)
    }

    @Test func anchorsAliasesAndMergesWork() throws {
        let root = try parse(
            "base: &b {p: 1, q: 2}\nmore: &m {q: 7, r: 8}\nlist: &l [*b, *b]\ncopy: *l\n"
                + "one: {q: 3, <<: *b}\ntwo:\n  <<: [*b, *m]\n  p: 5\nthree: {\"<<\": 1}\n")
        #expect(root["copy"]?.value == [["p": 1, "q": 2], ["p": 1, "q": 2]])
        #expect(root["one"]?.value == ["q": 3, "p": 1])
        #expect(root["two"]?.value == ["p": 5, "q": 2, "r": 8])
        #expect(root["three"]?.value == ["<<": 1])
        #expect(root["two"]?["q"]?.path == "two.q")
        #expect(root["two"]?["q"]?.place == "c.yaml:1:20")
    }

    @Test(arguments: [
        (
            "a: [1, 2\nb: 3\n", "c.yaml:2:2",
            "did not find expected ',' or ']' while parsing a flow sequence, begun at 1:4"
        ),
        ("a: 1\n\tb: 2\n", "c.yaml:2:1", "found a tab character that violates indentation"),
        ("a:\n\tb: 2\n", "c.yaml:2:1", "found character that cannot start any token"),
        ("a: 1\nb\nc: 2\n", "c.yaml:3:1", "could not find expected ':'"),
        ("a: b: c\n", "c.yaml:1:5", "mapping values are not allowed in this context"),
        ("a: *x\n", "c.yaml:1:4", "found undefined alias"),
        ("a: \"\u{1}\"\n", "c.yaml:1:5", "control characters are not allowed"),
        ("a: 1\n---\nb: 2\n", "c.yaml:2:1", "a second document begins here"),
        ("a:\n  b: 1e400\n", "c.yaml:2:6", "1e400 is out of range"),
        ("a: 1.0e-400\n", "c.yaml:1:4", "1.0e-400 is out of range"),
        ("a: 1\n? [1]\n: 2\n", "c.yaml:2:3", "a list or map as a key"),
        ("a: !mine 3\n", "c.yaml:1:4", "the tag !mine means nothing here"),
        ("a: !!set {b}\n", "c.yaml:1:4", "the tag tag:yaml.org,2002:set means nothing here"),
        ("a:\n  <<: 3\n", "c.yaml:2:7", "a is the number 3"),
    ])
    func faultsNameTheirPlace(text: String, place: String, what: String) throws {
        let error = try #require(error { try parse(text) })
        #expect(error.location == place)
        #expect(error.what.hasPrefix(what), "\(error)")
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "first at 1:1"),
        ("x:\n  - {p: 1, q: {'k': 1, j: 2, \"k\": 3}}\n", 2, 30, "first at 2:16"),
        ("a: 1\na: 2\na: 3\n", 2, 1, "first at 1:1"),
        ("x: {b: 1, a: 1, b: 2, a: 3}\n", 1, 23, "first at 1:11"),
        ("x: {a: 1, a: 2}\ny: {a: 1, a: 2}\n", 1, 11, "first at 1:5"),
        ("x: {a: 1, a: 2, a: 3}\ny: {a: 1, a: 2}\n", 1, 11, "first at 1:5"),
        ("größe: 1\r\nx: 3\r\ngröße: 2", 3, 1, "first at 1:1"),
    ])
    func keysGivenTwiceNameBothPlaces(text: String, line: Int, column: Int, first: String) throws {
        let error = try #require(error { try parse(text) })
        #expect(error.location == "c.yaml:\(line):\(column)")
        #expect(error.what.contains("given twice") && error.what.contains(first), "\(error)")
    }

    @Test(arguments: [
        ("a:\r\n\tb: 2\r\n", "indent with spaces, not tabs"), ("a: b: c\n", "quote a text that holds a colon"),
        ("a: [1\n", "bracket above that was never closed"), ("a: @b\n", "quote the text"), ("a: *x\n", "&name"),
    ])
    func faultsComeWithAdvice(text: String, fix: String) throws {
        #expect(try #require(error { try parse(text) }?.fix).contains(fix))
    }

    @Test(arguments: ["", " \n", "# nothing\n"])
    func emptyTextIsRefused(text: String) throws {
        #expect(try #require(error { try parse(text) }).what == "there is nothing in it")
    }

    @Test func filesThatCannotBeReadAreRefused() throws {
        let folder = try TemporaryFolder()
        let missing = try #require(error { try YAML.read(folder.file("missing.yaml")) })
        #expect(missing.what == "cannot read a configuration: no such file or folder")
        #expect(missing.location == folder.file("missing.yaml"))
        #expect(try #require(error { try YAML.read(folder.path) }).what.contains("it is a folder"))
        let latin = try folder.put(Array("a: 1\nb: gr".utf8) + [0xF6, 0xDF], as: "latin.yaml")
        #expect(try #require(error { try YAML.read(latin) }).location == "\(latin):2:6")
        let large = try folder.put(String(repeating: "#", count: YAML.maximumBytes + 1), as: "large.yaml")
        #expect(try #require(error { try YAML.read(large) }).what.contains("too large"))
        #expect(try #require(error { try YAML.read("/dev/zero") }).what.contains("too large"))
        #expect(try YAML.read(folder.put("a: 1\n", as: "good.yaml"))["a"]?.place == "\(folder.file("good.yaml")):1:4")
    }

    @Test(arguments: [
        String(repeating: "[", count: 500_000), String(repeating: "{a: ", count: 200_000),
        String(repeating: "- ", count: 400_000), String(repeating: "? ", count: 400_000),
        String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
        (0..<900).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
    ])
    func absurdNestingIsRefused(text: String) throws {
        let error = try #require(error { try parse(text) })
        #expect(error.what.hasPrefix("nested too deeply"), "\(error)")
    }

    /// Thirty levels of ten copies each would be 10^30 values.
    private static let bomb =
        "a0: &a0 [x]\n"
        + (1...30).map { level in
            "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }.joined()

    @Test(arguments: ["", "? *a30\n: 1\n", "*a30 : 1\n", "[*a30, 1]: 2\n", "z: {? *a30 : 1}\n", "z: {*a30: 1}\n"])
    func aliasBombsAreRefused(key: String) throws {
        let error = try #require(error { try parse(Self.bomb + key) })
        #expect(
            error.what == "too many values once aliases are followed"
                || error.what == "an alias, a list or a map as a key", "\(error)")
    }

    @Test func manyAliasesOfOneBlockAreFine() throws {
        let text = "block: &b {units: 3}\nmodel:\n" + String(repeating: "  - *b\n", count: 200)
        #expect(try parse(text)["model"]?.items().count == 200)
    }

    private static let manyAliases = "x: &a 1\ny: [\(String(repeating: "*a, ", count: 30))1]\n"

    /// The largest text of each kind is done with within seconds, so nothing takes time that grows faster than it.
    @Test(arguments: [
        ("", "a: 1\n"), ("[", "1,"), (String(repeating: "[", count: 900), "1,"), (manyAliases, "\n"),
        (manyAliases, "] "), (manyAliases, "    "), (manyAliases, "*a "), ("a: \"", "\\u0041"), ("{", "a,"),
    ])
    func nothingTakesLong(head: String, repeated: String) {
        let count = (YAML.maximumBytes - head.utf8.count) / repeated.utf8.count
        let text = head + String(repeating: repeated, count: count)
        let time = ContinuousClock().measure { _ = try? parse(text) }
        #expect(time < .seconds(30))
    }

    @Test func whatIsWrittenReadsBackTheSame() throws {
        var random = RandomInput("yaml")
        for _ in 0..<5000 {
            let value = random.value()
            let text = YAML.write(value)
            #expect(try parse(text).value == value, "\(text)")
        }
    }

    @Test func writtenYAMLIsForPeople() {
        let value: ConfigurationValue = [
            "name": "digits-mlp",
            "data": ["source": "digits", "split": ["train": 0.7, "shuffle": true]],
            "model": [
                ["linear": ["units": 128, "initializer": ["heNormal": [:]], "bias": true]], "relu",
                ["dropout": ["p": 0.2]],
                ["residual": ["body": [["linear": ["units": 3]], "relu"]]],
            ],
            "optimizer": ["adam": ["learningRate": 0.001, "betas": [0.9, 0.999], "eps": 1e-8]],
            "regularization": ["maxNorm": .null, "on": "weights"],
            "augment": [:], "callbacks": [], "quoted": ["yes", "1e3", "null", "a: b", ""], "count": 2, "share": 2.0,
        ]
        #expect(
            YAML.write(value) == """
                name: digits-mlp
                data: {source: digits, split: {train: 0.7, shuffle: true}}
                model:
                  - linear: {units: 128, initializer: {heNormal: {}}, bias: true}
                  - relu
                  - dropout: {p: 0.2}
                  - residual:
                      body:
                        - linear: {units: 3}
                        - relu
                optimizer:
                  adam: {learningRate: 0.001, betas: [0.9, 0.999], eps: 1.0e-08}
                regularization: {maxNorm: null, on: weights}
                augment: {}
                callbacks: []
                quoted: ["yes", "1e3", "null", "a: b", ""]
                count: 2
                share: 2.0

                """)
    }

    @Test func damagedTextIsReadOrRefusedButNeverMore() throws {
        let sample = Array(
            """
            name: "digits" # comment
            data: &d {source: digits, split: {train: 0.7, seed: 1}, note: 'it''s'}
            model:
              - linear: {units: 128, initializer: {heNormal: {}}, bias: true}
              - ? relu
              - <<: *d
                text: |
                  one
                  two
              - [1e-8, .inf, ~, "\\u00e9", *d]
            """.utf8)
        var random = RandomInput("yaml fuzz")
        var refused = 0
        for _ in 0..<Fuzzing.count {
            let damaged = random.stream.damage(sample, with: "{}[]:,-?&*!|>'\"%@`#<~\n\t \\")
            do {
                _ = try YAML.parse(SystemFile.text(damaged, file: "f"), file: "f")
            } catch let error as EspalierError {
                #expect(error.location?.hasPrefix("f") == true, "\(error)")
                refused += 1
            }
        }
        #expect(refused > Fuzzing.count / 30 && refused < Fuzzing.count / 30 * 29)
    }
}
