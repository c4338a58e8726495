import EspalierSpec
import Foundation
import Testing

@testable import EspalierData

/// What NumPy itself wrote, in every type, order and version that is read; see `Fixtures/NumPy/make.py`.
@Suite struct NumPyFileTests {
    static func fixture(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/NumPy/\(name)").path
    }

    static let types = NumericArray.Element.allCases

    /// The values of the fixtures, as the type holds them.
    static func expected(_ element: NumericArray.Element) -> [Double] {
        (0..<12).map { index in
            let value = Double(index - 5) * 1.5
            return switch element {
            case .bool: value == 0 ? 0 : 1
            case .float32, .float64: value
            case .uint8, .uint16, .uint32, .uint64: abs(value).rounded(.towardZero)
            default: value.rounded(.towardZero)
            }
        }
    }

    @Test(arguments: ["arrays.npz", "packed.npz"], types)
    func readsEveryTypeAndOrder(_ file: String, _ element: NumericArray.Element) throws {
        let path = Self.fixture(file)
        let archive = try ZipArchive(try SystemFile.read(path, kind: "test data"), path: path)
        for order in ["little", "big", "fortran"] {
            let entry = try #require(archive.entries.first { $0.name == "\(element)_\(order).npy" })
            #expect(entry.isDeflated == (file == "packed.npz"))
            let array = try NumPyFile.array(in: try archive.contents(of: entry), place: order)
            #expect(array.shape == [3, 2, 2])
            #expect(array.values(as: Double.self) == Self.expected(element), "\(order)")
            #expect(array.values(as: Float.self) == Self.expected(element).map { Float($0) }, "\(order)")
        }
    }

    @Test(arguments: 1...3) func readsEveryVersion(_ version: Int) throws {
        let array = try NumPyFile.read(Self.fixture("version\(version).npy"))
        #expect(array.shape == [3, 2, 2] && array.values(as: Double.self) == Self.expected(.float32))
    }

    @Test(arguments: ["arrays.npz", "packed.npz"]) func archivesAreSources(_ file: String) throws {
        let data = try NPZSource(path: Self.fixture(file)).load(relativeTo: "")
        #expect(data.count == 60 && data.sampleShape == [10] && data.inputRange == nil)
        #expect(data.inputs == (0..<600).map { Float($0 % 7) / 4 })
        #expect(data.targets == .classes((0..<60).map { Int32($0 % 3) }, names: ["0", "1", "2"]))
        let values = try NPZSource(path: Self.fixture(file), task: .regression).load(relativeTo: "")
        #expect(values.targets == .values((0..<60).map { Float($0 % 3) }, width: 1, names: ["target"]))
        let absent = failure { try NPZSource(path: Self.fixture(file), y: "z").load(relativeTo: "") }
        #expect(absent?.what == "unknown array \"z\"" && absent?.location?.hasSuffix(file) == true)
    }

    @Test func theLastColumnOfATableIsTheTarget() throws {
        let bytes = npy("<f4", "(2, 3)", [1, 2, 3, 4, 5, 6].flatMap { withUnsafeBytes(of: Float($0), Array.init) })
        let file = try TemporaryFile(bytes, name: "table.npy")
        let data = try NPYSource(path: file.path).load(relativeTo: "")
        #expect(data.inputs == [1, 2, 4, 5] && data.targets == .values([3, 6], width: 1, names: ["target"]))
        let labels = try TemporaryFile(npy("|u1", "(2,)", [7, 9]), name: "labels.npy")
        let named = try NPYSource(path: file.path, targets: labels.path, task: .classification).load(relativeTo: "")
        #expect(named.sampleShape == [3] && named.targets == .classes([0, 1], names: ["7", "9"]))
    }

    @Test(
        arguments: [
            ("<f2", "(2, 1)", [0, 0, 0, 0], "its numbers are of the type <f2"),
            ("<f4", "(2, 1)", [0, 0, 0, 0], "its header says float32 of shape [2, 1], and 4 bytes follow"),
            (
                "<f4", "(9223372036854775807, 4)", [],
                "its header says float32 of shape [9223372036854775807, 4], and 0 bytes"
            ),
            ("<f4", "()", [0, 0, 0, 0], "it has no samples: its shape is []"),
            ("<f4", "(0, 4)", [], "it has no samples"),
            ("<f4", "(-1, 4)", [], "a size of its shape is no whole number"),
            ("<f4", "(1, 2)", [0, 0, 0, 0, 0, 0, 0xC0, 0x7F], "the value is nan"),
        ] as [(String, String, [UInt8], String)])
    func refuses(_ type: String, _ shape: String, _ values: [UInt8], _ what: String) throws {
        let file = try TemporaryFile(npy(type, shape, values), name: "x.npy")
        let error = failure { try NPYSource(path: file.path, targets: file.path).load(relativeTo: "") }
        #expect(error?.what.contains(what) == true, "\(String(describing: error))")
        #expect(error?.location?.hasPrefix(file.path) == true && error?.expected != nil)
    }
}

/// A file of the npy format, version 1.
func npy(_ type: String, _ shape: String, _ values: [UInt8]) -> [UInt8] {
    let header = Array("{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }\n".utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count), 0] + header + values
}
