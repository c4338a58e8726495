import EspalierEngine
import EspalierGraph
import EspalierNN

/// A layer whose outputs a probe measures, and where in the plan's outputs the numbers of it are.
struct ProbedLayer {
    let path: String
    let layer: String
    /// What it makes of a batch.
    let output: Tensor
    /// Which elements are of saturated inputs, as bool; nothing where it saturates nowhere.
    let saturated: Tensor?
    /// Along which of the output's axes the units lie.
    let unitAxis: Int
}

// What a probe measures beside the step: nothing of it is used by the step.
extension StepPlans {
    /// Of so many elements of a layer's output a probe measures, of as many samples as have them.
    private static let probedElements = 1 << 18
    /// So many elements of each layer's output are taken out, to be counted in a histogram.
    private static let shownElements = 1 << 11

    /// The forward pass, with the outputs of the layers that a probe is to measure.
    func observedForward(_ x: Tensor) -> (outputs: Tensor, layers: [ProbedLayer]) {
        let (outputs, calls) = LayerCall.recording { state.model(x) }
        let paths = state.contents.paths
        probedNormalizations = ProbedNormalization.measured(of: calls, paths: paths)
        return (outputs, ProbedLayer.measured(of: calls, paths: paths))
    }

    /// For each parameter the squared norms of gradient, parameter and change.
    func norms(of gradients: [Tensor], _ after: Tensor) -> [Tensor] {
        let change = after - state.parameters.tensor
        return zip(state.parameters.entries, gradients).flatMap { entry, gradient in
            let range = entry.offset..<entry.offset + entry.shape.count
            return [
                gradient.squared().sum(), state.parameters.tensor.slice(range).squared().sum(),
                change.slice(range).squared().sum(),
            ]
        }
    }

    /// Of each layer: for each unit the mean, the mean square and the saturated share over samples and places; the mean
    /// square of the loss's gradient by the outputs; some outputs as they are.
    func measures(of layers: [ProbedLayer], gradients: [Tensor]) -> [Tensor] {
        zip(layers, gradients).flatMap { layer, gradient -> [Tensor] in
            let batch = layer.output.shape[0], width = layer.output.count / batch
            let samples = min(batch, max(1, Self.probedElements / width))
            let axes = (0..<layer.output.rank).filter { $0 != layer.unitAxis }
            let y = layer.output.slice(0..<samples)
            let saturated = layer.saturated.map { $0.slice(0..<samples).cast(to: .float32).mean(axes: axes) }
            let shown = min(samples, max(1, Self.shownElements / width))
            return [
                y.mean(axes: axes), y.squared().mean(axes: axes), saturated ?? .zeros([1]),
                gradient.slice(0..<samples).squared().mean(),
                layer.output.slice(0..<shown).flattened().slice(0..<min(Self.shownElements, shown * width)),
            ]
        }
    }

    /// How many outputs of a plan are a probe's.
    var probeOutputs: Int {
        3 * state.parameters.entries.count + Self.measuresPerLayer * probedLayers.count + probedNormalizations.count
    }

    private static let measuresPerLayer = 5

    private func firstMeasure(of layer: Int) -> Int {
        scoreCount + 3 * state.parameters.entries.count + Self.measuresPerLayer * layer
    }

    /// For each unit of a probed layer the share of samples and places for which it is saturated.
    func saturatedShares(_ executable: Executable, layer: Int) -> UnsafeBufferPointer<Float> {
        executable.output(firstMeasure(of: layer) + 2)
    }

    /// For each unit of a probed layer the mean and the mean square.
    func moments(
        _ executable: Executable, layer: Int
    ) -> (means: UnsafeBufferPointer<Float>, squares: UnsafeBufferPointer<Float>) {
        (executable.output(firstMeasure(of: layer)), executable.output(firstMeasure(of: layer) + 1))
    }

    /// What a probe's plan has measured.
    func probe(_ executable: Executable, batch: Int, step: Int, epoch: Int) -> Probe {
        func norm(_ index: Int) -> Double { Double(executable.output(scoreCount + index)[0]).squareRoot() }
        let parameters = state.parameters.entries.enumerated().map { index, entry in
            ParameterProbe(
                path: entry.path, gradientNorm: norm(3 * index), weightNorm: norm(3 * index + 1),
                updateNorm: search?.changeNorm(of: entry.path) ?? norm(3 * index + 2))
        }
        let layers = probedLayers.enumerated().map { index, layer in
            let outputs = (0..<Self.measuresPerLayer).map { executable.output(firstMeasure(of: index) + $0) }
            return LayerProbe(
                layer, means: outputs[0], squares: outputs[1], saturated: outputs[2],
                // The loss is a mean over the batch: what a sample's own loss changes by is so many times more.
                gradient: Double(outputs[3][0]).squareRoot() * Double(batch), sample: outputs[4])
        }
        let normalizations = probedNormalizations.enumerated().map { index, normalization in
            normalization.probe(executable.output(firstMeasure(of: probedLayers.count) + index))
        }
        return Probe(
            step: step, epoch: epoch, loss: Double(executable.output(0)[0]), parameters: parameters, layers: layers,
            normalizations: normalizations)
    }
}
