import EspalierGraph
import EspalierSpec
import EspalierTestSupport
import Testing

@testable import EspalierData

/// Files that were damaged at random are read or refused, never a crash, whatever their settings and the size of the reader's
/// buffer.
@Suite struct CSVFuzzTests {
    static let seeds = [
        "a,b,kind\n1,2.5,cat\n-3e1,.5,ant\n4,5,cat\n", "1,2,0\n3,4,1\n5,6,0\n7,8,1\n",
        "\u{FEFF}\"a, \"\"b\"\"\",\"y\r\nz\"\r\n1,\"x,\ny\"\r\n2,\" \"\"q\"\" \"\r\n\r\n",
        "a,y\r1.17549435e-38,0.5\r3.4028235e38,-1e-45\r",
        "a,size,y\r\n1,S,0.5\r\n,M,1\r\n?,,2\r\n3.25,\"L\",NA\r\n-4e2, S ,7\r\n",
        "a;\"b;c\";y\r\n1;2.5;cat\r\n1,5;.5;ant\r\n", "\u{FEFF}a\tb\tkind\n1\t\tcat\n3\t4\tant\n5\t6\tcat\n",
        "id,a,b\nx,1,red\nx,2,\nx,12345678901234567890,\"red\"\nx,0.12345678901234567,blue\n",
    ]

    /// Bytes and texts that mean something to a reader of tables.
    static let fragments =
        [
            "\"", "\"\"", ",", ";", "\t", "\n", "\r", "\r\n", "", " ", "nan", "inf", "1e999", "-", ".", "e", "\0",
            "\u{FEFF}",
            "é",
        ]
        .map { Array($0.utf8) } + [[0xFF], [0xC3], [0xFF, 0xFE]]

    static func mutated(_ bytes: [UInt8], _ random: inout RandomStream) -> [UInt8] {
        var bytes = bytes
        for _ in 0...random.index(below: 6) {
            let start = random.index(below: bytes.count + 1)
            let end = min(bytes.count, start + random.index(below: 4))
            switch random.index(below: 5) {
            case 0: bytes.replaceSubrange(start..<end, with: fragments[random.index(below: fragments.count)])
            case 1: bytes.insert(UInt8(random.index(below: 256)), at: start)
            case 2: bytes.removeSubrange(start..<end)
            case 3: bytes.removeSubrange(end...)
            default: bytes.insert(contentsOf: bytes[start..<end], at: random.index(below: bytes.count + 1))
            }
        }
        return bytes
    }

    enum Outcome: Equatable {
        /// What a dataset holds, numbers by their bits, since what is missing equals nothing.
        case data([String], [UInt32], Dataset.Targets, [Gap])
        case refused(EspalierError)
    }

    /// Settings that mean something to some of the seeds.
    static func source(_ random: inout RandomStream) -> CSVSource {
        func one<Choice>(of choices: [Choice]) -> Choice { choices[random.index(below: choices.count)] }
        var source = CSVSource(
            path: "", task: one(of: [nil, .regression, .classification]), header: one(of: [nil, true, false]))
        source.columns = one(of: [
            [:], [:], PerColumn(.oneHot(nil)), PerColumn(.numeric), PerColumn(["a": .oneHot(["1", "2"])]),
            PerColumn(["size": .ordinal(["S", "M", "L"])]), PerColumn(["id": .ignored]),
        ])
        source.categoryLimit = one(of: [1, 2, 100])
        source.unknown = one(of: [.error, .zeros])
        source.missing = one(of: [
            PerColumn(.error), PerColumn(.drop), PerColumn(.fitted(.mean)), PerColumn(.fitted(.mode)),
            PerColumn(.number(-1)), PerColumn(.category("none")), PerColumn(["y": .drop], others: .fitted(.median)),
            PerColumn(["a": .number(0)], others: .drop),
        ])
        source.separator = one(of: [nil, nil, nil, .comma, .semicolon, .tab])
        source.missingMarkers = one(of: [["NA", "?"], [], ["1"], ["é", "red"]])
        source.missingIndicator = one(of: [PerColumn(false), PerColumn(true), ["a": true]])
        return source
    }

    static func outcome(_ source: CSVSource, _ bytes: [UInt8], bufferSize: Int) throws -> Outcome {
        do {
            let data = try CSVTable(source, from: MemoryInput(bytes), bufferSize: bufferSize).dataset()
            return .data(data.featureNames, data.inputs.map(\.bitPattern), data.targets, data.gaps)
        } catch let error as EspalierError {
            return .refused(error)
        }
    }

    @Test func damagedFilesAreReadOrRefused() throws {
        var random = RandomStream(seed: 5, "csv fuzz")
        var read = 0, refused = 0
        for _ in 0..<Fuzzing.count {
            let bytes = Self.mutated(Array(Self.seeds[random.index(below: Self.seeds.count)].utf8), &random)
            let source = Self.source(&random)
            let whole = try Self.outcome(source, bytes, bufferSize: 1 << 10)
            switch whole {
            case .data: read += 1
            case .refused(let error):
                refused += 1
                #expect(error.location?.hasPrefix("memory.csv") == true && error.expected != nil, "\(error)")
            }
            let pieces = try Self.outcome(source, bytes, bufferSize: 1 + random.index(below: 64))
            #expect(whole == pieces, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
        // Both ways must be taken for the test to mean anything.
        #expect(read > Fuzzing.count / 100 && refused > Fuzzing.count / 100, "\(read) read, \(refused) refused")
    }
}
