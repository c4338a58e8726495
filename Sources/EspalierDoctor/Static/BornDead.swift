import EspalierNN
import EspalierTraining
import Foundation

/// Layers of rectified units so narrow that all of one may be silent from the start.
///
/// A unit that is zero below a bound is silent for a sample about as often as not. All N of a layer are so with a chance of
/// 2^-N, and then the model gives the same answer for it whatever comes before: over L layers that is
///
///     P = 1 - (1 - 2^-N)^L
///
/// Source: Lu, Shin, Su and Karniadakis 2020, "Dying ReLU and initialization". It is by chance, so that it is worth knowing and
/// no more until a training shows it.
enum BornDead: Check {
    static let chance = 0.1

    static func findings(in prepared: PreparedExperiment) -> [Finding] {
        let sketch = ModelSketch(prepared.model, sampleShape: prepared.data.train.sampleShape)
        let silent = chance(of: sketch)
        guard silent >= chance, let narrowest = layers(of: sketch).min(by: { $0.units < $1.units }) else { return [] }
        return [
            Finding(
                .dyingReLU, at: narrowest.path, .info,
                evidence: [
                    .init("chance", silent), .init("units", Double(narrowest.units)), .init("threshold", chance),
                    .init("layers", Double(layers(of: sketch).count)),
                ],
                explanation:
                    "A rectified unit is silent for about half of all inputs, and where all units of a layer are, nothing "
                    + "passes: neither values nor gradients. In layers as narrow as the \(narrowest.units) units at "
                    + "\(narrowest.path), \(layers(of: sketch).count) of them, there is a chance of \(silent.short) that it is so "
                    + "from the first step on. With 16 units a layer there is next to none.",
                remedies: [
                    .init(ChangeActivation(to: ELUSpecification())), .init(AddBatchNorm()), .init(Widen(factor: 4)),
                ])
        ]
    }

    /// The chance that some layer is silent for a sample from the start, if all of its activations were rectified.
    static func chance(of sketch: ModelSketch, rectified: Bool = false) -> Double {
        1 - layers(of: sketch, rectified: rectified).reduce(1) { $0 * (1 - pow(2, -Double($1.units))) }
    }

    /// The units that reach each activation that is dead below a bound; what has a shortcut, or is normalised, does not count.
    private static func layers(
        of sketch: ModelSketch, rectified: Bool = false
    ) -> [(path: String, units: Int)] {
        var units: Int?, result: [(String, Int)] = []
        for part in sketch.parts[..<(sketch.outputMap ?? sketch.parts.count)] {
            switch part.kind {
            case .weights: units = part.layer is any ConvolutionLayer ? part.output.count : part.units
            case .activation(let activation) where rectified || activation.saturation.isDeadBelow:
                if let units { result.append((part.path, units)) }
                units = nil
            case .activation, .batchNormalization, .normalization, .residual, .nonlinear: units = nil
            case .dropout, .linear: break
            }
        }
        return result
    }
}
