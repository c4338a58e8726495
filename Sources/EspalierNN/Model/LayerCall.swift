import EspalierGraph

/// A layer that was called: what it was given, and what it made of it.
///
/// Whoever wants to see a model from the inside records its calls while it is traced; nothing of it is left in the graph.
///
/// ```swift
/// let (y, calls) = LayerCall.recording { model(x) }
/// ```
public struct LayerCall {
    public let layer: any Layer
    public let input: Tensor
    public let output: Tensor

    /// Runs `body` and lists the calls of layers in it, each after those that it made itself.
    ///
    /// Blocks that would be computed a second time for the backward pass are not, so that what is seen of them is what the
    /// derivative passes through.
    public static func recording<Result>(
        _ body: () throws -> Result
    ) rethrows -> (result: Result, calls: [LayerCall]) {
        let recorder = Recorder()
        let result = try $recorder.withValue(recorder) { try body() }
        return (result, recorder.calls)
    }

    /// Where the calls of the present task go; nowhere as a rule.
    @TaskLocal private static var recorder: Recorder?

    /// Only the one thread that runs the body writes to it.
    private final class Recorder: @unchecked Sendable {
        var calls: [LayerCall] = []
    }

    static var isRecording: Bool { recorder != nil }

    static func note(_ layer: any Layer, _ input: Tensor, _ output: Tensor) {
        recorder?.calls.append(LayerCall(layer: layer, input: input, output: output))
    }
}

extension Layer {
    /// The forward pass on a batch, see `forward`.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let y = forward(x)
        LayerCall.note(self, x, y)
        return y
    }
}

extension LayerContents {
    /// The paths of the layers by their identity.
    public var paths: [ObjectIdentifier: String] {
        Dictionary(layers.map { (ObjectIdentifier($0.layer), $0.path) }, uniquingKeysWith: { first, _ in first })
    }
}
