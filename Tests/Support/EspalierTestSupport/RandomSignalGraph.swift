import EspalierGraph

/// A network over spatial axes drawn at random: convolutions and poolings, and between them what layers are made of.
public struct RandomSignalGraph {
    /// A loss, some of what lies on the way, and the gradients of some leaves.
    public private(set) var outputs: [Tensor] = []

    private var random: RandomStream
    private var pool: [Tensor] = []
    private var leaves: [Tensor] = []
    private let largest: Int

    /// - Parameter largest: Elements of a tensor at most.
    public init(seed: UInt64, steps: Int = 8, largest: Int = 400) {
        random = RandomStream(seed: seed, "random signal graph")
        self.largest = largest
        let axes = 1 + below(3)
        let shape = [1 + below(2), 1 + below(4)] + (0..<axes).map { _ in 1 + below(axes == 1 ? 9 : 5) }
        pool = [leaf(Shape(shape))]
        for _ in 0..<2 + below(steps) { grow() }
        let loss = pool.suffix(3).map { $0.tanh().mean() }.reduce(0, +)
        outputs = [loss] + loss.gradients(by: leaves) + (0..<2).map { _ in pool[below(pool.count)] }
    }

    private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

    private mutating func leaf(_ shape: Shape) -> Tensor {
        let values = (0..<shape.count).map { _ in Float(random.uniform() * 2 - 1) }
        let leaf = Tensor(values, shape)
        leaves.append(leaf)
        return leaf
    }

    private mutating func grow() {
        let x = pool[max(0, pool.count - 1 - below(3))]
        guard x.rank >= 3 else { return }
        let y: Tensor
        switch below(17) {
        case 0...3: y = convolved(x)
        case 4: y = transposeConvolved(x)
        case 5, 6: y = pooled(x)
        case 7: y = x.relu()
        case 8: y = x.standardized(axes: [0] + Array(2..<x.rank), eps: 0.1)
        case 9: y = x * perChannel(x) + perChannel(x)
        case 10: y = added(x)
        case 11: y = .concatenate([x, added(x).exp()], axis: below(2))
        case 12: y = cut(x)
        case 13: y = reduced(x)
        case 14: y = regrouped(x)
        case 15: y = x.recomputed { x in convolved(x.relu()).sigmoid() }
        default:
            let key = Tensor([3, 4] as [Int32], [2])
            y = .select(
                Tensor.randomUniform(x.shape, key: key) .< 0.7, x,
                Tensor.iota(x.shape, axis: below(x.rank))
                    .cast(to: .float32) * 0.1)
        }
        if y.count <= largest, y.count > 0 { pool.append(below(3) == 0 ? y.tanh() : y) }
    }

    private mutating func perChannel(_ x: Tensor) -> Tensor {
        leaf(Shape([1, x.shape[1]] + [Int](repeating: 1, count: x.rank - 2)))
    }

    private mutating func geometry(_ x: Tensor, groups: Int) -> ConvolutionGeometry {
        let axes = x.rank - 2
        return ConvolutionGeometry(
            rank: axes, stride: (0..<axes).map { _ in 1 + below(2) }, before: (0..<axes).map { _ in below(3) },
            after: (0..<axes).map { _ in below(2) }, dilation: (0..<axes).map { _ in 1 + below(2) }, groups: groups)
    }

    private mutating func groups(_ channels: Int) -> Int {
        let divisors = (1...channels).filter { channels % $0 == 0 }
        return divisors[below(divisors.count)]
    }

    private mutating func convolved(_ x: Tensor) -> Tensor {
        let groups = groups(x.shape[1]), geometry = geometry(x, groups: groups)
        let kernel = (0..<geometry.rank).map { _ in 1 + below(3) }
        guard geometry.outputs(Array(x.shape.dimensions.dropFirst(2)), kernel: kernel) != nil else { return x }
        let weight = leaf(Shape([groups * (1 + below(3)), x.shape[1] / groups] + kernel))
        return x.convolved(with: weight, geometry) * 0.5
    }

    private mutating func transposeConvolved(_ x: Tensor) -> Tensor {
        let groups = groups(x.shape[1]), geometry = geometry(x, groups: groups)
        let kernel = (0..<geometry.rank).map { _ in 1 + below(3) }
        let output = geometry.inputs(Array(x.shape.dimensions.dropFirst(2)), kernel: kernel)
        guard output.allSatisfy({ (1...12).contains($0) }) else { return x }
        let weight = leaf(Shape([x.shape[1], 1 + below(2)] + kernel))
        return x.transposeConvolved(with: weight, geometry) * 0.5
    }

    private mutating func pooled(_ x: Tensor) -> Tensor {
        let extents = x.shape.dimensions.dropFirst(2)
        let windows: PoolingWindows
        if below(2) == 0 {
            windows = .adaptive(extents.map { 1 + below($0) })
        } else {
            let sizes = extents.map { 1 + below($0) }
            windows = .sliding(
                sizes, stride: sizes.map { _ in 1 + below(2) }, padding: sizes.map { below($0 / 2 + 1) },
                roundsUp: below(2) == 0, countsPadding: below(2) == 0)
        }
        return below(2) == 0 ? x.maximumPooled(windows) : x.averagePooled(windows)
    }

    /// `x` and another tensor that fits, of the same layout or not.
    private mutating func added(_ x: Tensor) -> Tensor {
        let fitting = pool.filter { x.shape.broadcast(with: $0.shape) == x.shape }
        let other = below(4) == 0 ? leaf(x.shape) : fitting[below(fitting.count)]
        return below(2) == 0 ? x + other : .select(x .> other, x, other)
    }

    private mutating func cut(_ x: Tensor) -> Tensor {
        if below(2) == 0 {
            return x.padded(
                before: x.shape.dimensions.map { _ in below(2) }, after: x.shape.dimensions.map { _ in below(2) },
                between: x.shape.dimensions.map { _ in below(8) / 7 }, value: 0.25)
        }
        let axis = below(x.rank), start = below(x.shape[axis])
        if below(3) == 0 {
            return x.gather(Tensor([Int32(start), Int32(start), 0], [3]), axis: axis)
        }
        return x.slice(start..<start + 1 + below(x.shape[axis] - start), axis: axis)
    }

    private mutating func reduced(_ x: Tensor) -> Tensor {
        let axes = (0..<x.rank).filter { _ in below(2) == 0 }
        let keeps = below(2) == 0
        // Rounding decides which elements are the largest, so that nothing could be told of a maximum's derivative.
        let result =
            below(2) == 0
            ? x.mean(axes: axes, keepDimensions: keeps) : x.max(axes: axes, keepDimensions: keeps).stopGradient()
        return keeps ? x - result : result
    }

    /// Axes split or joined, something done, and back again.
    private mutating func regrouped(_ x: Tensor) -> Tensor {
        switch below(3) {
        case 0:
            let groups = groups(x.shape[1])
            let split = Shape([x.shape[0], groups, x.shape[1] / groups] + x.shape.dimensions.dropFirst(2))
            let grouped = x.reshaped(to: split)
            return (grouped - grouped.mean(axes: Array(2..<split.rank), keepDimensions: true)).reshaped(to: x.shape)
        case 1:
            let joined = x.reshaped(to: [x.shape[0], x.shape[1], x.count / (x.shape[0] * x.shape[1])])
            return joined.softmax().reshaped(to: x.shape) + x
        default: return x.transposed(Array(0..<x.rank).shuffled(using: &random))
        }
    }
}
