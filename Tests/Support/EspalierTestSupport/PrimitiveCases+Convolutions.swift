import EspalierGraph

extension PrimitiveCase {
    /// Convolutions and poolings over one to three axes.
    static let convolutions: [PrimitiveCase] = {
        func convolution(
            _ name: String, _ x: Shape, _ weight: Shape, _ geometry: ConvolutionGeometry
        ) -> PrimitiveCase {
            .init("convolution \(name)", .uniform(-1...1), .uniform(-1...1), shapes: [x, weight]) {
                $0[0].convolved(with: $0[1], geometry)
            }
        }
        func transposed(
            _ name: String, _ x: Shape, _ weight: Shape, _ geometry: ConvolutionGeometry
        ) -> PrimitiveCase {
            .init("transposed convolution \(name)", .uniform(-1...1), .uniform(-1...1), shapes: [x, weight]) {
                $0[0].transposeConvolved(with: $0[1], geometry)
            }
        }
        return [
            convolution("plain", [2, 3, 5, 4], [4, 3, 3, 2], .init(rank: 2)),
            convolution("along a line", [2, 2, 7], [3, 2, 3], .init(rank: 1, stride: [2], before: [1])),
            convolution(
                "in space", [1, 2, 3, 4, 3], [2, 2, 2, 3, 2], .init(rank: 3, stride: [1, 2, 1], before: [1, 1, 0])),
            convolution(
                "with strides and padding", [2, 2, 6, 5], [3, 2, 3, 3], .init(rank: 2, stride: [2, 3], before: [1, 2])),
            convolution(
                "padded on one side", [1, 2, 4, 4], [2, 2, 2, 2], .init(rank: 2, before: [0, 0], after: [1, 1])),
            convolution(
                "dilated", [1, 2, 7, 6], [2, 2, 3, 2], .init(rank: 2, before: [2, 0], dilation: [2, 3])),
            convolution("of groups", [2, 4, 4, 4], [6, 2, 3, 3], .init(rank: 2, before: [1, 1], groups: 2)),
            convolution("of every channel", [2, 3, 4, 5], [6, 1, 3, 3], .init(rank: 2, before: [1, 1], groups: 3)),
            convolution("of points", [2, 5, 3, 3], [4, 5, 1, 1], .init(rank: 2)),
            convolution("of points apart", [1, 3, 5, 5], [4, 3, 1, 1], .init(rank: 2, stride: [2, 2])),
            convolution("larger", [3, 8, 9, 11], [16, 8, 3, 3], .init(rank: 2, stride: [2, 1], before: [1, 1])),
            transposed("plain", [2, 3, 3, 4], [3, 2, 2, 3], .init(rank: 2)),
            transposed("along a line", [2, 4, 3], [4, 1, 4], .init(rank: 1, stride: [2], before: [1], groups: 2)),
            transposed(
                "with output padding", [1, 2, 3, 3], [2, 2, 3, 3],
                .init(rank: 2, stride: [2, 2], before: [1, 1], after: [0, 0])),
            transposed(
                "with more output padding than padding", [1, 2, 3], [2, 3, 2],
                .init(rank: 1, stride: [3], before: [0], after: [-2])),
            transposed("in space", [1, 2, 2, 2, 2], [2, 2, 2, 2, 2], .init(rank: 3, stride: [2, 1, 2])),
            // A convolution that does not reach its operand's end.
            .init("gradient of a convolution", .uniform(-1...1), .uniform(-1...1), shapes: [[1, 2, 6], [2, 2, 2]]) {
                let y = $0[0].convolved(with: $0[1], .init(rank: 1, stride: [3]))
                return Tensor.pullback([y], cotangents: [y], by: [$0[0]])[0] + $0[0]
            },
            .init("weight gradient", .uniform(-1...1), .uniform(-1...1), shapes: [[2, 2, 5, 4], [3, 2, 2, 3]]) {
                let y = $0[0].convolved(with: $0[1], .init(rank: 2, stride: [2, 1], before: [1, 1]))
                return Tensor.pullback([y], cotangents: [y], by: [$0[1]])[0]
            },
        ]
    }()

    static let poolings: [PrimitiveCase] = {
        func pools(_ name: String, _ x: Shape, _ windows: PoolingWindows) -> [PrimitiveCase] {
            [
                .init("maximum pool \(name)", .distinct(offset: 0), shapes: [x]) { $0[0].maximumPooled(windows) },
                .init("maximum pool's gradient \(name)", .distinct(offset: 0), .uniform(-1...1), shapes: [x, x]) {
                    let y = $0[0].maximumPooled(windows)
                    return Tensor.pullback([y], cotangents: [$0[1].averagePooled(windows)], by: [$0[0]])[0]
                },
                .init("average pool \(name)", .uniform(-1...1), shapes: [x]) { $0[0].averagePooled(windows).squared() },
                .init("average pool's gradient \(name)", .uniform(-1...1), shapes: [x]) {
                    let y = $0[0].averagePooled(windows)
                    return Tensor.pullback([y], cotangents: [y], by: [$0[0]])[0]
                },
            ]
        }
        return pools("of halves", [2, 3, 4, 6], .sliding([2, 2]))
            + pools("that overlap", [2, 2, 5, 6], .sliding([3, 2], stride: [2, 1], padding: [1, 0]))
            + pools(
                "rounded up", [1, 2, 6, 5, 4],
                .sliding([3, 3, 3], stride: [2, 2, 3], padding: [1, 1, 1], roundsUp: true))
            + pools(
                "rounded up without the padding", [1, 2, 6, 5],
                .sliding([3, 3], stride: [2, 2], padding: [1, 1], roundsUp: true, countsPadding: false))
            + pools("dilated", [2, 2, 9], .sliding([3], stride: [1], padding: [1], dilation: [2]))
            + pools("to a number of windows", [2, 2, 7, 5], .adaptive([3, 4]))
            + pools("of everything", [2, 3, 3, 4], .adaptive([1, 1]))
            + pools("of many channels", [2, 70, 4, 4], .sliding([3, 3], stride: [1, 1]))
    }()
}
