/// How the kernel of a convolution moves over its operand: one number for each spatial axis.
///
/// Along an axis, output p meets the input at `p * stride - before + k * dilation` for each position k of the kernel.
/// Input beyond the ends is zero.
public struct ConvolutionGeometry: Sendable, Hashable {
    /// Steps of the input from one output to the next.
    public var stride: [Int]
    /// Zeros ahead of the input.
    public var before: [Int]
    /// Zeros behind the input; a negative number leaves out so many of its last elements.
    public var after: [Int]
    /// Steps of the input from one position of the kernel to the next.
    public var dilation: [Int]
    /// Into how many groups the channels fall: each output sees the inputs of its own group.
    public var groups: Int

    /// - Parameters:
    ///   - rank: The number of spatial axes.
    ///   - stride: One along each axis if not given.
    ///   - before: None if not given.
    ///   - after: As many as before if not given.
    ///   - dilation: One along each axis if not given.
    ///   - groups: One if not given.
    public init(
        rank: Int, stride: [Int]? = nil, before: [Int]? = nil, after: [Int]? = nil, dilation: [Int]? = nil,
        groups: Int = 1
    ) {
        let ones = [Int](repeating: 1, count: rank)
        self.stride = stride ?? ones
        self.before = before ?? ones.map { _ in 0 }
        self.after = after ?? self.before
        self.dilation = dilation ?? ones
        self.groups = groups
    }

    /// The number of spatial axes.
    public var rank: Int { stride.count }

    /// The extents of the output: floor((input + before + after - dilation (kernel - 1) - 1) / stride) + 1, or nothing
    /// where the kernel does not fit.
    public func outputs(_ input: [Int], kernel: [Int]) -> [Int]? {
        var outputs: [Int] = []
        for axis in 0..<rank {
            let padded = input[axis] + before[axis] + after[axis]
            let free = padded - dilation[axis] * (kernel[axis] - 1) - 1
            guard free >= 0 else { return nil }
            outputs.append(free / stride[axis] + 1)
        }
        return outputs
    }

    /// The extents that a transposed convolution makes of `output`.
    ///
    /// (output - 1) stride - before - after + dilation (kernel - 1) + 1
    public func inputs(_ output: [Int], kernel: [Int]) -> [Int] {
        (0..<rank).map { axis in
            let span = dilation[axis] * (kernel[axis] - 1) + 1
            return (output[axis] - 1) * stride[axis] - before[axis] - after[axis] + span
        }
    }

    /// What there is to say of these numbers in a description.
    var words: String {
        var words = "stride \(stride) padding \(before)"
        if after != before { words += " to \(after)" }
        if dilation.contains(where: { $0 != 1 }) { words += " dilation \(dilation)" }
        if groups != 1 { words += " groups \(groups)" }
        return words
    }

    /// Whether these numbers describe a convolution at all.
    var isValid: Bool {
        (1...3).contains(rank) && [before, after, dilation].allSatisfy { $0.count == rank } && groups >= 1
            && (stride + dilation).allSatisfy { $0 >= 1 } && before.allSatisfy { $0 >= 0 }
    }

    /// Checks that x [N, input..., C], weight [O, kernel..., C / groups] and y [N, output..., O] belong together.
    func check(_ name: String, x: Shape, weight: Shape, y: Shape, _ inputs: [TensorType]) throws(ShapeError) {
        func fail(_ problem: String) -> ShapeError { ShapeError(name, problem, inputs) }
        guard isValid else { throw fail("needs one to three spatial axes and positive \(words)") }
        guard inputs.allSatisfy({ $0.dtype == .float32 }) else { throw fail("needs float32 operands") }
        guard [x, weight, y].allSatisfy({ $0.rank == rank + 2 }) else {
            throw fail("needs operands of \(rank + 2) axes: samples or outputs, \(rank) spatial ones, channels")
        }
        guard x[0] == y[0] else { throw fail("\(x[0]) samples meet \(y[0])") }
        guard weight[0] == y[rank + 1], weight[0] % groups == 0, weight[rank + 1] * groups == x[rank + 1] else {
            throw fail(
                "the weight \(weight) does not lead from \(x[rank + 1]) channels to \(y[rank + 1]) in \(groups) groups")
        }
        let input = spatial(x), kernel = spatial(weight)
        guard kernel.allSatisfy({ $0 >= 1 }), let outputs = outputs(input, kernel: kernel) else {
            throw fail("a kernel of \(kernel) does not fit into \(input) with \(words)")
        }
        guard outputs == spatial(y) else { throw fail("\(input) gives \(outputs) with \(words), not \(spatial(y))") }
    }

    /// The extents of the spatial axes.
    func spatial(_ shape: Shape) -> [Int] { Array(shape.dimensions[1..<shape.rank - 1]) }
}
