import Testing

@testable import EspalierTraining

struct ProtobufMessageTests {
    /// The examples of the encoding's own documentation, and what it says of negative numbers.
    @Test func theDocumentedEncodings() {
        var message = ProtobufMessage()
        message.integer(1, 150)
        message.text(2, "testing")
        var inner = ProtobufMessage()
        inner.integer(1, 150)
        message.message(3, inner)
        #expect(
            message.bytes == [0x08, 0x96, 0x01, 0x12, 0x07] + Array("testing".utf8) + [0x1A, 0x03, 0x08, 0x96, 0x01])

        var numbers = ProtobufMessage()
        numbers.integer(1, -2)
        numbers.number(16, Float(1.5))
        numbers.number(2, 1.5)
        numbers.packed(6, [1, -2])
        let one: [UInt8] = [0, 0, 0, 0, 0, 0, 0xF0, 0x3F], minusTwo: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0xC0]
        #expect(
            numbers.bytes == [0x08, 0xFE] + [UInt8](repeating: 0xFF, count: 8) + [0x01]
                + [0x85, 0x01, 0, 0, 0xC0, 0x3F] + [0x11, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F] + [0x32, 16] + one + minusTwo)
    }
}
