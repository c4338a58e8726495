import EspalierNN
import EspalierSpec
import EspalierTraining

/// `fixOutput`: an output and a loss that belong together, for what the model is to say.
///
/// | target | output | loss |
/// | --- | --- | --- |
/// | `classes`: one out of several | scores, or with `probabilities` a softmax | `crossEntropy`, or that on probabilities |
/// | `questions`: yes or no for each output | scores, or a sigmoid | `binaryCrossEntropy`, or that on probabilities |
/// | `values` | numbers | as it is, or `mse` where it is for classes |
///
/// `auto` goes by the loss there is and by the units of the last layer: one output answers a question, several under a softmax
/// are classes. Settings of a loss that stays, such as class weights, stay.
public struct FixOutput: Remedy {
    /// What a model is to say.
    public enum Target: String, CaseIterable, ConfigurationRepresentable, Hashable {
        case automatic = "auto"
        case classes, questions, values
    }

    public var target = Target.automatic
    public var probabilities = false

    public static let name = "fixOutput"
    public static let summary = "The output activation and the loss that belong to what is to be predicted"
    public static let fields = [
        Field("target", \Self.target, "what is predicted: one class out of several, yes or no each, or values"),
        Field(
            "probabilities", \Self.probabilities,
            "whether the model ends with probabilities, under a loss on these, instead of scores"),
    ]

    public init() {}

    public init(target: Target = .automatic, probabilities: Bool = false) {
        self.target = target
        self.probabilities = probabilities
    }

    public var why: String {
        target == .values
            ? "without an activation the last layer can say any value"
            : probabilities
                ? "outputs are then the probabilities that the loss takes the logarithm of"
                : "scores under a loss that makes probabilities of them are exact where logarithms of probabilities are not"
    }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard let model = experiment.model, let loss = experiment.loss else { return nil }
        let output = model.outputActivations
        let target = self.target == .automatic ? decided(loss, model, output.activations) : self.target
        var changed = experiment
        changed.loss = fitting(loss, target)
        changed.model = output.replaced(by: activation(for: target))
        return changed == experiment ? nil : changed
    }

    private func activation(for target: Target) -> (any LayerSpecification)? {
        guard probabilities else { return nil }
        switch target {
        case .classes, .automatic: return SoftmaxSpecification()
        case .questions: return SigmoidSpecification()
        case .values: return nil
        }
    }

    private func decided(
        _ loss: any Loss, _ model: [any LayerSpecification], _ activations: [any LayerSpecification]
    ) -> Target {
        guard type(of: loss).targets.contains(.classes) else { return .values }
        let isBinary = loss is BinaryCrossEntropyLoss || loss is BinaryCrossEntropyOnProbabilities
        let units = (model.outputLayer as? any SizedSpecification)?.width
        if units == 1 { return .questions }
        return isBinary && !activations.contains { $0 is SoftmaxSpecification } ? .questions : .classes
    }

    private func fitting(_ loss: any Loss, _ target: Target) -> any Loss {
        switch target {
        case .classes, .automatic:
            if probabilities { return CrossEntropyOnProbabilities() }
            return loss is CrossEntropyLoss || loss is FocalLoss ? loss : CrossEntropyLoss()
        case .questions:
            if probabilities { return BinaryCrossEntropyOnProbabilities() }
            return loss is BinaryCrossEntropyLoss || loss is FocalLoss ? loss : BinaryCrossEntropyLoss()
        case .values: return type(of: loss).targets == [.values] ? loss : MeanSquaredError()
        }
    }

    public var alternatives: [Self] {
        target == .values ? [] : [Self(target: target, probabilities: !probabilities)]
    }
}

/// The activations after the last linear map of a model, and the model without them.
private struct OutputActivations {
    /// Up to the last linear map and what follows it but activations.
    let layers: [any LayerSpecification]
    let activations: [any LayerSpecification]
    /// Where another activation goes.
    let place: Int

    func replaced(by activation: (any LayerSpecification)?) -> [any LayerSpecification] {
        var layers = layers
        if let activation { layers.insert(activation, at: place) }
        return layers
    }
}

extension [any LayerSpecification] {
    /// The last linear map at the end of the model, also within `sequential` blocks.
    fileprivate var outputLayer: (any LayerSpecification)? {
        let index = outputIndex
        guard index < count else { return nil }
        if let block = self[index] as? SequentialSpecification {
            return block.layers.map(\.specification).outputLayer
        }
        return self[index]
    }

    fileprivate var outputActivations: OutputActivations {
        let opened = openedAtEnd, index = opened.outputIndex
        let head = opened[..<Swift.min(index + 1, opened.count)], tail = opened[head.count...]
        let kept = tail.filter { type(of: $0).kind != .activation }
        let place = tail.firstIndex { type(of: $0).kind == .activation }
        let before = place.map { tail[..<$0].count } ?? kept.count
        return OutputActivations(
            layers: head + kept, activations: tail.filter { type(of: $0).kind == .activation },
            place: head.count + before)
    }

    /// Without the `sequential` block that holds the outputs, if one does: its layers in its place.
    private var openedAtEnd: [any LayerSpecification] {
        let index = outputIndex
        guard index < count, let block = self[index] as? SequentialSpecification else { return self }
        return self[..<index] + block.layers.map(\.specification).openedAtEnd + self[(index + 1)...]
    }
}
