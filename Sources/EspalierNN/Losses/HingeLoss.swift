import EspalierGraph
import EspalierSpec

/// By how much the right class is not ahead of the others by the margin m, that of support vector machines.
///
///     loss = sum_{j != y} max(0, m - z_y + z_j)^power / classes
///
/// With one output, for two classes: max(0, m - t z)^power, with t = 1 for the second class and -1 for the first.
///
/// Shapes: outputs [N, classes] or [N, 1], labels int32 [N], loss [N]. Margin 1 and power 1 as PyTorch's
/// `MultiMarginLoss`, which this is for several outputs.
///
/// Use it for wide margins without probabilities; samples that are right by the margin no longer pull. Where
/// probabilities are wanted use cross-entropy: the softmax of these outputs says little.
///
/// Sources: Cortes and Vapnik 1995, "Support-vector networks"; Weston and Watkins 1999, "Support vector machines for
/// multi-class pattern recognition".
public struct HingeLoss: Loss {
    public var margin = 1.0
    public var power = 1

    public static let name = "hinge"
    public static let summary = "By how much the right class is not ahead of the others by a margin"
    public static let fields = [
        Field("margin", \Self.margin, "by how much it should be ahead", in: .positive),
        Field("power", \Self.power, "1, or 2 for the squared hinge", in: 1...2),
    ]
    public static let target = TargetKind.classes

    public init() {}

    public init(margin: Double = 1, power: Int = 1) {
        self.margin = margin
        self.power = power
    }

    public func callAsFunction(_ outputs: Tensor, _ labels: Tensor) -> Tensor {
        let classes = outputs.lastExtent
        guard classes > 1 else {
            let sign = (2 * labels.cast(to: .float32) - 1).expanded(at: -1)
            return raised((margin - sign * outputs).relu()).sum(axes: [-1])
        }
        let right = labels.oneHot(classes)
        let ahead = (right * outputs).sum(axes: [-1], keepDimensions: true)
        return ((1 - right) * raised((margin - ahead + outputs).relu())).sum(axes: [-1]) / Double(classes)
    }

    private func raised(_ x: Tensor) -> Tensor { power == 2 ? x.squared() : x }

    public func predictions(_ outputs: Tensor, of kind: TargetKind) -> Tensor {
        outputs.lastExtent == 1 ? outputs.sigmoid().withComplement() : outputs.softmax()
    }

    public func outputs(classes: Int) -> Int { binaryOutputs(classes) }
}
