import EspalierGraph
import EspalierSpec

/// A layer with another one inside, whose weight is a function of what is learned instead.
///
/// The inner layer's weight slot holds what is learned in its place, under PyTorch's name; while the inner layer computes,
/// the function's result stands in for it.
protocol Reparametrization: Initializable {
    /// The layer whose weight it is.
    var layer: any Layer { get }
    /// What first values follow from others, with the paths of the parameters and statistics that begin with them.
    func firstValues(key: RandomKey) -> [(path: String, value: Tensor)]
}

extension Reparametrization {
    /// Its parameters are this layer's.
    public var children: [(name: String, layer: any Layer)] { [] }

    public var initializer: (any Initializer)? {
        get { (layer as? any Initializable)?.initializer }
        set { (layer as? any Initializable)?.initializer = newValue }
    }
}

/// The parameters of a layer whose weight is reparametrised: as PyTorch's parametrizations name them.
struct Reparametrized: ParameterList {
    let parameters: [(name: String, parameter: Parameter)]
    /// What is learned in the weight's place.
    let weight: Parameter.Slot
    /// Whether the axis of outputs is the second: so it is in transposed convolutions.
    let isTransposed: Bool

    /// - Parameters:
    ///   - layer: One parameter of it is a weight.
    ///   - name: What is learned in the weight's place.
    ///   - more: Further parameters, ahead of that, for the weight that is found.
    /// - Throws: `EspalierError` where the layer has no such weight.
    init(
        _ layer: any Layer, as name: String,
        _ more: (Parameter.Slot) -> [(name: String, parameter: Parameter)] = { _ in [] }
    ) throws {
        let contents = LayerContents(layer)
        let weights = contents.parameters.filter { $0.slot.role == .weight }
        guard weights.count == 1, weights[0].path == "weight", weights[0].slot.shape.rank >= 2,
            contents.layers.count == 1,
            contents.statistics.isEmpty, contents.randomness.isEmpty
        else {
            throw EspalierError(
                "\(layer) has no single weight to normalise", expected: "a linear layer, a convolution or an embedding")
        }
        guard !(weights[0].slot.initializer is LSUV) else {
            throw EspalierError(
                "lsuv scales weights whose size is normalised away", expected: "another initializer",
                fix: "orthogonal, which lsuv starts from")
        }
        let slot = weights[0].slot
        weight = slot
        isTransposed = layer is any TransposedConvolution
        parameters =
            contents.parameters.filter { $0.slot !== slot }.map { ($0.path, Parameter($0.slot)) } + more(slot)
            + [(name, Parameter(slot))]
    }
}

/// A layer whose weight is [in, out, ...].
protocol TransposedConvolution: Layer {}

extension ConvTransposed: TransposedConvolution {}

extension LayerContext {
    /// The layer that a setting of this layer chooses.
    func makeLayer(_ choice: LayerChoice, setting: String) throws -> any Layer {
        var inner = self
        inner.path = "\(path).\(setting)"
        do {
            return try choice.specification.makeLayer(inner)
        } catch let error as EspalierError {
            throw error.located(at: place(inner.path))
        }
    }
}
