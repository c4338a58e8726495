/// Numbers uniform in [0, 1), as a pure function of a key, a stream, and the element's position.
///
/// Element i is the upper 24 bits of word i of Philox 4x32-10 under the key, times 2^-24. The key is an operand
/// (two int32), so a new step draws anew without a new graph; the stream separates the draws of one step.
public struct RandomUniform: Primitive {
    public let shape: Shape
    public let stream: UInt32

    public var description: String { "random uniform \(shape) of stream \(stream)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        guard inputs[0] == TensorType([2], .int32) else {
            throw ShapeError("random uniform", "needs a key of two int32", inputs)
        }
        return TensorType(shape)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        let words = inputs[0].values.map { UInt32(bitPattern: Int32($0)) }
        let key = SIMD2(words[0], words[1])
        return ReferenceArray(
            shape, (0..<shape.count).map { Double(Philox.uniform(Philox.word($0, stream: stream, key: key))) })
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [nil] }
}

extension Tensor {
    /// Numbers uniform in [0, 1) under `key` (int32, [2]).
    public static func randomUniform(_ shape: Shape, key: Tensor, stream: UInt32 = 0) -> Tensor {
        .apply(RandomUniform(shape: shape, stream: stream), [key])
    }

    /// Numbers from the standard normal distribution under `key` (int32, [2]).
    ///
    /// By Box and Muller's transform (1958): sqrt(-2 log(1 - u)) cos(2 pi v). Two streams are used, `stream` and the one
    /// after it.
    public static func randomNormal(_ shape: Shape, key: Tensor, stream: UInt32 = 0) -> Tensor {
        let u = randomUniform(shape, key: key, stream: stream)
        let v = randomUniform(shape, key: key, stream: stream &+ 1)
        return (-2 * (1 - u).log()).sqrt() * (2 * Double.pi * v).cos()
    }
}
