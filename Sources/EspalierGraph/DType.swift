/// The type of a tensor's elements.
///
/// In memory every element takes four bytes.
public enum DType: String, Sendable, Hashable, CaseIterable {
    /// IEEE 754 single precision.
    case float32
    /// Two's complement, 32 bits.
    case int32
    /// True or false, held as the number one or zero.
    case bool
}
