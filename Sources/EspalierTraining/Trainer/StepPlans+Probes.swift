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

    /// So many elements of its output are measured, of as many samples as have them.
    private static let measuredElements = 1 << 18

    /// What a plan puts out of it: for each unit sums over samples and places; and some outputs as they are.
    struct Measures {
        let sums: UnsafeBufferPointer<Float>
        let squares: UnsafeBufferPointer<Float>
        /// How many are saturated.
        let saturated: UnsafeBufferPointer<Float>
        let gradientSquares: UnsafeBufferPointer<Float>
        let shown: UnsafeBufferPointer<Float>
    }

    /// How many elements a sample has.
    var width: Int { output.count / output.shape[0] }
    /// How many samples are measured: the first of a batch, whose order is random.
    var samples: Int { min(output.shape[0], max(1, Self.measuredElements / width)) }
    /// How many elements of each unit are.
    var elementsPerUnit: Int { samples * width / output.shape[unitAxis] }
}

// What a probe measures beside the step: nothing of it is used by the step.
extension StepPlans {
    /// So many elements of each layer's output are taken out, to be counted in a histogram.
    private static let shownElements = 1 << 11

    /// The forward pass, with the outputs of the layers that a probe is to measure.
    func observedForward(_ x: Tensor) -> (outputs: Tensor, layers: [ProbedLayer]) {
        let (outputs, calls) = LayerCall.recording { state.model(x) }
        let paths = state.contents.paths
        probedNormalizations = ProbedNormalization.measured(of: calls, paths: paths)
        return (outputs, ProbedLayer.measured(of: calls, paths: paths))
    }

    /// For each of the state's groups the squared norms of its parameters' gradients, of themselves and of their changes.
    ///
    /// They are sums over parts of the flat tensors that a step is computed with, and so are summed where it is.
    ///
    /// - Parameters:
    ///   - ranges: The groups that learn; zero are gradients and changes of others.
    ///   - gradients: One flat tensor for each of these.
    ///   - parameters: Their new values.
    func norms(of ranges: [Range<Int>], _ gradients: [Tensor], _ parameters: [Tensor]) -> [Tensor] {
        state.groups.flatMap { range -> [Tensor] in
            let parts = state.parameters.entries.filter { range.contains($0.offset) }.map { entry in
                entry.offset - range.lowerBound..<entry.offset - range.lowerBound + entry.shape.count
            }
            func sums(_ x: Tensor) -> Tensor {
                let squares = x.squared()
                return .concatenate(parts.map { squares.slice($0).sum().reshaped(to: [1]) })
            }
            let before = state.parameters.tensor.slice(range)
            guard let index = ranges.firstIndex(of: range) else {
                return [.zeros([parts.count]), sums(before), .zeros([parts.count])]
            }
            return [sums(gradients[index]), sums(before), sums(parameters[index] - before)]
        }
    }

    /// Of each layer for each unit, over samples and places: the sums of the outputs, of their squares, of the saturated
    /// among them and of the squares of the loss's gradient by them; and some outputs as they are.
    func measures(of layers: [ProbedLayer], gradients: [Tensor]) -> [Tensor] {
        zip(layers, gradients).flatMap { layer, gradient -> [Tensor] in
            let samples = layer.samples, axes = (0..<layer.output.rank).filter { $0 != layer.unitAxis }
            let y = layer.output.slice(0..<samples)
            let saturated = layer.saturated.map { $0.slice(0..<samples).cast(to: .float32).sum(axes: axes) }
            let shown = min(samples, max(1, Self.shownElements / layer.width))
            return [
                y.sum(axes: axes), y.squared().sum(axes: axes), saturated ?? .zeros([1]),
                gradient.slice(0..<samples).squared().sum(axes: axes),
                layer.output.slice(0..<shown).flattened().slice(0..<min(Self.shownElements, shown * layer.width)),
            ]
        }
    }

    /// How many outputs of a plan are a probe's.
    var probeOutputs: Int {
        Self.normsPerGroup * state.groups.count + Self.measuresPerLayer * probedLayers.count
            + probedNormalizations.count
    }

    private static let normsPerGroup = 3
    private static let measuresPerLayer = 5

    private func firstMeasure(of layer: Int) -> Int {
        scoreCount + Self.normsPerGroup * state.groups.count + Self.measuresPerLayer * layer
    }

    private func measures(_ executable: Executable, layer: Int) -> ProbedLayer.Measures {
        let first = firstMeasure(of: layer)
        return ProbedLayer.Measures(
            sums: executable.output(first), squares: executable.output(first + 1),
            saturated: executable.output(first + 2), gradientSquares: executable.output(first + 3),
            shown: executable.output(first + 4))
    }

    /// Which units of a probed layer were saturated for every sample at every place.
    func silentUnits(_ executable: Executable, layer: Int) -> [Bool] {
        let count = Float(probedLayers[layer].elementsPerUnit)
        return measures(executable, layer: layer).saturated.map { $0 >= count }
    }

    /// For each unit of a probed layer the mean and the mean square.
    func moments(_ executable: Executable, layer: Int) -> (means: [Double], squares: [Double]) {
        let measures = measures(executable, layer: layer), count = Double(probedLayers[layer].elementsPerUnit)
        return (measures.sums.map { Double($0) / count }, measures.squares.map { Double($0) / count })
    }

    /// What a probe's plan has measured.
    func probe(_ executable: Executable, batch: Int, step: Int, epoch: Int) -> Probe {
        // A step that is not taken ends before norms of parameters and changes are summed.
        let isTaken = wasTaken(executable)
        let parameters = state.groups.enumerated().flatMap { group, range in
            let first = scoreCount + Self.normsPerGroup * group
            let squares = (0..<Self.normsPerGroup).map { executable.output(first + $0) }
            return state.parameters.entries.filter { range.contains($0.offset) }.enumerated().map { index, entry in
                let norms = squares.map { Double($0[index]).squareRoot() }
                return ParameterProbe(
                    path: entry.path, gradientNorm: norms[0],
                    weightNorm: isTaken ? norms[1] : state.parameters.norm(entry.path),
                    updateNorm: isTaken ? search?.changeNorm(of: entry.path) ?? norms[2] : 0)
            }
        }
        let layers = probedLayers.enumerated().map { index, layer in
            LayerProbe(layer, measures(executable, layer: index), batch: batch)
        }
        let normalizations = probedNormalizations.enumerated().map { index, normalization in
            normalization.probe(executable.output(firstMeasure(of: probedLayers.count) + index))
        }
        return Probe(
            step: step, epoch: epoch, loss: Double(executable.output(0)[0]), parameters: parameters, layers: layers,
            normalizations: normalizations)
    }

    /// Whether the numbers were finite that a step is taken with.
    func wasTaken(_ executable: Executable) -> Bool {
        // A search puts what it looks at behind all else.
        executable.output(executable.outputCount - (search == nil ? 2 : 3))[0].isFinite
    }
}
