/// How the Gaussian error linear unit is computed.
public enum GELUApproximation: String, CaseIterable, Sendable {
    /// Exactly, by the error function.
    case none
    /// By the hyperbolic tangent.
    case tanh
}

extension Tensor {
    /// The Gaussian error linear unit: x times the probability that a standard normal number is below x.
    ///
    ///     exact:  x/2 (1 + erf(x / sqrt(2)))
    ///     tanh:   x/2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
    ///
    /// Source: Hendrycks and Gimpel 2016, "Gaussian error linear units (GELUs)".
    public func gelu(_ approximation: GELUApproximation = .none) -> Tensor {
        let half = self * 0.5
        switch approximation {
        case .none:
            return half + half * (self * 0.5.squareRoot()).erf()
        case .tanh:
            let inner = self * (2 / Double.pi).squareRoot() * (1 + 0.044715 * squared())
            return half + half * inner.tanh()
        }
    }

    /// The sigmoid linear unit x / (1 + exp(-x)), also called swish.
    ///
    /// Source: Hendrycks and Gimpel 2016; Ramachandran, Zoph and Le 2017, "Searching for activation functions".
    public func silu() -> Tensor { self * sigmoid() }
}
