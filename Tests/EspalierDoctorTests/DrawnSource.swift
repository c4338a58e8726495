import Espalier

/// Samples of any shape, drawn: stands in for data that is not there, or that no generator gives.
struct DrawnSource: DataSource {
    var samples = 120
    var shape = [4]
    /// Nothing for values.
    var classes: Int?
    /// Between which target values are drawn evenly.
    var low = -1.0
    var high = 1.0
    /// Whether target values are 0 or 1, nothing between.
    var binary = false
    /// Whether inputs are known to be from 0 to 1, as those of images.
    var bounded = false

    static let name = "drawn"
    static let summary = "Samples of any shape, drawn"
    static let fields = [
        Field("samples", \Self.samples, "how many"), Field("shape", \Self.shape, "of a sample"),
        Field("classes", \Self.classes, "how many; null for values"), Field("low", \Self.low, "lowest value"),
        Field("high", \Self.high, "highest value"), Field("binary", \Self.binary, "whether values are 0 or 1"),
    ]

    func load(relativeTo folder: String) throws -> Dataset {
        var random = RandomStream(key: .init(seed: 1))
        let inputs = (0..<samples * shape.reduce(1, *)).map { _ in
            Float(bounded ? random.uniform() : random.normal())
        }
        let targets: Dataset.Targets
        if let classes {
            targets = .classes(
                (0..<samples).map { Int32($0 % classes) }, names: (0..<classes).map { "class \($0)" })
        } else {
            let values = (0..<samples).map { index in
                binary ? Float(index % 2) : Float(low + (high - low) * random.uniform())
            }
            targets = .values(values, width: 1, names: ["y"])
        }
        return try Dataset(
            name: Self.name, sampleShape: shape, inputs: inputs, targets: targets,
            inputRange: bounded ? 0...1 : nil)
    }
}

extension Experiment {
    /// What a configuration says; the data is `source` where one is given.
    init(text: String, on source: (any DataSource)? = nil) throws {
        var catalog = Catalog.standard
        catalog.sources.register(DrawnSource.self) { $0 }
        let data = source == nil ? "" : "data: {source: drawn}\n"
        try self.init(configuration: YAML.parse(data + text, file: "test.yaml"), catalog: catalog)
        if let source { self.data.source = source }
    }

    /// Layers in a row: `8 * "linear: {units: 5}, tanh"` is written by `stack`.
    static func stack(_ count: Int, _ layers: String...) -> String {
        (0..<count).flatMap { _ in layers.map { "  - \($0)" } }.joined(separator: "\n") + "\n"
    }
}
