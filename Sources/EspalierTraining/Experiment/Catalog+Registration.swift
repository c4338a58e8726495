import EspalierData
import EspalierNN
import EspalierSpec

// Adding parts of one's own to a catalog: each goes where its protocol says.
extension Catalog {
    /// Adds a layer, activation or normalisation; one of the same name is replaced.
    public mutating func register<Part: LayerSpecification>(_ part: Part.Type) { layers.register(part) { $0 } }

    /// Adds an initialiser; one of the same name is replaced.
    public mutating func register<Part: Initializer>(_ part: Part.Type) { initializers.register(part) { $0 } }

    /// Adds a loss; one of the same name is replaced.
    public mutating func register<Part: Loss>(_ part: Part.Type) { losses.register(part) { $0 } }

    /// Adds a metric; one of the same name is replaced.
    public mutating func register<Part: Metric>(_ part: Part.Type) { metrics.register(part) { $0 } }

    /// Adds an optimiser; one of the same name is replaced.
    public mutating func register<Part: Optimizer>(_ part: Part.Type) { optimizers.register(part) { $0 } }

    /// Adds a schedule; one of the same name is replaced.
    public mutating func register<Part: Schedule>(_ part: Part.Type) { schedules.register(part) { $0 } }

    /// Adds a callback; one of the same name is replaced.
    public mutating func register<Part: Callback>(_ part: Part.Type) { callbacks.register(part) { $0 } }

    /// Adds a source of data; one of the same name is replaced.
    public mutating func register<Part: DataSource>(_ part: Part.Type) { sources.register(part) { $0 } }

    /// Adds an augmentation; one of the same name is replaced.
    public mutating func register<Part: Augmentation>(_ part: Part.Type) { augmentations.register(part) { $0 } }
}
