import EspalierData
import EspalierNN
import EspalierSpec

/// A training from data to metrics, as a configuration describes it.
///
/// Only `data` must be said. What is nothing here is decided by the data, once that is loaded: see `prepare()`.
/// Experiments are equal where they mean the same: where their configurations are equal.
public struct Experiment: Sendable, Hashable {
    /// What the run folder is called.
    public var name: String
    public var data: DataSettings
    /// How training samples are changed, in this order.
    public var augment: [any Augmentation] = []
    /// The layers in order; nothing chooses them by the data.
    public var model: [any LayerSpecification]?
    /// Of the weights of layers that name none; nothing chooses by the activation that follows.
    public var initializer: (any Initializer)?
    /// Nothing stands for cross-entropy on classes, and for the mean squared error on values.
    public var loss: (any Loss)?
    /// Nothing stands for accuracy on classes, and for the mean absolute error on values.
    public var metrics: [any Metric]?
    /// Adam unless given: of the optimisers it depends least on a learning rate found by trial.
    public var optimizer: any Optimizer = Adam()
    public var schedule: any Schedule = ConstantSchedule()
    public var regularization = WeightPenalty()
    /// What is done to gradients before the optimiser sees them.
    public var gradient = GradientSettings()
    /// Parameters that are trained otherwise than the rest.
    public var groups: [ParameterGroup] = []
    public var averaging = Averaging.none
    /// Weights that the training begins with, out of a file.
    public var initialWeights: InitialWeights?
    public var training = TrainingSettings()
    public var callbacks: [any Callback] = []
    public var doctor = DoctorSettings()
    var places = Places()

    /// An experiment with every default.
    ///
    /// - Parameters:
    ///   - name: What the run folder is called; what the data is called if not given.
    ///   - data: What to train on.
    public init(name: String? = nil, data: DataSettings) {
        self.data = data
        self.name = name ?? Self.name(of: data.source)
    }

    /// Reads a configuration.
    ///
    /// - Parameters:
    ///   - node: The configuration, as `YAML.read` gives it.
    ///   - catalog: The parts that it can name.
    ///   - folder: What relative paths start from.
    /// - Throws: `EspalierError` at `FILE:LINE:COL` of the first thing that cannot be used.
    public init(configuration node: ConfigurationNode, catalog: Catalog = .standard, folder: String = "") throws {
        let data = try node.required("data", of: Self.settings, example: "{source: digits}")
        self.init(data: try DataSettings(configuration: data, catalog: catalog, folder: folder))
        if let file = node.location?.file, let stem = Self.usableStem(of: file) { name = stem }
        try InitializerChoice.$known.withValue(catalog.initializers) {
            try LayerChoice.$known.withValue(catalog.layers) {
                try ScheduleChoice.$known.withValue(catalog.schedules) {
                    try node.read(Self.settings, into: &self, from: catalog)
                }
            }
        }
        places = Places(node)
    }

    private static func name(of source: any DataSource) -> String {
        if case .string(let path)? = source.configuration["path"], let stem = usableStem(of: path) { return stem }
        return type(of: source).name
    }

    /// The file's name without folder and ending, where that can name a run.
    private static func usableStem(of path: String) -> String? {
        let stem = path.fileStem
        return (try? RunFolder.checkName(stem, at: "")).map { stem }
    }

    /// All that is decided, in the contract's order, defaults included; read back, it is this experiment.
    ///
    /// Paths start from the root, so that it means the same in any folder. What data decides is left out until then:
    /// `PreparedExperiment.configuration` has everything.
    public var configuration: ConfigurationValue { ConfigurationValue(self, Self.settings) }

    /// The configuration as text, for `config.yaml`.
    public var yaml: String { YAML.write(configuration) }

    public static func == (first: Self, second: Self) -> Bool { first.configuration == second.configuration }
    public func hash(into hasher: inout Hasher) { hasher.combine(configuration) }
}
