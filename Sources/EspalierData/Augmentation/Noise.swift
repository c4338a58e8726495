import EspalierGraph
import EspalierSpec

/// Adds a normal number of mean 0 to each input.
///
/// The standard deviation is in the unit of the scaled inputs; 0.05 is this project's choice for inputs of variance 1.
/// Use it for measurements, whose own noise it continues. `gaussianNoise` does the same within a model.
///
/// Source: Bishop 1995, "Training with noise is equivalent to Tikhonov regularization".
public struct Noise: SampleAugmentation {
    public var std = 0.05

    public static let name = "noise"
    public static let summary = "Adds a normal number to each input"
    public static let fields = [Field("std", \Self.std, "standard deviation", in: 0...)]

    public init() {}

    public init(std: Double) { self.std = std }

    public func apply(to sample: UnsafeMutableBufferPointer<Float>, shape: [Int], using random: inout RandomStream) {
        for index in sample.indices { sample[index] += Float(std * random.normal()) }
    }
}
