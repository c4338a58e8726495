import EspalierGraph
import EspalierSpec

/// What training makes small: a number per sample, of which the batch's mean is taken.
public protocol Loss: Specification {
    /// Whether targets are classes (int32, [N]) or values (float32, [N, width]).
    static var target: TargetKind { get }

    /// The loss of each sample, [N].
    func callAsFunction(_ predictions: Tensor, _ targets: Tensor) -> Tensor
}

/// What a sample's target is.
public enum TargetKind: String, Sendable, Hashable {
    /// One class out of several, by number.
    case classes
    /// One or more real numbers.
    case values
}

extension Registry where Part == any Loss {
    /// The losses that Espalier brings.
    public static var standard: Self {
        var registry = Self(kind: "loss")
        registry.register(CrossEntropyLoss.self) { $0 }
        registry.register(MeanSquaredError.self) { $0 }
        return registry
    }
}
