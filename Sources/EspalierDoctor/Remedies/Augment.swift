import EspalierData
import EspalierNN
import EspalierSpec
import EspalierTraining

/// `augment`: images that are shifted a little, each time another way.
///
/// A shift changes the meaning of no image that stands on a background; a flip does, of letters and digits.
///
/// Source: Simard, Steinkraus and Platt 2003, "Best practices for convolutional neural networks applied to visual document
/// analysis".
public struct Augment: Remedy {
    public var padding = 2

    public static let name = "augment"
    public static let summary = "Images that are shifted a little, each time another way"
    public static let fields = [Field("padding", \Self.padding, "by how many places at most", in: 1...)]

    public init() {}

    public init(padding: Int) { self.padding = padding }

    public var why: String { "samples that are never the same twice cannot be learned by heart" }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        // Only images are two-dimensional, which the first layers show: what takes them as they are, or lays them flat.
        guard experiment.augment.isEmpty, let first = experiment.model?.first,
            ["conv2d", "flatten"].contains(type(of: first).name)
        else { return nil }
        var changed = experiment
        changed.augment = [RandomCrop(padding: padding)]
        return changed
    }
}
