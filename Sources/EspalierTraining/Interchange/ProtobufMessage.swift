import EspalierSpec

/// A message of Protocol Buffers as it is put together: fields, each a number and a value, one after the other.
///
/// ONNX models and TensorBoard's events are such messages. What a field means is said by whoever writes it; see
/// <https://protobuf.dev/programming-guides/encoding>.
struct ProtobufMessage {
    private(set) var bytes: [UInt8] = []

    /// How the value of a field is written.
    private enum WireType: UInt64 {
        case variable = 0
        case eightBytes = 1
        case delimited = 2
        case fourBytes = 5
    }

    mutating func integer(_ field: Int, _ value: Int) {
        key(field, .variable)
        variable(UInt64(bitPattern: Int64(value)))
    }

    /// A field that occurs once for each value.
    mutating func integers(_ field: Int, _ values: [Int]) {
        for value in values { integer(field, value) }
    }

    mutating func number(_ field: Int, _ value: Float) {
        key(field, .fourBytes)
        append(value.bitPattern)
    }

    mutating func number(_ field: Int, _ value: Double) {
        key(field, .eightBytes)
        append(value.bitPattern)
    }

    /// All values in one field.
    mutating func packed(_ field: Int, _ values: [Double]) {
        key(field, .delimited)
        variable(UInt64(values.count * 8))
        for value in values { append(value.bitPattern) }
    }

    mutating func data(_ field: Int, _ value: [UInt8]) {
        key(field, .delimited)
        variable(UInt64(value.count))
        bytes += value
    }

    mutating func text(_ field: Int, _ value: String) { data(field, Array(value.utf8)) }

    mutating func message(_ field: Int, _ value: ProtobufMessage) { data(field, value.bytes) }

    private mutating func key(_ field: Int, _ type: WireType) { variable(UInt64(field) << 3 | type.rawValue) }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    private mutating func variable(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func append<Bits: FixedWidthInteger>(_ value: Bits) {
        bytes += value.littleEndianBytes
    }
}
