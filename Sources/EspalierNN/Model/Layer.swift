import EspalierGraph

/// A part of a model: a function of a tensor, with parameters.
///
/// A layer is a final class. Its parameters (`@Parameter`), statistics (`@Statistic`), random numbers (`@Randomness`)
/// and layers of its own are stored properties, found by whoever trains the model, in the order of declaration.
public protocol Layer: AnyObject, CustomStringConvertible {
    /// The forward pass, on a batch: the first axis of `x` counts samples.
    ///
    /// It is what a layer says; who uses the layer calls the layer itself, `layer(x)`, so that the call is seen: see
    /// `LayerCall`.
    func forward(_ x: Tensor) -> Tensor

    /// The layers that this one is made of, each with its part of the path.
    var children: [(name: String, layer: any Layer)] { get }
}

extension Layer {
    /// The stored properties that are layers, or lists of layers, in order of declaration.
    public var children: [(name: String, layer: any Layer)] {
        Mirror(reflecting: self).children.flatMap { child -> [(name: String, layer: any Layer)] in
            guard let label = child.label else { return [] }
            if let layer = child.value as? any Layer { return [(label, layer)] }
            if let layers = child.value as? [any Layer] {
                return layers.enumerated().map { ("\(label).\($0)", $1) }
            }
            return []
        }
    }

    public var description: String { "\(type(of: self))()" }
}

/// Whether a model is being trained or used.
public enum Mode: String, Sendable, Hashable {
    case training, inference

    /// What a layer's description ends with: nothing in inference, which is how a model is used.
    var suffix: String { self == .training ? ", training" : "" }
}

/// A layer that does one thing in training and another in inference.
public protocol ModeDependent: Layer {
    /// Set by whoever runs the model, for all of its layers.
    var mode: Mode { get set }
}

/// An element-wise non-linear function.
public protocol Activation: Layer {
    /// The initialiser that keeps the spread of values through this activation.
    var matchingInitializer: any Initializer { get }
    /// Where it is flat: beyond which inputs it is saturated, and whether it is dead there.
    var saturation: Saturation { get }
    /// Which elements of the output are of saturated inputs, as bool; by `saturation` if not said otherwise.
    func isSaturated(_ x: Tensor) -> Tensor
}

/// A layer whose weights' initialiser may follow from the activation after it.
public protocol Initializable: Layer {
    /// Nothing where the activation is to decide.
    var initializer: (any Initializer)? { get set }
}

/// A layer whose units are channels, the axis after the samples.
public protocol ConvolutionLayer: Initializable {}

/// What is found in a layer and its children, in order of declaration.
///
/// A layer, parameter or statistic that stands in several places is one and is listed once, under the first of its paths:
/// so weights are tied.
public struct LayerContents {
    /// The layer itself, and all below it.
    public var layers: [(path: String, layer: any Layer)] = []
    public var parameters: [(path: String, slot: Parameter.Slot)] = []
    public var statistics: [(path: String, slot: Statistic.Slot)] = []
    public var randomness: [(path: String, slot: Randomness.Slot)] = []

    /// Looks through `layer`, whose own path is `path`.
    public init(_ layer: any Layer, path: String = "") {
        var seen = Set<ObjectIdentifier>()
        add(layer, path, &seen)
    }

    private mutating func add(_ layer: any Layer, _ path: String, _ seen: inout Set<ObjectIdentifier>) {
        guard seen.insert(ObjectIdentifier(layer)).inserted else { return }
        layers.append((path, layer))
        for child in Mirror(reflecting: layer).children {
            guard let label = child.label else { continue }
            let name = snakeCase(label.hasPrefix("_") ? String(label.dropFirst()) : label)
            switch child.value {
            case let parameter as Parameter where seen.insert(ObjectIdentifier(parameter.projectedValue)).inserted:
                parameters.append((join(path, name), parameter.projectedValue))
            case let list as any ParameterList:
                for (name, parameter) in list.parameters
                where seen.insert(ObjectIdentifier(parameter.projectedValue)).inserted {
                    parameters.append((join(path, name), parameter.projectedValue))
                }
            case let statistic as Statistic where seen.insert(ObjectIdentifier(statistic.projectedValue)).inserted:
                statistics.append((join(path, statistic.projectedValue.name ?? name), statistic.projectedValue))
            case let random as Randomness where seen.insert(ObjectIdentifier(random.projectedValue)).inserted:
                randomness.append((join(path, name), random.projectedValue))
            default: break
            }
        }
        for (name, child) in layer.children { add(child, join(path, name), &seen) }
    }
}

private func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

/// `runningMean` as `running_mean`, the way PyTorch names tensors.
private func snakeCase(_ name: String) -> String {
    name.reduce(into: "") { result, character in
        if character.isUppercase { result.append("_") }
        result.append(character.lowercased())
    }
}
