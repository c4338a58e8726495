import Foundation

/// Something that changes as a training goes, and can be written down and put back, so that the training can go on from
/// there in another process.
///
/// ```swift
/// struct Watch: Follower {
///     struct Memory: Codable { var best = Double.infinity }
///     var memory = Memory()
///     …
/// }
/// ```
public protocol Remembering {
    associatedtype Memory: Codable
    /// All that it knows beside its settings.
    var memory: Memory { get set }
}

/// The memory of what remembers nothing.
public struct NoMemory: Codable, Sendable, Hashable {
    public init() {}
}

extension Remembering {
    /// The memory as JSON.
    package func written() throws -> String { String(decoding: try ExactJSON.encode(memory), as: UTF8.self) }

    /// Puts back what `written` gave.
    ///
    /// - Throws: `DecodingError` for the memory of something else.
    package mutating func recall(_ text: String) throws {
        memory = try ExactJSON.decode(Memory.self, from: Data(text.utf8))
    }
}

/// JSON in which every number comes back as the one that it was, infinite ones among them.
package enum ExactJSON {
    package static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return try encoder.encode(value)
    }

    package static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        try decoder.decode(type, from: data)
    }

    package static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return decoder
    }
}
