import EspalierNN
import EspalierSpec
import EspalierTraining

// How remedies rewrite the layers of a configuration: also those within `sequential` blocks and residual bodies.

/// A layer with units of its own, whose first weights are drawn.
protocol SizedSpecification: LayerSpecification {
    /// Features, or channels, that leave; nothing where the data decides.
    var width: Int? { get set }
    var drawn: InitializerChoice? { get set }
    /// Whether it is a linear map and no more.
    static var isLinear: Bool { get }
}

extension SizedSpecification {
    static var isLinear: Bool { true }
}

extension LinearSpecification: SizedSpecification {
    var width: Int? {
        get { if case .count(let count) = units { count } else { nil } }
        set { if let newValue { units = .count(newValue) } }
    }
    var drawn: InitializerChoice? {
        get { initializer }
        set { initializer = newValue }
    }
}

extension ConvSpecification: SizedSpecification {
    var width: Int? {
        get { channels }
        set { if let newValue { channels = newValue } }
    }
    var drawn: InitializerChoice? {
        get { initializer }
        set { initializer = newValue }
    }
}

extension ConvTransposedSpecification: SizedSpecification {
    var width: Int? {
        get { channels }
        set { if let newValue { channels = newValue } }
    }
    var drawn: InitializerChoice? {
        get { initializer }
        set { initializer = newValue }
    }
}

extension SizedSpecification where Self: RecurrentSpecification {
    static var isLinear: Bool { false }
    var width: Int? {
        get { shared.units }
        set { if let newValue { shared.units = newValue } }
    }
    var drawn: InitializerChoice? {
        get { shared.initializer }
        set { shared.initializer = newValue }
    }
}

extension LSTMSpecification: SizedSpecification {}
extension GRUSpecification: SizedSpecification {}
extension RNNSpecification: SizedSpecification {}

/// A layer that has another one inside, whose weight it changes.
protocol WrappingSpecification: LayerSpecification {
    var layer: LayerChoice { get set }
}

extension WeightNormSpecification: WrappingSpecification {}
extension SpectralNormSpecification: WrappingSpecification {}

extension LayerSpecification {
    /// Whether it is a linear map with weights of its own.
    var isLinearMap: Bool {
        if let wrapping = self as? any WrappingSpecification { return wrapping.layer.specification.isLinearMap }
        return (self as? any SizedSpecification).map { type(of: $0).isLinear } ?? false
    }

    /// Whether it is a convolution, so that channels come first in what leaves it.
    var isConvolution: Bool {
        if let wrapping = self as? any WrappingSpecification { return wrapping.layer.specification.isConvolution }
        return isLinearMap && !(self is LinearSpecification)
    }

    var isNormalization: Bool { Self.kind == .normalization && !(self is any WrappingSpecification) }

    /// Whether it is a function of each value by itself, which any other could stand for.
    var isElementwiseActivation: Bool {
        Self.kind == .activation && !(self is SoftmaxSpecification) && !(self is LogSoftmaxSpecification)
            && !(self is GLUSpecification)
    }

    /// The layer, or what it wraps, changed where it is one with units.
    func resized(_ change: (inout any SizedSpecification) -> Void) -> any LayerSpecification {
        if var wrapping = self as? any WrappingSpecification {
            wrapping.layer = LayerChoice(wrapping.layer.specification.resized(change))
            return wrapping
        }
        guard var sized = self as? any SizedSpecification else { return self }
        change(&sized)
        return sized
    }
}

extension [any LayerSpecification] {
    /// Where the layers end that are hidden: at the last one with units of its own, if there is one; it makes the outputs.
    var outputIndex: Int {
        guard let last = lastIndex(where: { $0.holdsWeights }) else { return count }
        return self[last].isLinearMap || self[last] is SequentialSpecification ? last : last + 1
    }

    /// Each list of hidden layers as `edit` makes it anew: what stands before the outputs, the layers of `sequential` blocks,
    /// and residual bodies; shortcuts stay as they are.
    ///
    /// - Parameters:
    ///   - endsModel: Whether the last linear map of these makes the model's outputs.
    ///   - edit: Is given the layers, and the linear map that comes after them where that makes the outputs.
    func editingHidden(
        endsModel: Bool = true,
        _ edit: (_ layers: [any LayerSpecification], _ output: (any LayerSpecification)?) -> [any LayerSpecification]
    ) -> [any LayerSpecification] {
        let end = endsModel ? outputIndex : count
        let hidden = self[..<end].map { $0.editingHidden(endsModel: false, edit) }
        var tail = Array(self[end...])
        if let block = tail.first as? SequentialSpecification {
            tail[0] = block.editingHidden(endsModel: true, edit)
            return edit(hidden, nil) + tail
        }
        return edit(hidden, tail.first) + tail
    }

    /// Each layer as `change` makes it, also those within others; shortcuts too.
    func mapped(_ change: (any LayerSpecification) -> any LayerSpecification) -> [any LayerSpecification] {
        map { layer in
            switch layer {
            case var block as SequentialSpecification:
                block.layers = block.layers.map(\.specification).mapped(change).map(LayerChoice.init)
                return block
            case var block as ResidualSpecification:
                block.body = block.body.map(\.specification).mapped(change).map(LayerChoice.init)
                block.shortcut = block.shortcut?.map(\.specification).mapped(change).map(LayerChoice.init)
                return block
            default: return change(layer)
            }
        }
    }

    /// Every layer, those within others one by one.
    var flattened: [any LayerSpecification] {
        flatMap { layer -> [any LayerSpecification] in
            switch layer {
            case let block as SequentialSpecification: block.layers.map(\.specification).flattened
            case let block as ResidualSpecification:
                (block.body + (block.shortcut ?? [])).map(\.specification).flattened
            default: [layer]
            }
        }
    }
}

extension LayerSpecification {
    /// Whether it, or what is in it, has units of its own.
    var holdsWeights: Bool {
        [self as any LayerSpecification].flattened.contains { $0.isLinearMap || $0 is any SizedSpecification }
    }

    fileprivate func editingHidden(
        endsModel: Bool,
        _ edit: (_ layers: [any LayerSpecification], _ output: (any LayerSpecification)?) -> [any LayerSpecification]
    ) -> any LayerSpecification {
        switch self {
        case var block as SequentialSpecification:
            block.layers = block.layers.map(\.specification).editingHidden(endsModel: endsModel, edit)
                .map(LayerChoice.init)
            return block
        case var block as ResidualSpecification:
            block.body = block.body.map(\.specification).editingHidden(endsModel: false, edit).map(LayerChoice.init)
            return block
        default: return self
        }
    }
}

extension Experiment {
    /// With these layers; nothing where that is no change.
    func with(model layers: [any LayerSpecification]) -> Experiment? {
        var changed = self
        changed.model = layers
        return changed == self ? nil : changed
    }
}

extension Specification {
    /// With another value for the setting called `name`; itself where it has no such setting.
    func setting(_ name: String, to value: ConfigurationValue) throws -> Self {
        guard case .map(let entries) = configuration, entries.contains(where: { $0.key == name }) else { return self }
        return try Self(
            configuration: ConfigurationNode(.map(entries.map { $0.key == name ? .init(name, value) : $0 })))
    }
}
