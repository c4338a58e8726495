import EspalierGraph
import EspalierSpec
import Foundation

/// A layer as a configuration describes it.
///
/// The shapes that it does not name follow from where it stands.
public protocol LayerSpecification: Specification {
    /// The kind that `espalier list` shows it under.
    static var kind: LayerKind { get }

    /// The layer for samples of the context's shape.
    func makeLayer(_ context: LayerContext) throws -> any Layer
}

/// The kinds of layers that are listed apart.
public enum LayerKind: String, Sendable {
    case layer, activation, normalization
    /// A layer that is also a means against overfitting.
    case regularization
}

/// Where a layer stands in a model.
public struct LayerContext: Sendable {
    /// The shape of one sample as it arrives, without the batch axis.
    public var input: Shape
    /// How many outputs the model has to have: classes, or target values.
    public var outputs: Int
    /// The initialiser of weights that name none, where the configuration gives one for all.
    public var initializer: (any Initializer)?
    /// The dotted path of the layer's setting in the configuration.
    public var path = "model"
    /// Where the setting at a path was written, for errors.
    public var place: @Sendable (_ path: String) -> String = { $0 }
    /// Sees every layer as it is made, and where it stands.
    public var check: @Sendable (any Layer, LayerContext) throws -> Void = { _, _ in }

    public init(input: Shape, outputs: Int, initializer: (any Initializer)? = nil) {
        self.input = input
        self.outputs = outputs
        self.initializer = initializer
    }

    /// Builds layers one after the other, each for the shape that the one before gives.
    ///
    /// - Parameter specifications: The layers; they stand at `path` as a list.
    /// - Returns: The layers, and the shape of one sample as it leaves.
    /// - Throws: `EspalierError` at the layer that does not fit.
    public func makeLayers(
        _ specifications: [any LayerSpecification]
    ) throws -> (layers: [any Layer], output: Shape) {
        var context = self
        var layers: [any Layer] = []
        for (index, specification) in specifications.enumerated() {
            context.path = "\(path).\(index)"
            do {
                let layer = try specification.makeLayer(context)
                for (_, slot) in LayerContents(layer).parameters { try slot.initializer.check(slot.shape) }
                try LSUV.check(layer)
                try check(layer, context)
                try context.pass(layer, called: type(of: specification).name)
                layers.append(layer)
            } catch let error as EspalierError {
                throw error.located(at: place(context.path))
            } catch {
                throw EspalierError("\(error)", at: place(context.path))
            }
        }
        return (layers, context.input)
    }

    /// Builds the layers that a setting of this layer chooses, as `makeLayers` does.
    ///
    /// - Parameters:
    ///   - choices: The layers.
    ///   - setting: The path of the setting below this layer: `residual.body`.
    public func makeLayers(
        _ choices: [LayerChoice], setting: String
    ) throws -> (layers: [any Layer], output: Shape) {
        var inner = self
        inner.path = "\(path).\(setting)"
        return try inner.makeLayers(choices.map(\.specification))
    }

    /// Goes on to where the next layer stands.
    ///
    /// - Parameters:
    ///   - layer: What stands here.
    ///   - name: What the layer is called in a configuration.
    /// - Throws: `EspalierError` where the layer does not keep samples apart.
    public mutating func pass(_ layer: any Layer, called name: String) throws {
        // Two samples stand for any number of them.
        let output = layer(Tensor.input("x", Shape([2] + input.dimensions))).shape.dimensions
        guard output.first == 2 else {
            throw EspalierError(
                "\(name) makes \(Shape(output)) of 2 samples of \(input)", expected: "a first axis that counts samples")
        }
        input = Shape(Array(output.dropFirst()))
    }

    /// Length and width of the sequences that arrive at layer `name`.
    func sequence(_ name: String) throws -> (length: Int, width: Int) {
        guard input.rank == 2 else {
            throw EspalierError(
                "\(name) takes sequences of vectors, and samples of \(input) arrive",
                expected: "samples of shape [length, features]",
                fix: "an embedding before it, or returnSequences: true in the recurrent layer before it")
        }
        return (input[0], input[1])
    }

