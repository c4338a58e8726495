import EspalierGraph
import Foundation

/// The tensors of one file of PyTorch's reference values, in double precision whatever the file holds.
///
/// `SafeTensors.read` gives `Float`; the float64 files are here to be compared with to more digits than that.
struct Fixture {
    enum Precision: String, CaseIterable { case float32, float64 }

    let tensors: [String: ReferenceArray]

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Fixtures/pytorch").standardized

    static func path(_ file: String, _ precision: Precision) -> String {
        folder.appendingPathComponent("\(file).\(precision.rawValue).safetensors").path
    }

    init(_ file: String, _ precision: Precision) throws {
        struct Entry: Decodable {
            var dtype: String
            var shape: [Int]
            var offsets: [Int]

            enum CodingKeys: String, CodingKey {
                case dtype, shape
                case offsets = "data_offsets"
            }
        }
        struct Header: Decodable {
            var entries: [String: Entry] = [:]
            struct Key: CodingKey {
                var stringValue: String
                var intValue: Int? { nil }
                init(stringValue: String) { self.stringValue = stringValue }
                init?(intValue: Int) { nil }
            }
            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Key.self)
                for key in container.allKeys where key.stringValue != "__metadata__" {
                    entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
                }
            }
        }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: Self.path(file, precision)))
        let length = bytes.withUnsafeBytes { Int($0.load(as: UInt64.self)) }
        let header = try JSONDecoder().decode(Header.self, from: bytes[8..<8 + length])
        func values<Element: BitwiseCopyable>(_ entry: Entry, _ type: Element.Type) -> [Element] {
            let start = 8 + length + entry.offsets[0], count = entry.shape.reduce(1, *)
            let size = MemoryLayout<Element>.size
            return bytes.withUnsafeBytes { raw in
                (0..<count).map { raw.loadUnaligned(fromByteOffset: start + $0 * size, as: Element.self) }
            }
        }
        tensors = header.entries.mapValues { entry in
            let numbers: [Double]
            switch entry.dtype {
            case "F64": numbers = values(entry, Double.self)
            case "F32": numbers = values(entry, Float.self).map(Double.init)
            case "I32": numbers = values(entry, Int32.self).map(Double.init)
            default: fatalError("the fixtures hold no \(entry.dtype)")
            }
            return ReferenceArray(Shape(entry.shape), numbers)
        }
    }

    /// The tensor of that name, which must exist.
    subscript(name: String) -> ReferenceArray {
        guard let tensor = tensors[name] else { fatalError("there is no tensor \(name) in the fixtures") }
        return tensor
    }

    /// The tensors whose name begins with `prefix`, without it, in alphabetical order.
    func all(_ prefix: String) -> [(name: String, value: ReferenceArray)] {
        tensors.filter { $0.key.hasPrefix(prefix) }
            .map { (String($0.key.dropFirst(prefix.count)), $0.value) }.sorted { $0.0 < $1.0 }
    }
}

/// The largest |value - expected|, relative to the largest |expected|; infinite where a value is not a number.
func distance(_ values: some Sequence<Double>, _ expected: [Double]) -> Double {
    let values = Array(values)
    guard values.count == expected.count else { return .infinity }
    let scale = expected.reduce(0) { max($0, abs($1)) }
    let worst = zip(values, expected).reduce(0.0) { worst, pair in
        let difference = abs(pair.0 - pair.1)
        return difference.isNaN ? .infinity : max(worst, difference)
    }
    return worst == 0 ? 0 : worst / scale
}
