import EspalierSpec
import Foundation

/// A table that comes with the library: a CSV file with a header, among the resources.
struct BuiltInTable {
    /// The file's name without `.csv`, and the dataset's.
    let name: String
    /// The column to predict.
    let target: CSVColumns
    /// What the classes 0, 1 and so on of the target are called; nothing where the target is a value.
    var classes: [String]?
    /// The range that the features are known to lie in.
    var inputRange: ClosedRange<Float>?

    func load() throws -> Dataset {
        guard let path = Bundle.module.path(forResource: name, ofType: "csv", inDirectory: "Resources") else {
            throw EspalierError(
                "the built-in \(name) data is missing", at: Bundle.module.bundlePath, expected: "Resources/\(name).csv",
                fix: "keep Espalier_EspalierData.resources beside the executable, or build again")
        }
        let table = try CSVSource(
            path: path, target: target, task: classes == nil ? .regression : .classification, header: true
        ).load(relativeTo: "")
        var targets = table.targets
        if let classes, case .classes(let labels, _) = targets { targets = .classes(labels, names: classes) }
        return try Dataset(
            name: name, sampleShape: table.sampleShape, inputs: table.inputs, targets: targets,
            featureNames: table.featureNames, inputRange: inputRange)
    }
}
