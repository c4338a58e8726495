import EspalierGraph
import EspalierSpec

// Convolutions and poolings: ours are channels last, ONNX's channels first.
extension ONNXTranslation {
    /// [N, ..., C] as [N, C, ...].
    private func channelsFirst(_ node: Node) throws -> String {
        let rank = node.type.shape.rank
        return try name(node, order: [0, rank - 1] + Array(1..<rank - 1))
    }

    /// A value [N, C, ...] in the place of a result [N, ..., C].
    private func channelsLast(_ name: String, rank: Int) -> Value {
        Value(name: name, order: [0] + Array(2..<rank) + [1])
    }

    func convolved(_ node: Node, _ geometry: ConvolutionGeometry) throws -> Value {
        var x = try channelsFirst(node.inputs[0])
        // Elements that no window reaches; ONNX knows no negative padding.
        let cut = geometry.after.indices.filter { geometry.after[$0] < 0 }
        if !cut.isEmpty {
            let extents = node.inputs[0].type.shape.dimensions.dropFirst()
            x = add(
                "Slice",
                [
                    x, integers(cut.map { _ in 0 }), integers(cut.map { extents[$0 + 1] + geometry.after[$0] }),
                    integers(cut.map { $0 + 2 }),
                ])
        }
        let y = add(
            "Conv", [x, try channelsFirst(node.inputs[1])],
            attributes(geometry, padding: geometry.before + geometry.after.map { max(0, $0) }))
        return channelsLast(y, rank: node.type.shape.rank)
    }

    func transposeConvolved(_ node: Node, _ transposed: ConvolutionInputGradient) throws -> Value {
        let geometry = transposed.geometry
        let input = Array(node.inputs[0].type.shape.dimensions.dropFirst().dropLast())
        let kernel = Array(node.inputs[1].type.shape.dimensions.dropFirst().dropLast())
        // How much more there is to be than what the kernels write from the padding ahead on.
        let surplus = transposed.input.indices.map { axis in
            let written = (input[axis] - 1) * geometry.stride[axis] + geometry.dilation[axis] * (kernel[axis] - 1) + 1
            return transposed.input[axis] - (written - geometry.before[axis])
        }
        let y = add(
            "ConvTranspose", [try channelsFirst(node.inputs[0]), try channelsFirst(node.inputs[1])],
            attributes(geometry, padding: geometry.before + surplus.map { max(0, -$0) })
                + [.integers("output_padding", surplus.map { max(0, $0) })])
        return channelsLast(y, rank: node.type.shape.rank)
    }

    private func attributes(_ geometry: ConvolutionGeometry, padding: [Int]) -> [ONNXGraph.Attribute] {
        [
            .integers("strides", geometry.stride), .integers("pads", padding),
            .integers("dilations", geometry.dilation), .integer("group", geometry.groups),
        ]
    }

    // MARK: Pooling

    func maximumPooled(_ node: Node, _ axes: [PoolingAxis]) throws -> Value {
        guard node.inputs[0] === node.inputs[1] else { throw unsupported(node) }
        let x = try channelsFirst(node.inputs[0]), rank = node.type.shape.rank
        if let windows = axes.windows {
            return channelsLast(add("MaxPool", [x], windows.attributes + windows.dilation), rank: rank)
        }
        // Windows of different sizes one by one, along one axis after the other.
        let y = axes.enumerated().reduce(x) { x, axis in
            let at = integers([axis.offset + 2])
            let parts = zip(axis.element.starts, axis.element.ends).map { start, end in
                let part = add("Slice", [x, integers([start]), integers([end]), at, integers([axis.element.step])])
                return add("ReduceMax", [part, at], [.integer("keepdims", 1)])
            }
            return add("Concat", parts, [.integer("axis", axis.offset + 2)])
        }
        return channelsLast(y, rank: rank)
    }

    func averagePooled(_ node: Node, _ axes: [PoolingAxis]) throws -> Value {
        let x = try channelsFirst(node.inputs[0]), rank = node.type.shape.rank
        if let windows = axes.windows, axes.allSatisfy({ $0.step == 1 }) {
            let isFull = axes.indices.allSatisfy { axis in
                axes[axis].divisors.allSatisfy { $0 == windows.size[axis] }
            }
            let isClipped = axes.allSatisfy { axis in
                axis.divisors.indices.allSatisfy { axis.divisors[$0] == axis.ends[$0] - axis.starts[$0] }
            }
            if isFull || isClipped {
                let counts = ONNXGraph.Attribute.integer("count_include_pad", isFull ? 1 : 0)
                return channelsLast(add("AveragePool", [x], windows.attributes + [counts]), rank: rank)
            }
        }
        // Otherwise a product with what each element counts in each window, along one axis after the other.
        let y = axes.enumerated().reduce(x) { x, axis in
            var order = Array(0..<rank)
            order.swapAt(axis.offset + 2, rank - 1)
            func swapped(_ name: String) -> String {
                axis.offset + 3 == rank ? name : add("Transpose", [name], [.integers("perm", order)])
            }
            let shares = axis.element.shares
            let weight = addInitializer(shares, .float32, [axis.element.extent, axis.element.count])
            return swapped(add("MatMul", [swapped(x), weight]))
        }
        return channelsLast(y, rank: rank)
    }
}

extension PoolingAxis {
    /// What each element (row) counts in the average of each window (column).
    fileprivate var shares: [Float] {
        var shares = [Float](repeating: 0, count: extent * count)
        for window in 0..<count {
            for element in stride(from: starts[window], to: ends[window], by: step) {
                shares[element * count + window] = 1 / Float(divisors[window])
            }
        }
        return shares
    }

    /// Size, stride and padding of the windows, where they have one size and equal distances and ONNX takes them so.
    fileprivate var window: (size: Int, stride: Int, before: Int, after: Int)? {
        let distances = zip(starts, starts.dropFirst()).map { $1 - $0 } + zip(ends, ends.dropFirst()).map { $1 - $0 }
        let largest = zip(starts, ends).map { ($1 - $0 + step - 1) / step }.max() ?? 1
        // A window that is cut off at both ends shows less than its size.
        for size in largest...2 * largest {
            for stride in Set(distances + [1]).sorted() where stride >= 1 {
                for before in 0...size / 2 where isLaid(size, stride, before) {
                    let span = step * (size - 1) + 1
                    let after = max(0, (count - 1) * stride - before + span - extent)
                    guard after < size, (extent + before + after - span) / stride + 1 == count else { continue }
                    return (size, stride, before, after)
                }
            }
        }
        return nil
    }

    /// Whether windows of that size, stride and padding are these.
    private func isLaid(_ size: Int, _ stride: Int, _ padding: Int) -> Bool {
        [false, true].contains { roundsUp in
            let axis = try? PoolingAxis(
                extent: extent, window: size, stride: stride, padding: padding, dilation: step, roundsUp: roundsUp)
            return axis?.starts == starts && axis?.ends == ends
        }
    }
}

extension [PoolingAxis] {
    fileprivate typealias Windows = (
        size: [Int], attributes: [ONNXGraph.Attribute], dilation: [ONNXGraph.Attribute]
    )

    /// The windows as ONNX's poolings have them, where they do.
    fileprivate var windows: Windows? {
        let windows = compactMap(\.window)
        guard windows.count == count else { return nil }
        return (
            windows.map(\.size),
            [
                .integers("kernel_shape", windows.map(\.size)), .integers("strides", windows.map(\.stride)),
                .integers("pads", windows.map(\.before) + windows.map(\.after)),
            ],
            [.integers("dilations", map(\.step))]
        )
    }
}
