import EspalierSpec

/// A factor for each class, by which a loss multiplies what its samples add.
///
/// `balanced` gives every class the same weight in the training data: with n samples, k classes and n_c samples of class c
///
///     w_c = n / (k n_c)
///
/// so that the mean weight of a sample is 1, as scikit-learn's `class_weight="balanced"`.
///
/// Source: King and Zeng 2001, "Logistic regression in rare events data".
public enum ClassWeights: Sendable, Hashable {
    /// In the order of the classes.
    case given([Double])
    case balanced

    /// Refuses another number of weights than of classes.
    func check(_ loss: String, classes: Int) throws {
        guard case .given(let weights) = self, weights.count != classes else { return }
        throw EspalierError(
            "\(loss) has \(weights.count) class weights, and there are \(classes) classes",
            expected: "\(classes) numbers, in the order of the classes, or balanced")
    }

    /// The weights as numbers, for training data with so many samples of each class.
    ///
    /// - Throws: `EspalierError` where a class has none.
    func decided(by counts: [Int]) throws -> ClassWeights {
        guard self == .balanced else { return self }
        if let missing = counts.firstIndex(of: 0) {
            throw EspalierError(
                "class number \(missing) has no training samples, so nothing balances it",
                expected: "at least one training sample of each class", fix: "more rows, or weights as numbers")
        }
        let count = Double(counts.reduce(0, +))
        return .given(counts.map { count / (Double(counts.count) * Double($0)) })
    }

    /// The numbers.
    ///
    /// - Precondition: They are decided.
    var factors: [Double] {
        guard case .given(let weights) = self else {
            preconditionFailure(
                "balanced weights are numbers once the data is known: train with loss.decided(by: counts)")
        }
        return weights
    }
}

extension ClassWeights: ExpressibleByArrayLiteral {
    public init(arrayLiteral weights: Double...) { self = .given(weights) }
}

extension ClassWeights: ConfigurationRepresentable {
    public static let accepted = "a list of numbers of at least 0, one above, or balanced"

    public init(configuration node: ConfigurationNode) throws {
        if node.content == .string("balanced") {
            self = .balanced
            return
        }
        guard case .list = node.content else { throw node.mismatch(expected: Self.accepted) }
        let weights = try [Double](configuration: node)
        guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }), weights.contains(where: { $0 > 0 }) else {
            throw node.mismatch(expected: Self.accepted)
        }
        self = .given(weights)
    }

    public var configuration: ConfigurationValue {
        switch self {
        case .given(let weights): weights.configuration
        case .balanced: .string("balanced")
        }
    }
}
