import EspalierGraph
import EspalierSpec

/// The share of samples whose largest output is that of the right class.
///
/// Use it where classes are about equally frequent; where one is rare, whoever never names it has a high one.
public struct Accuracy: SampleMetric {
    public static let name = "accuracy"
    public static let summary = "Share of samples whose largest output is that of the right class"
    public static let fields: [Field<Self>] = []
    public static let target = TargetKind.classes
    public static let isHigherBetter = true
    public static let isProportion = true

    public init() {}

    public func callAsFunction(_ outputs: Tensor, _ labels: Tensor) -> Tensor {
        (outputs.argumentMaximum() .== labels).cast(to: .float32)
    }
}

/// The share of samples whose right class is among the k with the largest outputs.
///
/// A sample counts where fewer than k outputs are above that of its class. k 5 as in the ImageNet challenge. Use it for
/// many classes that are alike; with k at the number of classes it is 1.
///
/// Source: Russakovsky et al. 2015, "ImageNet large scale visual recognition challenge".
public struct TopK: SampleMetric {
    public var k = 5

    public static let name = "topK"
    public static let summary = "Share of samples whose class is among the k with the largest outputs"
    public static let fields = [Field("k", \Self.k, "how many classes may be named", in: 1...)]
    public static let target = TargetKind.classes
    public static let isHigherBetter = true
    public static let isProportion = true

    public init() {}

    public init(k: Int) { self.k = k }

    public func callAsFunction(_ outputs: Tensor, _ labels: Tensor) -> Tensor {
        let right = outputs.take(labels.expanded(at: -1), axis: -1)
        let position = Tensor.iota(outputs.shape, axis: outputs.rank - 1), own = labels.expanded(at: -1)
        // Of equal outputs the first is named first, as the largest of all is.
        let isBefore = (outputs .== right) .& (position .< own.broadcast(to: outputs.shape))
        let better = ((outputs .> right) .| isBefore).cast(to: .float32).sum(axes: [-1])
        let isNumber = (right .== right).reshaped(to: better.shape)
        return ((better .< Tensor(Double(k))) .& isNumber).cast(to: .float32)
    }
}
