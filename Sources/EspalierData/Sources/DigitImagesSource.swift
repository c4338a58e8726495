import EspalierSpec

/// The built-in digits as images [1, 8, 8] instead of 64 features: for convolutions, and for what moves and turns images.
public struct DigitImagesSource: DataSource {
    public init() {}

    public static let name = "digitImages"
    public static let summary = "The digits as images: 1 channel of 8 x 8 pixels"
    public static let fields: [Field<Self>] = []

    public func load(relativeTo folder: String) throws -> Dataset {
        let digits = try DigitsSource().load(relativeTo: folder)
        return try Dataset(
            name: Self.name, sampleShape: [1, 8, 8], inputs: digits.inputs, targets: digits.targets,
            featureNames: digits.featureNames, inputRange: digits.inputRange)
    }
}
