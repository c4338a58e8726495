import Espalier

/// Cross-entropy with more weight on its first term: -log p + epsilon (1 - p), where p is the right class's probability.
///
/// Source: Leng, Tan, Liu, Cubuk, Shi, Cheng and Anguelov 2022, "PolyLoss" (there: Poly-1).
struct PolyLoss: Loss {
    var epsilon = 1.0

    static let name = "poly"
    static let summary = "Cross-entropy with more weight on its first term"
    static let fields = [Field("epsilon", \Self.epsilon, "added to the weight of 1 - p", in: (-1)...)]
    static let target = TargetKind.classes

    func callAsFunction(_ logits: Tensor, _ labels: Tensor) -> Tensor {
        let entropy = logits.crossEntropy(labels: labels)
        return entropy + epsilon * (1 - (-entropy).exp())
    }
}
