import Espalier

/// Descent by the sign of a running mean of the gradient: every parameter moves by the learning rate.
///
///     m <- beta m + (1 - beta) g
///     w <- w - lr sign(m)
///
/// Source: Bernstein, Wang, Azizzadenesheli and Anandkumar 2018, "signSGD" (there: Signum).
struct SignDescent: Optimizer {
    var learningRate = 0.001
    var beta = 0.9

    static let name = "signDescent"
    static let summary = "Descent by the sign of a running mean of the gradient"
    static let fields = [
        Field("learningRate", \Self.learningRate, "how far every parameter moves", in: .positive),
        Field("beta", \Self.beta, "share of the running mean that stays", in: 0..<1),
    ]

    var slots: [String] { ["mean"] }

    func update(
        _ w: Tensor, gradient g: Tensor, slots: [Tensor], learningRate lr: Tensor, step t: Tensor
    ) -> (parameter: Tensor, slots: [Tensor]) {
        let m = beta * slots[0] + (1 - beta) * g
        return (w - lr * m.sign(), [m])
    }
}
