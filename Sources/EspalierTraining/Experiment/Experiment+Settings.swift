import EspalierNN
import EspalierSpec

// The keys of a configuration, in their order: how each is read and written.
extension Experiment {
    static let settings: [Setting<Experiment>] = [
        Setting("name", read: readName, write: { .string($0.name) }),
        Setting(
            "data",
            read: { node, catalog, experiment in
                let folder = experiment.data.folder
                experiment.data = try DataSettings(configuration: node, catalog: catalog, folder: folder)
            }, write: { $0.data.configuration }),
        Setting(
            "augment",
            read: { node, catalog, experiment in
                experiment.augment = try node.items(expected: "a list of augmentations").map(catalog.augmentations.read)
            }, write: { .list($0.augment.map { augmentation in augmentation.named }) }),
        Setting(
            "model", read: readModel, write: { $0.model.map { .list($0.map { layer in layer.named }) } }),
        Setting(
            "initializer",
            read: { node, catalog, experiment in
                experiment.initializer = node.content == .null ? nil : try catalog.initializers.read(node)
            }, write: { $0.initializer?.named ?? .null }),
        Setting(
            "loss", read: { node, catalog, experiment in experiment.loss = try catalog.losses.read(node) },
            write: { $0.loss?.named }),
        Setting(
            "metrics", read: readMetrics, write: { $0.metrics.map { .list($0.map { metric in metric.named }) } }),
        Setting(
            "optimizer",
            read: { node, catalog, experiment in experiment.optimizer = try catalog.optimizers.read(node) },
            write: { $0.optimizer.named }),
        Setting(
            "schedule", read: { node, catalog, experiment in experiment.schedule = try catalog.schedules.read(node) },
            write: { $0.schedule.named }),
        Setting("regularization", \.regularization),
        Setting("gradient", \.gradient),
        Setting(
            "groups",
            read: { node, _, experiment in
                experiment.groups = try node.items(expected: "a list of groups, each {match: …, …}")
                    .map(ParameterGroup.init)
            }, write: { .list($0.groups.map(\.configuration)) }),
        Setting("averaging", \.averaging),
        Setting(
            "initialWeights",
            read: { node, _, experiment in experiment.initialWeights = try InitialWeights?(configuration: node) },
            write: { $0.initialWeights?.anchored(in: $0.data.root).configuration ?? .null }),
        Setting("training", \.training),
        // What `espalier assess` reads; a single training has no use for it.
        Setting("assessment", read: { node, _, _ in _ = try node.entries() }, write: { _ in nil }),
        Setting(
            "callbacks",
            read: { node, catalog, experiment in
                experiment.callbacks = try node.items(expected: "a list of callbacks").map(catalog.callbacks.read)
            }, write: { .list($0.callbacks.map { callback in callback.named }) }),
        Setting("doctor", read: readDoctor, write: { $0.doctor == .off ? "off" : $0.doctor.configuration }),
        // What `espalier search` reads; a single training has no use for it.
        Setting("search", read: { node, _, _ in _ = try node.entries() }, write: { _ in nil }),
    ]

    private static func readName(_ node: ConfigurationNode, _: Catalog, into experiment: inout Experiment) throws {
        let name = try String(configuration: node)
        try RunFolder.checkName(name, at: node.place)
        experiment.name = name
    }

    private static func readModel(
        _ node: ConfigurationNode, _ catalog: Catalog, into experiment: inout Experiment
    ) throws {
        let fix = "- linear: {units: auto}, or leave model out to have one chosen"
        guard case .list(let items) = node.content else { throw node.mismatch(expected: "a list of layers", fix: fix) }
        guard !items.isEmpty else {
            throw EspalierError("the model has no layers", at: node.place, expected: "at least one layer", fix: fix)
        }
        experiment.model = try items.map(catalog.layers.read)
    }

    private static func readMetrics(
        _ node: ConfigurationNode, _ catalog: Catalog, into experiment: inout Experiment
    ) throws {
        var metrics: [any Metric] = []
        for item in try node.items(expected: "a list of metrics") {
            let metric = try catalog.metrics.read(item)
            let name = type(of: metric).name
            guard !metrics.contains(where: { type(of: $0).name == name }) else {
                throw EspalierError("\(name) is listed twice", at: item.place, expected: "each metric once")
            }
            metrics.append(metric)
        }
        experiment.metrics = metrics
    }

    private static func readDoctor(_ node: ConfigurationNode, _: Catalog, into experiment: inout Experiment) throws {
        switch node.content {
        // A reader of YAML 1.1 has already made false of a plain off.
        case .string("off"), .boolean(false): experiment.doctor = .off
        case .map, .null: experiment.doctor = try DoctorSettings(configuration: node)
        default: throw node.mismatch(expected: "off, or a map of settings", fix: "doctor: off")
        }
    }
}
