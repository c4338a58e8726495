import EspalierNN
import EspalierTraining

/// Two learned linear maps follow each other with nothing nonlinear between: together they are worth one.
///
/// W2 (W1 x + b1) + b2 = (W2 W1) x + (W2 b1 + b2). Left alone are pairs that are meant so: where the first has fewer units
/// than one linear map from end to end would have rank, the pair is a factorisation that saves weights; so it is where one of
/// two convolutions works on groups of channels (Chollet 2017, "Xception": better without a nonlinearity between).
enum MissingNonlinearity: Check {
    static func findings(in prepared: PreparedExperiment) -> [Finding] {
        let sketch = ModelSketch(prepared.model, sampleShape: prepared.data.train.sampleShape)
        let isLinear = !sketch.parts.dropLast(tail(sketch)).contains(where: \.isNonlinear)
        let pairs = runs(in: sketch.parts).filter { !isFactorisation($0.first, $0.second) }
        guard let pair = pairs.first else { return [] }
        let maps = sketch.leaves.filter { $0.weight != nil }.count
        return [
            Finding(
                .missingNonlinearity, at: pair.first.path, .warning,
                evidence: [
                    .init("pairs", Double(pairs.count)), .init("layersWithWeights", Double(maps)),
                    .init("linear", isLinear ? 1 : 0),
                ],
                explanation:
                    "Between \(pair.first.layer) (\(pair.first.path)) and \(pair.second.layer) (\(pair.second.path)) there is "
                    + "no activation. A linear map of a linear map is one linear map: the two can say nothing that the second "
                    + "could not say alone"
                    + (pairs.count > 1 ? ", and so it is with \(pairs.count) pairs here. " : ". ")
                    + (isLinear
                        ? "The whole model is a linear one, of \(maps) layers; it cannot tell apart what no plane tells apart. "
                        : "")
                    + "Every layer with weights but the last should be followed by a nonlinear activation.",
                remedies: [.init(InsertNonlinearity())])
        ]
    }

    /// How many parts come after the last linear map.
    private static func tail(_ sketch: ModelSketch) -> Int {
        sketch.outputMap.map { sketch.parts.count - $0 - 1 } ?? 0
    }

    /// Neighbouring linear maps with nothing nonlinear between, in these parts and within their residual blocks.
    private static func runs(
        in parts: [ModelSketch.Part]
    ) -> [(first: ModelSketch.Part, second: ModelSketch.Part)] {
        var pairs: [(first: ModelSketch.Part, second: ModelSketch.Part)] = []
        var previous: ModelSketch.Part?
        for part in parts {
            switch part.kind {
            case .weights:
                if let previous { pairs.append((previous, part)) }
                previous = part
            case .residual(let body, let shortcut):
                pairs += runs(in: body) + runs(in: shortcut)
                // Of a sum with what came in no single map can be made.
                previous = nil
            case .batchNormalization, .dropout, .linear: break
            case .activation, .normalization, .nonlinear: previous = nil
            }
        }
        return pairs
    }

    private static func isFactorisation(_ first: ModelSketch.Part, _ second: ModelSketch.Part) -> Bool {
        let rank = min(inputs(of: first), second.units)
        return first.units < rank || isGrouped(first) || isGrouped(second)
    }

    /// Values that a unit sums over.
    private static func inputs(of part: ModelSketch.Part) -> Int { part.weight?.fans.input ?? 0 }

    /// Whether a unit sees only some of the channels.
    private static func isGrouped(_ part: ModelSketch.Part) -> Bool {
        guard part.layer is any ConvolutionLayer, let weight = part.weight else { return false }
        if let groups = weight.transposedGroups { return groups > 1 }
        return weight.shape[1] < part.input[0]
    }
}
