import EspalierData
import EspalierNN
import EspalierSpec

/// Every part that a configuration can name, by kind.
///
/// A catalog is a value. A program with parts of its own adds them to a copy and reads configurations with that:
///
/// ```swift
/// var catalog = Catalog.standard
/// catalog.register(MyLayer.self)
/// let experiment = try Experiment.read("config.yaml", catalog: catalog)
/// ```
public struct Catalog: Sendable {
    public var sources: Registry<any DataSource>
    /// Layers, activations and normalisations: whatever a model is made of.
    public var layers: Registry<any LayerSpecification>
    public var initializers: Registry<any Initializer>
    public var losses: Registry<any Loss>
    public var metrics: Registry<any Metric>
    public var optimizers: Registry<any Optimizer>
    public var schedules: Registry<any Schedule>
    public var callbacks: Registry<any Callback>
    public var augmentations: Registry<any Augmentation>

    /// The parts that Espalier brings.
    public static var standard: Catalog {
        Catalog(
            sources: .dataSources, layers: .standard, initializers: .standard, losses: .standard, metrics: .standard,
            optimizers: .standard, schedules: .standard, callbacks: .standard,
            augmentations: .standard)
    }
}
