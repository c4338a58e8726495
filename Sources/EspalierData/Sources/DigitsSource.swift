import EspalierSpec

/// The built-in handwritten digits: 1,797 images of 8 x 8 pixels as 64 features from 0 to 16, in classes "0" to "9".
///
/// Source: Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository (1998),
/// CC BY 4.0.
public struct DigitsSource: DataSource {
    public init() {}

    public static let name = "digits"
    public static let summary = "1,797 handwritten digits of 8 x 8 pixels, built in (64 features, 10 classes)"
    public static let fields: [Field<Self>] = []

    public func load(relativeTo folder: String) throws -> Dataset {
        try BuiltInTable(name: Self.name, target: "digit", classes: (0...9).map(String.init), inputRange: 0...16).load()
    }
}
