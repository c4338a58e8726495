import EspalierGraph
import EspalierSpec

/// How a parameter's first values are drawn.
public protocol Initializer: Specification {
    /// Values for a parameter of `shape`, a pure function of `key`.
    func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor

    /// Refuses shapes that it has no values for; the default takes any.
    ///
    /// - Throws: `EspalierError`.
    func check(_ shape: Shape) throws
}

extension Initializer {
    public func check(_ shape: Shape) throws {}

    /// The name, and the settings that are not the default: `heNormal(slope: 0.01)`.
    public var words: String {
        let defaults = Self()
        let changed = Self.fields.filter { $0.isRequired || $0.write(self) != $0.write(defaults) }
        let settings = changed.map { "\($0.name): \($0.write(self).words)" }
        return changed.isEmpty ? Self.name : "\(Self.name)(\(settings.joined(separator: ", ")))"
    }
}

extension ConfigurationValue {
    /// A setting's value in a line of text.
    fileprivate var words: String {
        switch self {
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): value
        default: "…"
        }
    }
}

/// How many values a neuron sums over, and how many neurons a value reaches.
public struct Fans: Sendable, Hashable {
    /// Values that a neuron sums over.
    public var input: Int
    /// Neurons that a value reaches.
    public var output: Int

    public init(input: Int, output: Int) {
        self.input = input
        self.output = output
    }

    /// The one that `mode` names.
    subscript(mode: FanMode) -> Double { Double(mode == .fanIn ? input : output) }

    /// Those of a weight [out, in, ...]: for a convolution both count the receptive field.
    public init(weight shape: Shape) {
        let field = shape.dimensions.dropFirst(2).reduce(1, *)
        output = (shape.dimensions.first ?? 1) * field
        input = (shape.rank > 1 ? shape[1] : 1) * field
    }
}

/// Which fan an initialiser scales by.
public enum FanMode: String, CaseIterable, ConfigurationRepresentable, Hashable {
    /// Values that a neuron sums over: keeps the variance of values forward.
    case fanIn = "fan_in"
    /// Neurons that a value reaches: keeps the variance of gradients backward.
    case fanOut = "fan_out"
}

extension Registry where Part == any Initializer {
    /// The initialisers that Espalier brings.
    public static var standard: Self {
        var registry = Self(kind: "initializer")
        registry.register(Zeros.self) { $0 }
        registry.register(Ones.self) { $0 }
        registry.register(ConstantInitializer.self) { $0 }
        registry.register(Uniform.self) { $0 }
        registry.register(Normal.self) { $0 }
        registry.register(XavierUniform.self) { $0 }
        registry.register(XavierNormal.self) { $0 }
        registry.register(HeUniform.self) { $0 }
        registry.register(HeNormal.self) { $0 }
        registry.register(LeCunUniform.self) { $0 }
        registry.register(LeCunNormal.self) { $0 }
        registry.register(TruncatedNormal.self) { $0 }
        registry.register(Orthogonal.self) { $0 }
        registry.register(IdentityInitializer.self) { $0 }
        registry.register(Dirac.self) { $0 }
        registry.register(Sparse.self) { $0 }
        registry.register(LSUV.self) { $0 }
        return registry
    }
}
