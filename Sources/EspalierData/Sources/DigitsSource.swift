import EspalierSpec
import Foundation

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
        guard let path = Bundle.module.path(forResource: "digits", ofType: "csv", inDirectory: "Resources") else {
            throw EspalierError(
                "the built-in digits are missing", at: Bundle.module.bundlePath, expected: "Resources/digits.csv",
                fix: "keep Espalier_EspalierData.resources beside the executable, or build again")
        }
        let table = try CSVSource(path: path, target: "digit", task: .classification, header: true)
            .load(relativeTo: folder)
        return try Dataset(
            name: Self.name, sampleShape: table.sampleShape, inputs: table.inputs, targets: table.targets,
            featureNames: table.featureNames, inputRange: 0...16)
    }
}
