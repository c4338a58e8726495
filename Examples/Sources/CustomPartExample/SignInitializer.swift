import Espalier

/// Every value is +s or -s with equal probability, s = sqrt(2 / fan_in): the variance of He's initialisation.
struct SignInitializer: Initializer {
    static let name = "signs"
    static let summary = "+-sqrt(2 / fan_in), each sign as likely"
    static let fields: [Field<Self>] = []

    func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor {
        let size = (2 / Double(fans.input)).squareRoot()
        return .select(.randomUniform(shape, key: key.tensor) .< 0.5, Tensor(-size), Tensor(size))
    }
}
