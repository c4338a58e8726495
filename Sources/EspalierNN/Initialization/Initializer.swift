import EspalierGraph
import EspalierSpec

/// How a parameter's first values are drawn.
public protocol Initializer: Specification {
    /// Values for a parameter of `shape`, a pure function of `key` (int32, [2]).
    func values(_ shape: Shape, _ fans: Fans, key: Tensor) -> Tensor
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

    /// Those of a weight [out, in, ...]: for a convolution both count the receptive field.
    public init(weight shape: Shape) {
        let field = shape.dimensions.dropFirst(2).reduce(1, *)
        output = (shape.dimensions.first ?? 1) * field
        input = (shape.rank > 1 ? shape[1] : 1) * field
    }
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
        return registry
    }
}
