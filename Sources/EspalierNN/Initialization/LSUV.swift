import EspalierEngine
import EspalierGraph
import EspalierSpec

/// Layer-sequential unit variance: orthonormal weights, which the first batch then scales.
///
/// Layer by layer in the order of the data, W is divided by the standard deviation of the layer's outputs on the first
/// batch, until their variance is within `tolerance` of 1 or `iterations` are done. So the scale is right for whatever
/// activations, poolings and shortcuts lie between, which no formula knows.
///
/// A `Trainer` does it before its first step, on the batch of that step; a loop of one's own calls
/// `ModelState.scaleToUnitVariance(on:)`. For `Linear`, `Conv` and `ConvTransposed` layers.
///
/// Source: Mishkin and Matas 2016, "All you need is a good init"; tolerance 0.1 and 10 iterations as there.
///
/// Use it for deep networks without normalisation and with activations that no initialiser is derived for; not with a
/// first batch of a few samples, whose variance says little.
public struct LSUV: Initializer {
    /// How far from 1 the variance may stay.
    public var tolerance = 0.1
    /// How often a weight is rescaled at most.
    public var iterations = 10

    public static let name = "lsuv"
    public static let summary =
        "Orthonormal, then scaled so that each layer's outputs on the first batch have variance 1"
    public static let fields = [
        Field("tolerance", \Self.tolerance, "how far from 1 the variance may stay", in: .positive),
        Field("iterations", \Self.iterations, "how often a weight is rescaled at most", in: 1...),
    ]

    public init() {}
    public init(tolerance: Double = 0.1, iterations: Int = 10) {
        self.tolerance = tolerance
        self.iterations = iterations
    }

    public func check(_ shape: Shape) throws { try Orthogonal().check(shape) }

    /// Refuses it as the initialiser of layers that it cannot scale.
    static func check(_ layer: any Layer) throws {
        // What stands in these has been looked at by itself.
        guard !(layer is any UnitVarianceScalable || layer is Sequential || layer is Residual) else { return }
        guard LayerContents(layer).parameters.contains(where: { $0.slot.initializer is LSUV }) else { return }
        throw EspalierError(
            "lsuv cannot scale the weights of \(layer)", expected: "a linear layer or a convolution",
            fix: "initializer: orthogonal for this layer, which lsuv starts from")
    }

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor {
        Orthogonal().values(shape, fans, key: key)
    }
}

extension ModelState {
    /// The weights that `lsuv` has drawn, with their paths.
    private var scalable: [(path: String, slot: Parameter.Slot, lsuv: LSUV)] {
        contents.parameters.compactMap { path, slot in (slot.initializer as? LSUV).map { (path, slot, $0) } }
    }

    /// Scales the weights drawn by `lsuv` so that their layers' outputs on a batch have variance 1, if that was not done.
    ///
    /// - Parameters:
    ///   - x: A batch of samples, as the first step will see it.
    ///   - engine: What computes.
    /// - Throws: `EspalierError` where a layer is not one of those that it is for, or its outputs do not vary.
    public func scaleToUnitVariance(on x: Tensor, engine: Engine = .current) throws {
        guard awaitsBatch else { return }
        awaitsBatch = false
        let mode = self.mode
        self.mode = .training
        defer { self.mode = mode }
        var outputs: [(path: String, slot: Parameter.Slot, lsuv: LSUV, variance: Tensor)] = []
        for call in LayerCall.recording({ model(x) }).calls where call.layer is any UnitVarianceScalable {
            let slots = LayerContents(call.layer).parameters.map { ObjectIdentifier($0.slot) }
            for (path, slot, lsuv) in scalable where slots.contains(ObjectIdentifier(slot)) {
                outputs.append((path, slot, lsuv, call.output.variance()))
            }
        }
        for (_, slot) in contents.statistics { _ = slot.takeNext() }
        let seen = outputs.map(\.path)
        if let missing = scalable.first(where: { !seen.contains($0.path) }) {
            throw EspalierError(
                "lsuv cannot scale this weight", at: missing.path,
                expected: "a linear layer or a convolution that the model calls",
                fix: "orthogonal, which lsuv starts from")
        }
        let executable = try engine.compile(Computation(outputs: outputs.map(\.variance)))
        for (index, output) in outputs.enumerated() {
            try scale(output.path, output.slot, output.lsuv) {
                try executable.run()
                return Double(executable.output(index)[0])
            }
        }
    }

    private func scale(
        _ path: String, _ slot: Parameter.Slot, _ lsuv: LSUV, variance measure: () throws -> Double
    ) throws {
        let first = try measure()
        var variance = first
        for _ in 0..<lsuv.iterations where abs(variance - 1) > lsuv.tolerance {
            guard variance.isFinite, variance > 0 else {
                throw EspalierError(
                    "the layer's outputs on the first batch have variance \(variance), which lsuv cannot scale to 1",
                    at: path, expected: "outputs that vary", fix: "scaled inputs, or an activation that lets them pass")
            }
            let factor = Float(1 / variance.squareRoot())
            for index in parameters.values(path)!.indices { parameters.values(path)![index] *= factor }
            variance = try measure()
        }
        slot.initializerReason =
            "output variance \(rounded(first)) became \(rounded(variance)) on the first batch"
    }

    private func rounded(_ variance: Double) -> Double { (variance * 1000).rounded() / 1000 }
}

/// A layer whose outputs, biases aside, are as large as its one weight is.
protocol UnitVarianceScalable: Layer {}

extension Linear: UnitVarianceScalable {}
extension Conv: UnitVarianceScalable {}
extension ConvTransposed: UnitVarianceScalable {}