    /// Refuses a weight of `rows` x `columns` that training could not hold in this machine's memory: the weight, its
    /// gradient and two values of an optimiser, of four bytes each.
    public func checkSize(_ rows: Int, _ columns: Int) throws {
        let memory = ProcessInfo.processInfo.physicalMemory
        let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
        guard overflow || UInt64(count) > memory / 16 else { return }
        throw EspalierError(
            "a weight of \(rows) x \(columns) does not fit in memory",
            expected: "at most \(memory / 16) values, since training takes 16 bytes for each", fix: "fewer units")
    }
}

extension Registry where Part == any LayerSpecification {
    /// The layers, activations and normalisations that Espalier brings.
    public static var standard: Self {
        var registry = Self(kind: "layer")
        registry.register(LinearSpecification.self) { $0 }
        registry.register(FlattenSpecification.self) { $0 }
        registry.register(ReshapeSpecification.self) { $0 }
        registry.register(SequentialSpecification.self) { $0 }
        registry.register(ResidualSpecification.self) { $0 }
        registry.registerSpatial(OneAxis.self)
        registry.registerSpatial(TwoAxes.self)
        registry.registerSpatial(ThreeAxes.self)
        registry.register(GlobalPoolSpecification<Maximum>.self) { $0 }
        registry.register(GlobalPoolSpecification<Average>.self) { $0 }
        registry.register(UpsampleSpecification.self) { $0 }
        registry.register(LSTMSpecification.self) { $0 }
        registry.register(GRUSpecification.self) { $0 }
        registry.register(RNNSpecification.self) { $0 }
        registry.register(EmbeddingSpecification.self) { $0 }
        registry.register(PositionalEmbeddingSpecification.self) { $0 }
        registry.register(MultiHeadAttentionSpecification.self) { $0 }
        registry.register(TransformerBlockSpecification.self) { $0 }
        registry.register(DropoutSpecification.self) { $0 }
        registry.register(Dropout2dSpecification.self) { $0 }
        registry.register(AlphaDropoutSpecification.self) { $0 }
        registry.register(GaussianDropoutSpecification.self) { $0 }
        registry.register(GaussianNoiseSpecification.self) { $0 }
        registry.register(StochasticDepthSpecification.self) { $0 }
        registry.register(BatchNormSpecification.self) { $0 }
        registry.register(LayerNormSpecification.self) { $0 }
        registry.register(RMSNormSpecification.self) { $0 }
        registry.register(GroupNormSpecification.self) { $0 }
        registry.register(InstanceNormSpecification.self) { $0 }
        registry.register(WeightNormSpecification.self) { $0 }
        registry.register(SpectralNormSpecification.self) { $0 }
        registry.register(ReLUSpecification.self) { $0 }
        registry.register(SigmoidSpecification.self) { $0 }
        registry.register(TanhSpecification.self) { $0 }
        registry.register(GELUSpecification.self) { $0 }
        registry.register(SiLUSpecification.self) { $0 }
        registry.register(LeakyReLUSpecification.self) { $0 }
        registry.register(RReLUSpecification.self) { $0 }
        registry.register(PReLUSpecification.self) { $0 }
        registry.register(ReLU6Specification.self) { $0 }
        registry.register(ELUSpecification.self) { $0 }
        registry.register(SELUSpecification.self) { $0 }
        registry.register(CELUSpecification.self) { $0 }
        registry.register(MishSpecification.self) { $0 }
        registry.register(SoftplusSpecification.self) { $0 }
        registry.register(SoftsignSpecification.self) { $0 }
        registry.register(HardTanhSpecification.self) { $0 }
        registry.register(HardSigmoidSpecification.self) { $0 }
        registry.register(HardSwishSpecification.self) { $0 }
        registry.register(GLUSpecification.self) { $0 }
        registry.register(SoftmaxSpecification.self) { $0 }
        registry.register(LogSoftmaxSpecification.self) { $0 }
        registry.register(ExponentialSpecification.self) { $0 }
        registry.register(ThresholdedSpecification.self) { $0 }
        return registry
    }

    /// Adds the layers that exist for one, two and three spatial axes.
    private mutating func registerSpatial<Axes: SpatialAxes>(_ axes: Axes.Type) {
        register(ConvSpecification<Axes>.self) { $0 }
        register(ConvTransposedSpecification<Axes>.self) { $0 }
        register(MaxPoolSpecification<Axes>.self) { $0 }
        register(AvgPoolSpecification<Axes>.self) { $0 }
        register(AdaptivePoolSpecification<Maximum, Axes>.self) { $0 }
        register(AdaptivePoolSpecification<Average, Axes>.self) { $0 }
    }
}
