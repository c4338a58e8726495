import EspalierEngine
import EspalierGraph
import EspalierNN

/// A trained model made ready to predict batches of one size, again and again, with the least delay.
///
/// It has the weights that the model had when this was made; training on changes nothing here. Batch normalisations are
/// folded into the products and convolutions before them, and dropout is gone. A prediction allocates nothing:
///
/// ```swift
/// let predictor = try trainer.predictor(batchSize: 1)
/// _ = predictor.inputs.update(fromContentsOf: sample)
/// let outputs = try predictor.run()
/// ```
public final class Predictor {
    /// The shape of one sample.
    public let sampleShape: Shape
    /// How many samples are predicted at once.
    public let batchSize: Int
    /// The shape of what the model makes of a batch, `[batchSize, ...]`.
    public let outputShape: Shape
    private let executable: Executable

    /// - Parameters:
    ///   - state: The model with its weights.
    ///   - sampleShape: The shape of one sample.
    ///   - batchSize: How many samples are predicted at once.
    ///   - engine: What computes.
    /// - Throws: `EngineError` where the model cannot be compiled.
    public init(_ state: ModelState, sampleShape: Shape, batchSize: Int, engine: Engine = .current) throws {
        precondition(batchSize >= 1, "a predictor takes at least one sample, not \(batchSize)")
        let x = Tensor.input("inputs", Shape([batchSize] + sampleShape.dimensions))
        state.mode = .inference
        let y = state.model(x)
        self.sampleShape = sampleShape
        self.batchSize = batchSize
        outputShape = y.shape
        executable = try engine.compile(Computation(inputs: [x], outputs: [y]).frozen(on: engine))
    }

    /// Where the samples are to be written, one after the other: `[batchSize, sampleShape...]`.
    public var inputs: UnsafeMutableBufferPointer<Float> { executable.input(0).floats }

    /// What the prediction was compiled to.
    public var plan: Plan { executable.plan }

    /// Bytes of intermediate results, inputs and scratch memory; the weights come on top.
    public var bytes: Int { executable.bytes }

    /// Predicts from what is in `inputs`.
    ///
    /// - Returns: The model's outputs, valid until the next prediction.
    /// - Throws: `EngineError` for an index out of range, such as that of a symbol beyond the vocabulary.
    public func run() throws -> UnsafeBufferPointer<Float> {
        try executable.run()
        return executable.output(0)
    }

    /// The model's outputs for a batch of samples, one after the other.
    public func callAsFunction(_ samples: [Float]) throws -> [Float] {
        precondition(
            samples.count == inputs.count,
            "\(samples.count) values are not \(batchSize) samples of \(sampleShape)")
        _ = inputs.update(fromContentsOf: samples)
        return Array(try run())
    }
}
