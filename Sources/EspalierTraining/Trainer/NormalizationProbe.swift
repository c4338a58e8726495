import EspalierGraph
import EspalierNN
import EspalierSpec
import Foundation

/// How far the statistics of a batch, by which a batch normalisation trains, lay from the running ones, by which it infers.
public struct NormalizationProbe: Sendable, Hashable {
    /// The dotted path within the model.
    public var path: String
    /// The root of the mean square over channels of (mean - running mean) / sqrt(running variance).
    public var meanShift: Double
    /// The geometric mean over channels of the batch's standard deviation over the running one.
    public var deviationRatio: Double

    public init(path: String, meanShift: Double, deviationRatio: Double) {
        self.path = path
        self.meanShift = meanShift
        self.deviationRatio = deviationRatio
    }
}

extension NormalizationProbe {
    var configuration: ConfigurationValue {
        ["path": .string(path), "meanShift": .number(meanShift), "deviationRatio": .number(deviationRatio)]
    }

    init?(_ value: ConfigurationValue) {
        guard let path = value["path"]?.text else { return nil }
        self.init(
            path: path, meanShift: value["meanShift"]?.doubleValue ?? .nan,
            deviationRatio: value["deviationRatio"]?.doubleValue ?? .nan)
    }
}

/// A batch normalisation that a probe looks at.
struct ProbedNormalization {
    let path: String
    /// The mean squared shift of the means, and the mean logarithm of the quotient of variances.
    let shift: Tensor

    /// Those that train, and are called once.
    static func measured(of calls: [LayerCall], paths: [ObjectIdentifier: String]) -> [ProbedNormalization] {
        let counts = Dictionary(calls.map { (ObjectIdentifier($0.layer), 1) }, uniquingKeysWith: +)
        return calls.compactMap { call in
            guard let layer = call.layer as? BatchNorm, layer.mode == .training,
                let path = paths[ObjectIdentifier(layer)], counts[ObjectIdentifier(layer)] == 1
            else { return nil }
            return ProbedNormalization(path: path, shift: layer.shift(of: call.input))
        }
    }

    func probe(_ values: UnsafeBufferPointer<Float>) -> NormalizationProbe {
        NormalizationProbe(
            path: path, meanShift: Double(values[0]).squareRoot(), deviationRatio: exp(Double(values[1]) / 2))
    }
}
