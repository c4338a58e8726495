import EspalierSpec

/// What stands between the columns of a table in a text file.
public enum CSVSeparator: String, CaseIterable, ConfigurationRepresentable, Sendable {
    case comma, semicolon, tab

    var byte: UInt8 {
        switch self {
        case .comma: UInt8(ascii: ",")
        case .semicolon: UInt8(ascii: ";")
        case .tab: UInt8(ascii: "\t")
        }
    }
}
