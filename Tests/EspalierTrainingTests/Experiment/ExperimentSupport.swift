import EspalierData
import EspalierGraph
import EspalierNN
import EspalierSpec

@testable import EspalierTraining

/// Data of any shape: pixels of samples with a label each, or values where there are no classes.
struct ToySource: DataSource {
    var rows = 40
    var shape = [4]
    var classes = 2
    var labels = 1

    static let name = "toy"
    static let summary = "Data for tests"
    static let fields = [
        Field("rows", \Self.rows, "samples"), Field("shape", \Self.shape, "of a sample"),
        Field("classes", \Self.classes, "classes, or 0 for one value a sample"),
        Field("labels", \Self.labels, "labels a sample"),
    ]

    init() {}

    func load(relativeTo folder: String) throws -> Dataset {
        let size = shape.reduce(1, *)
        let inputs = (0..<rows * size).map { Float(($0 * 7919) % 101) }
        let targets: Dataset.Targets =
            classes == 0
            ? .values((0..<rows).map { Float($0 % 13) }, width: 1, names: ["value"])
            : .classes((0..<rows * labels).map { Int32($0 % classes) }, names: (0..<classes).map { "class \($0)" })
        return try Dataset(name: Self.name, sampleShape: shape, inputs: inputs, targets: targets)
    }
}

/// A layer of a program's own, with an initialiser of its own in one of its settings.
struct ScaleSpecification: LayerSpecification {
    var initializer = InitializerChoice(Ones())
    var axes = 1

    static let kind = LayerKind.activation
    static let name = "scale"
    static let summary = "Multiplies each feature by a weight of its own"
    static let fields = [
        Field("initializer", \Self.initializer, "of the weights"),
        Field("axes", \Self.axes, "1 keeps samples as they are; 0 adds them up, which no layer may"),
    ]

    init() {}

    func makeLayer(_ context: LayerContext) throws -> any Layer {
        guard context.input.rank == 1 else { throw ToyFailure.rank(context.input.rank) }
        return Scale(context.input[0], initializer.initializer, keepsSamples: axes == 1)
    }

    final class Scale: Layer {
        @Parameter var gain: Tensor
        let keepsSamples: Bool

        init(_ width: Int, _ initializer: any Initializer, keepsSamples: Bool) {
            _gain = Parameter([width], initializer)
            self.keepsSamples = keepsSamples
        }

        func callAsFunction(_ x: Tensor) -> Tensor { keepsSamples ? x * gain : (x * gain).sum(axes: [0]) }
    }
}

enum ToyFailure: Error { case rank(Int) }

/// An initialiser of a program's own.
struct Halves: Initializer {
    static let name = "halves"
    static let summary = "Every value is 0.5"
    static let fields: [Field<Self>] = []

    func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor { .full(shape, 0.5) }
}

extension Catalog {
    /// The standard one with the parts above.
    static var extended: Catalog {
        var catalog = Catalog.standard
        catalog.register(ToySource.self)
        catalog.register(ScaleSpecification.self)
        catalog.register(Halves.self)
        return catalog
    }
}

/// Reads a configuration that is called `c.yaml`.
func experiment(_ text: String, overrides: [String] = [], folder: String = "") throws -> Experiment {
    let node = try YAML.parse(text, file: "c.yaml").applying(overrides: overrides)
    return try Experiment(configuration: node, catalog: .extended, folder: folder)
}
