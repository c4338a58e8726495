import EspalierNN
import EspalierSpec

/// A kind of part, as `espalier list KIND` spells it.
public enum PartKind: String, Sendable, CaseIterable {
    case layers, activations, initializers, normalizations, losses, optimizers, schedules, regularizers, constraints
    case augmentations, metrics, callbacks, datasets, symptoms, remedies, experiments
    case averages, settings
    case samplers, pruners

    /// - Throws: `EspalierError` with the kinds there are, and the one that was probably meant.
    public init(named name: String) throws {
        guard let kind = Self(rawValue: name) else {
            throw unknown("kind", name, among: Self.allCases.map(\.rawValue), at: nil)
        }
        self = kind
    }
}

/// A part as it is listed: what it is called in a configuration, what it does, and its settings.
public struct PartListing: Sendable, Hashable {
    /// A setting of a part.
    public struct Setting: Sendable, Hashable {
        public var name: String
        public var summary: String
        /// Which values are accepted, in words.
        public var accepted: String
        /// Nothing where the setting must be given.
        public var defaultValue: ConfigurationValue?
    }

    public var name: String
    public var summary: String
    public var settings: [Setting]

    package init(name: String, summary: String, settings: [Setting]) {
        self.name = name
        self.summary = summary
        self.settings = settings
    }

    /// `{"name", "summary", "parameters": {name: {"summary", "default", "accepted", "required"}}}`.
    public var configuration: ConfigurationValue {
        let parameters = settings.map { setting in
            ConfigurationValue.Entry(
                setting.name,
                [
                    "summary": .string(setting.summary), "default": setting.defaultValue ?? .null,
                    "accepted": .string(setting.accepted), "required": .boolean(setting.defaultValue == nil),
                ])
        }
        return ["name": .string(name), "summary": .string(summary), "parameters": .map(parameters)]
    }
}

extension Catalog {
    /// The parts of a kind; none where there are none yet.
    public func parts(of kind: PartKind) -> [PartListing] {
        switch kind {
        case .layers: layers(of: [.layer, .regularization])
        case .activations: layers(of: [.activation])
        case .normalizations: layers(of: [.normalization])
        case .initializers: initializers.entries.map(PartListing.init)
        case .losses: losses.entries.map(PartListing.init)
        case .optimizers: optimizers.entries.map(PartListing.init)
        case .schedules: schedules.entries.map(PartListing.init)
        case .regularizers: Self.penalties { !WeightPenalty.constraints.contains($0) } + layers(of: [.regularization])
        case .metrics: metrics.entries.map(PartListing.init)
        case .callbacks: callbacks.entries.map(PartListing.init)
        case .datasets: sources.entries.map(PartListing.init)
        case .constraints: Self.penalties(where: WeightPenalty.constraints.contains)
        case .augmentations: augmentations.entries.map(PartListing.init)
        case .averages: Averaging.registry.entries.map(PartListing.init)
        case .settings:
            [
                PartListing(GradientSettings.self, as: "gradient"), PartListing(ParameterGroup.self, as: "groups"),
                PartListing(InitialWeights.self, as: "initialWeights"),
            ]
        case .symptoms, .remedies, .experiments, .samplers, .pruners: []
        }
    }

    private func layers(of kinds: [LayerKind]) -> [PartListing] {
        layers.entries.filter { entry in
            (entry.type as? any LayerSpecification.Type).map { kinds.contains($0.kind) } ?? false
        }.map(PartListing.init)
    }

    /// The keys of `regularization` that switch something on; what they fall on is a setting of each.
    private static func penalties(where isAsked: (String) -> Bool) -> [PartListing] {
        let defaults = WeightPenalty()
        let target = WeightPenalty.fields.first { $0.name == "on" }
        return WeightPenalty.fields.filter { $0.name != "on" && isAsked($0.name) }.map { penalty in
            PartListing(
                name: penalty.name, summary: penalty.summary,
                settings: [penalty, target].compactMap(\.self).map {
                    .init(
                        name: $0.name, summary: $0.summary, accepted: $0.accepted, defaultValue: $0.write(defaults))
                })
        }
    }
}

extension PartListing {
    /// The settings under a key of a configuration that has no names to choose from.
    fileprivate init<S: Specification>(_ type: S.Type, as key: String) {
        let defaults = S()
        self.init(
            name: key, summary: S.summary,
            settings: S.fields.map {
                Setting(
                    name: $0.name, summary: $0.summary, accepted: $0.accepted,
                    defaultValue: $0.isRequired ? nil : $0.write(defaults))
            })
    }

    package init<Part>(_ entry: Registry<Part>.Entry) {
        self.init(
            name: entry.name, summary: entry.summary,
            settings: entry.parameters.map {
                Setting(name: $0.name, summary: $0.summary, accepted: $0.accepted, defaultValue: $0.defaultValue)
            })
    }
}
