import FlyingFox
import FlyingSocks
import Foundation

/// Changes of a page as server-sent events, for as long as somebody listens.
struct EventStream: AsyncBufferedSequence {
    typealias Element = UInt8

    /// The next message; asked for again and again.
    let next: @Sendable (_ isFirst: Bool) async throws -> [UInt8]

    func makeAsyncIterator() -> Iterator { Iterator(next: next) }

    struct Iterator: AsyncBufferedIteratorProtocol {
        let next: @Sendable (_ isFirst: Bool) async throws -> [UInt8]
        private var rest: [UInt8] = []
        private var position = 0
        private var isFirst = true

        init(next: @escaping @Sendable (_ isFirst: Bool) async throws -> [UInt8]) { self.next = next }

        mutating func next() async throws -> UInt8? { try await nextBuffer(suggested: 1)?.first }

        mutating func nextBuffer(suggested count: Int) async throws -> ArraySlice<UInt8>? {
            while position == rest.count {
                rest = try await next(isFirst)
                position = 0
                isFirst = false
            }
            let end = Swift.min(position + count, rest.count)
            defer { position = end }
            return rest[position..<end]
        }
    }
}

/// A server-sent event: a name, text of any number of lines, and where a browser goes on that lost the connection.
func serverSentEvent(_ name: String, _ text: String, id: String? = nil) -> String {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return "event: \(name)\n" + lines.map { "data: \($0)\n" }.joined() + (id.map { "id: \($0)\n" } ?? "") + "\n"
}
