import Espalier

/// A function from one number to one number with two hidden layers of tanh, written with tensors alone.
struct Network {
    /// Weight and bias of each layer, each a leaf that stands for memory.
    let parameters: [Tensor]

    init(width: Int, seed: UInt64) {
        func leaf(_ name: String, _ shape: Shape, spread: Double) -> Tensor {
            var random = RandomStream(seed: seed, name)
            let storage = Storage(count: shape.count)
            for index in 0..<shape.count { storage.floats[index] = Float(spread * random.normal()) }
            return Tensor(storage, shape, name: name)
        }
        let spread = (1 / Double(width)).squareRoot()
        parameters = [
            leaf("weight 0", [1, width], spread: 3), leaf("bias 0", [width], spread: 1),
            leaf("weight 1", [width, width], spread: spread), leaf("bias 1", [width], spread: 0),
            leaf("weight 2", [width, 1], spread: spread), leaf("bias 2", [1], spread: 0),
        ]
    }

    /// Shapes: x [N, 1], result [N, 1].
    func callAsFunction(_ x: Tensor) -> Tensor {
        var x = x
        for layer in 0..<3 {
            x = x.matmul(parameters[2 * layer]) + parameters[2 * layer + 1]
            if layer < 2 { x = x.tanh() }
        }
        return x
    }
}
