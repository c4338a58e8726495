import EspalierNN
import EspalierSpec
import EspalierTraining

/// `addResiduals`: a shortcut around each hidden linear map, with what follows it, that keeps the shape of what it is given.
///
/// That is a linear layer with as many units as the one before, or a convolution that keeps channels and extents. What is in
/// residual blocks already stays as it is.
public struct AddResiduals: Remedy {
    public static let name = "addResiduals"
    public static let summary = "A shortcut around each hidden layer that keeps the shape of its input"
    public static let fields: [Field<Self>] = []

    public init() {}

    public var why: String {
        "beside each layer the gradient has a way on which nothing is multiplied, so that depth does not make it fade"
    }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        guard let model = experiment.model, !model.hasSequences else { return nil }
        return experiment.with(model: Self.wrapped(model))
    }

    /// Bodies of residual blocks are not looked into: they have their shortcut.
    private static func wrapped(
        _ layers: [any LayerSpecification], endsModel: Bool = true
    ) -> [any LayerSpecification] {
        let end = endsModel ? layers.outputIndex : layers.count
        var result: [any LayerSpecification] = [], index = 0
        // Of what has passed so far: the last linear map, where nothing has changed its shape since.
        var before: (any LayerSpecification)?
        while index < end {
            let layer = layers[index]
            guard layer.isLinearMap else {
                if var block = layer as? SequentialSpecification {
                    block.layers = wrapped(block.layers.map(\.specification), endsModel: false).map(LayerChoice.init)
                    result.append(block)
                    before = nil
                } else {
                    result.append(layer)
                    if !layer.keepsShape { before = nil }
                }
                index += 1
                continue
            }
            let following = layers[(index + 1)..<end].prefix { $0.keepsShape && !($0 is ResidualSpecification) }
            let block = [layer] + following
            if before.map({ layer.keepsShape(after: $0) }) ?? false {
                var residual = ResidualSpecification()
                residual.body = block.map(LayerChoice.init)
                result.append(residual)
            } else {
                result += block
            }
            before = layer
            index += block.count
        }
        return result + layers[end...]
    }
}

extension LayerSpecification {
    /// Whether what leaves has the shape of what comes.
    fileprivate var keepsShape: Bool {
        isElementwiseActivation || isNormalization || Self.kind == .regularization || self is ResidualSpecification
    }

    /// Whether what leaves this linear map has the shape of what leaves `previous`, which it is given.
    fileprivate func keepsShape(after previous: any LayerSpecification) -> Bool {
        if let wrapping = self as? any WrappingSpecification {
            return wrapping.layer.specification.keepsShape(after: previous)
        }
        if let wrapping = previous as? any WrappingSpecification {
            return keepsShape(after: wrapping.layer.specification)
        }
        guard let width = (self as? any SizedSpecification)?.width, type(of: previous) == type(of: self),
            (previous as? any SizedSpecification)?.width == width
        else { return false }
        return self is LinearSpecification || (self as? any ExtentKeeping)?.keepsExtents ?? false
    }
}

/// A convolution, which may keep the extents of what it is given.
private protocol ExtentKeeping {
    var keepsExtents: Bool { get }
}

extension ConvSpecification: ExtentKeeping {
    fileprivate var keepsExtents: Bool {
        guard stride.numbers.allSatisfy({ $0 == 1 }) else { return false }
        switch padding {
        case .same: return true
        case .zeros(let zeros):
            guard let zero = Set(zeros.numbers).onlyElement, let kernel = Set(kernelSize.numbers).onlyElement,
                let step = Set(dilation.numbers).onlyElement
            else { return false }
            return 2 * zero == step * (kernel - 1)
        }
    }
}

extension Set {
    fileprivate var onlyElement: Element? { count == 1 ? first : nil }
}
