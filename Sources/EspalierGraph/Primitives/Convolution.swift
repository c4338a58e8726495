/// The cross-correlation of a signal with kernels, channels last: x [N, input..., C] and weight [O, kernel..., C / groups]
/// give y [N, output..., O] over one to three spatial axes.
///
/// y[n, p, o] = sum_{k, c} x[n, p stride - before + k dilation, c] weight[o, k, c], c in the group of o
public struct Convolution: Primitive {
    public let geometry: ConvolutionGeometry

    public var description: String { "convolution \(geometry.words)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        let x = inputs[0].shape, weight = inputs[1].shape
        var outputs = [Int](repeating: 1, count: geometry.rank)
        if geometry.isValid, x.rank == geometry.rank + 2, weight.rank == x.rank {
            outputs = geometry.outputs(geometry.spatial(x), kernel: geometry.spatial(weight)) ?? outputs
        }
        let y = Shape(x.dimensions.prefix(1) + outputs + weight.dimensions.prefix(1))
        try geometry.check("convolution", x: x, weight: weight, y: y, inputs)
        return TensorType(y)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        var y = ReferenceArray(type.shape, repeating: 0)
        let x = inputs[0], weight = inputs[1]
        geometry.forEachTerm(x: x.shape, weight: weight.shape, y: y.shape) {
            y.values[$2] += x.values[$0] * weight.values[$1]
        }
        return y
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let x = inputs[0], weight = inputs[1]
        return [
            .apply(
                ConvolutionInputGradient(geometry: geometry, input: geometry.spatial(x.shape)), [cotangent, weight]),
            .apply(
                ConvolutionWeightGradient(geometry: geometry, kernel: geometry.spatial(weight.shape)), [x, cotangent]),
        ]
    }
}

/// The cotangent of a convolution's signal, which is the transposed convolution too: y [N, output..., O] and
/// weight [O, kernel..., C / groups] give x [N, input..., C].
///
/// x[n, p stride - before + k dilation, c] += y[n, p, o] weight[o, k, c]
public struct ConvolutionInputGradient: Primitive {
    public let geometry: ConvolutionGeometry
    /// The extents of the result, of which several lead to the same y.
    public let input: [Int]

    public var description: String { "convolution's input gradient \(geometry.words)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        let y = inputs[0].shape, weight = inputs[1].shape
        let channels = (weight.dimensions.last ?? 0) * geometry.groups
        let x = Shape(y.dimensions.prefix(1) + input + [channels])
        try geometry.check("convolution's input gradient", x: x, weight: weight, y: y, inputs)
        return TensorType(x)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        var x = ReferenceArray(type.shape, repeating: 0)
        let y = inputs[0], weight = inputs[1]
        geometry.forEachTerm(x: x.shape, weight: weight.shape, y: y.shape) {
            x.values[$0] += y.values[$2] * weight.values[$1]
        }
        return x
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let y = inputs[0], weight = inputs[1]
        return [
            .apply(Convolution(geometry: geometry), [cotangent, weight]),
            .apply(
                ConvolutionWeightGradient(geometry: geometry, kernel: geometry.spatial(weight.shape)), [cotangent, y]),
        ]
    }
}

/// The cotangent of a convolution's weight: x [N, input..., C] and y [N, output..., O] give
/// weight [O, kernel..., C / groups].
///
/// weight[o, k, c] = sum_{n, p} x[n, p stride - before + k dilation, c] y[n, p, o]
public struct ConvolutionWeightGradient: Primitive {
    public let geometry: ConvolutionGeometry
    /// The extents of the kernel, of which several lead to the same y.
    public let kernel: [Int]

    public var description: String { "convolution's weight gradient \(geometry.words)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        let x = inputs[0].shape, y = inputs[1].shape
        let channels = (x.dimensions.last ?? 0) / max(geometry.groups, 1)
        let weight = Shape(y.dimensions.suffix(1) + kernel + [channels])
        try geometry.check("convolution's weight gradient", x: x, weight: weight, y: y, inputs)
        return TensorType(weight)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        var weight = ReferenceArray(type.shape, repeating: 0)
        let x = inputs[0], y = inputs[1]
        geometry.forEachTerm(x: x.shape, weight: weight.shape, y: y.shape) {
            weight.values[$1] += x.values[$0] * y.values[$2]
        }
        return weight
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let x = inputs[0], y = inputs[1]
        return [
            .apply(ConvolutionInputGradient(geometry: geometry, input: geometry.spatial(x.shape)), [y, cotangent]),
            .apply(Convolution(geometry: geometry), [x, cotangent]),
        ]
    }
}

extension ConvolutionGeometry {
    /// Calls `body` for every product x[i] weight[j] that belongs to y[k], with i, j and k.
    ///
    /// All three primitives are sums of these products, each over the two indices that its result lacks.
    @inline(__always)
    func forEachTerm(x: Shape, weight: Shape, y: Shape, _ body: (Int, Int, Int) -> Void) {
        let inputs = x[rank + 1] / groups, outputs = y[rank + 1] / groups
        let output = spatial(y), kernel = spatial(weight), input = spatial(x)
        let positions = Shape(output), taps = Shape(kernel)
        for sample in 0..<x[0] {
            var position = sample * positions.count
            positions.forEachIndex { p in
                var tap = 0
                taps.forEachIndex { k in
                    defer { tap += 1 }
                    var place = sample
                    for axis in 0..<rank {
                        let at = p[axis] * stride[axis] - before[axis] + k[axis] * dilation[axis]
                        guard (0..<input[axis]).contains(at) else { return }
                        place = place * input[axis] + at
                    }
                    for o in 0..<groups * outputs {
                        let first = place * groups * inputs + o / outputs * inputs
                        for c in 0..<inputs {
                            body(first + c, (o * taps.count + tap) * inputs + c, position * groups * outputs + o)
                        }
                    }
                }
                position += 1
            }
        }
    }
}

extension Tensor {
    /// The convolution of this signal [N, C, input...] with `weight` [O, C / groups, kernel...]: [N, O, output...].
    ///
    /// It is the cross-correlation that PyTorch calls convolution; shapes and `geometry` mean what they mean there.
    public func convolved(with weight: Tensor, _ geometry: ConvolutionGeometry) -> Tensor {
        Tensor.apply(Convolution(geometry: geometry), [channelsLast, weight.channelsLast]).channelsFirst
    }

    /// The transposed convolution of this signal [N, C, input...] with `weight` [C, O / groups, kernel...]:
    /// [N, O, output...], the output being (input - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1.
    ///
    /// `geometry` is that of the convolution which leads from the output's shape to the input's; its `after` already
    /// lacks `outputPadding`.
    public func transposeConvolved(with weight: Tensor, _ geometry: ConvolutionGeometry) -> Tensor {
        let output = geometry.inputs(
            Array(shape.dimensions.dropFirst(2)), kernel: Array(weight.shape.dimensions.dropFirst(2)))
        let gradient = ConvolutionInputGradient(geometry: geometry, input: output)
        return Tensor.apply(gradient, [channelsLast, weight.channelsLast]).channelsFirst
    }

    /// [N, C, ...] as [N, ..., C].
    public var channelsLast: Tensor {
        rank < 3 ? self : transposed([0] + Array(2..<rank) + [1])
    }

    /// [N, ..., C] as [N, C, ...].
    public var channelsFirst: Tensor {
        rank < 3 ? self : transposed([0, rank - 1] + Array(1..<rank - 1))
    }
}
