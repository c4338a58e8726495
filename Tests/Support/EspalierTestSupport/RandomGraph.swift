import EspalierEngine
import EspalierGraph

/// A computation drawn at random: outputs, gradients, and updates of states that read one another.
public struct RandomGraph {
    public private(set) var computation: Computation
    /// The memory that leaves stand for.
    public private(set) var storages: [Storage] = []

    private var random: RandomStream
    /// Floating-point tensors to go on from.
    private var pool: [Tensor] = []
    private var states: [Tensor] = []
    private let key: Tensor
    private let extents: [Int]
    private let largest: Int

    /// - Parameters:
    ///   - extents: What axes are made of.
    ///   - largest: Elements of a tensor at most.
    public init(seed: UInt64, steps: Int = 14, extents: [Int] = [1, 2, 3, 4, 5], largest: Int = 300) {
        random = RandomStream(seed: seed, "random graph")
        self.extents = extents
        self.largest = largest
        let keys = Storage(count: 2)
        keys.integers[0] = Int32(truncatingIfNeeded: seed)
        keys.integers[1] = -5
        key = Tensor(keys, [2], .int32, name: "key")
        computation = Computation(outputs: [])
        storages = [keys]
        for index in 0..<Int.random(in: 1...3, using: &random) {
            let shape = index > 0 && chance(0.5) ? states[0].shape : drawnShape()
            states.append(leaf(shape, "state \(index)"))
        }
        pool = states + [leaf(drawnShape(), "data")]
        for _ in 0..<Int.random(in: 2...steps, using: &random) { grow() }
        if chance(0.5) { differentiate() }
        let outputs = (0..<Int.random(in: 1...3, using: &random)).map { _ in element(of: pool) }
        computation = Computation(outputs: outputs, updates: updates())
    }

    private mutating func chance(_ share: Double) -> Bool { random.uniform() < share }
    private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
    private mutating func element<T>(of list: [T]) -> T { list[below(list.count)] }

    private mutating func drawnShape() -> Shape {
        var dimensions: [Int] = []
        for _ in 0..<below(4) {
            let extent = element(of: extents)
            if dimensions.reduce(extent, *) <= largest { dimensions.append(extent) }
        }
        return Shape(dimensions)
    }

    private mutating func leaf(_ shape: Shape, _ name: String) -> Tensor {
        let storage = Storage(count: shape.count)
        for index in 0..<shape.count { storage.floats[index] = Float(random.uniform() * 3 - 1.5) }
        storages.append(storage)
        return Tensor(storage, shape, name: name)
    }

    private mutating func add(_ tensor: Tensor) {
        guard tensor.count <= largest, tensor.rank <= 6 else { return }
        // Values stay small: now and then they are squeezed.
        pool.append(chance(0.15) ? tensor.tanh() : tensor)
    }

    /// A tensor that broadcasts with `x`.
    private mutating func partner(of x: Tensor) -> Tensor {
        let fitting = pool.filter { x.shape.broadcast(with: $0.shape).map { $0.count <= largest } ?? false }
        return chance(0.1) ? Tensor(element(of: [0, 1, -1, 0.5, 2])) : element(of: fitting)
    }

    private mutating func recent() -> Tensor {
        chance(0.6) ? pool[max(0, pool.count - 1 - below(3))] : element(of: pool)
    }

    private mutating func grow() {
        let x = recent()
        switch below(22) {
        case 0, 1: add(unary(x))
        case 2...5: add(binary(x, partner(of: x)))
        case 6: add(reshaped(x))
        case 7: add(x.transposed(Array(0..<x.rank).shuffled(using: &random)))
        case 8: add(sliced(x))
        case 9: add(stretched(x))
        case 10: add(joined(x))
        case 11: add(padded(x))
        case 12: if x.rank > 0 { add(gathered(x)) }
        case 13, 14: add(reduced(x))
        case 15, 16: multiply(x)
        case 17: if x.rank > 0 { add(alongRows(x)) }
        case 18: add(randomised(x))
        case 19: if x.rank > 0 { add(alongAxis(x)) }
        case 20: add(recomputed(x, partner(of: x)))
        default: add(chosen(x, partner(of: x)))
        }
    }

    private mutating func unary(_ x: Tensor) -> Tensor {
        switch below(14) {
        case 0: -x
        case 1: x.abs()
        case 2: x.tanh().exp()
        case 3: (x.abs() + 0.5).log()
        case 4: (x.squared() + 0.5).sqrt()
        case 5: (x.squared() + 0.5).rsqrt()
        case 6: x.tanh().squared()
        case 7: x.sin()
        case 8: x.cos()
        case 9: x.sigmoid()
        case 10: x.erf()
        case 11: x.stopGradient() * 0.5
        case 12: x.expm1().tanh()
        default: x.relu()
        }
    }

    private mutating func binary(_ x: Tensor, _ y: Tensor) -> Tensor {
        switch below(8) {
        case 0, 1: x + y
        case 2: x - y
        case 3: y - x
        case 4: x * y.tanh()
        case 5: x / (y.squared() + 0.5)
        case 6: .maximum(x, y)
        default: .minimum(x, y)
        }
    }

    private mutating func reshaped(_ x: Tensor) -> Tensor {
        var rest = x.count, dimensions: [Int] = []
        while rest > 1, dimensions.count < 4 {
            let divisors = (2...min(rest, 64)).filter { rest % $0 == 0 }
            guard !divisors.isEmpty else { break }
            dimensions.append(element(of: divisors))
            rest /= dimensions.last!
        }
        return x.reshaped(to: Shape((dimensions + (rest > 1 || chance(0.2) ? [rest] : [])).shuffled(using: &random)))
    }

    private mutating func sliced(_ x: Tensor) -> Tensor {
        let starts = x.shape.dimensions.map { below($0) }
        let steps = starts.map { _ in 1 + below(3) }
        let counts = starts.indices.map { 1 + below((x.shape[$0] - 1 - starts[$0]) / steps[$0] + 1) }
        return x.slice(starts: starts, counts: counts, steps: steps)
    }

    private mutating func stretched(_ x: Tensor) -> Tensor {
        let dimensions = x.shape.dimensions.map { $0 == 1 ? element(of: extents) : $0 }
        return x.broadcast(to: Shape((chance(0.5) ? [element(of: extents)] : []) + dimensions))
    }

    private mutating func joined(_ x: Tensor) -> Tensor {
        guard x.rank > 0 else { return .concatenate([x.expanded(at: 0), x.expanded(at: 0) * 2]) }
        let axis = chance(0.5) ? 0 : below(x.rank)
        let parts = pool.filter { $0.rank == x.rank && $0.shape.removing([axis]) == x.shape.removing([axis]) }
        return .concatenate(
            (0..<2 + below(2)).map { _ in element(of: parts + [x]) }.map { chance(0.5) ? $0 * 2 : $0 }, axis: axis)
    }

    private mutating func padded(_ x: Tensor) -> Tensor {
        func amounts(_ bound: Int) -> [Int] { x.shape.dimensions.map { _ in below(bound) } }
        return x.padded(before: amounts(3), after: amounts(2), between: amounts(2), value: element(of: [0, 0.5]))
    }

    private mutating func gathered(_ x: Tensor) -> Tensor {
        let axis = below(x.rank)
        let indices = (0..<1 + below(4)).map { _ in Int32(below(x.shape[axis])) }
        return x.gather(Tensor(indices, [indices.count]), axis: axis)
    }

    private mutating func reduced(_ x: Tensor) -> Tensor {
        let axes = (0..<x.rank).filter { _ in chance(0.6) }
        let keeps = chance(0.5)
        return switch below(5) {
        case 0: x.max(axes: axes, keepDimensions: keeps)
        case 1: x.min(axes: axes, keepDimensions: keeps)
        case 2: x.mean(axes: axes, keepDimensions: keeps)
        default: x.sum(axes: axes, keepDimensions: keeps) * 0.5
        }
    }

    private mutating func multiply(_ x: Tensor) {
        guard x.rank >= 1 else { return }
        let x = x.rank == 1 ? x.expanded(at: below(2)) : x
        let inner = x.shape[x.rank - 1], width = element(of: extents)
        let fitting = pool.filter { $0.rank >= 2 && $0.shape[$0.rank - 1] == inner && $0.rank <= x.rank }
            .filter {
                $0.shape.dimensions.dropLast(2).reversed().elementsEqual(
                    x.shape.dimensions.dropLast(2).reversed().prefix($0.rank - 2))
            }
        let isTransposed = !fitting.isEmpty && chance(0.7)
        let second = isTransposed ? element(of: fitting) : leaf([inner, width], "weights")
        var result = x.matmul(second, transposeSecond: isTransposed)
        if chance(0.5) {
            let biases = pool.filter { $0.shape == [result.shape[result.rank - 1]] }
            result = result + (biases.isEmpty ? leaf([result.shape[result.rank - 1]], "bias") : element(of: biases))
            if chance(0.7) { result = result.relu() }
        }
        add(result.tanh())
        if result.count <= largest, chance(0.3) { pool.append(result) }
    }

    private mutating func alongRows(_ x: Tensor) -> Tensor {
        switch below(4) {
        case 0: return x.softmax()
        case 1: return x.logSoftmax() * 0.1
        case 2:
            let shape = Shape(Array(x.shape.dimensions.dropLast()))
            let labels = (0..<shape.count).map { _ in Int32(below(x.shape[x.rank - 1])) }
            return x.crossEntropy(labels: Tensor(labels, shape))
        default: return x.argumentMaximum().cast(to: .float32) * 0.25
        }
    }

    private mutating func alongAxis(_ x: Tensor) -> Tensor {
        let axis = below(x.rank)
        switch below(4) {
        case 0: return x.cumulativeSum(axis: axis, reversed: chance(0.5)) * 0.25
        case 1: return x.sorted(axis: axis, descending: chance(0.5)).values
        case 2: return x.top(1 + below(x.shape[axis]), axis: axis, largest: chance(0.5)).values
        default:
            let indices = (0..<x.count).map { _ in Int32(below(x.shape[axis])) }
            return x.take(Tensor(indices, x.shape), axis: axis)
        }
    }

    /// A few operations on one or two tensors, of which nothing is kept for a derivative.
    private mutating func recomputed(_ x: Tensor, _ y: Tensor) -> Tensor {
        let first = below(14), second = below(8)
        let uniform = Tensor.randomUniform(x.shape, key: key, stream: UInt32(below(3)))
        return .recomputed([x, y]) { operands in
            let a = first < 7 ? operands[0].tanh() : operands[0].squared() * 0.25 + operands[1].sin()
            let b = second < 4 ? .select(uniform .< 0.5, operands[0] * 2, 0) : a.sigmoid() * operands[1]
            return (a + b).cos() * a
        }
    }

    private mutating func randomised(_ x: Tensor) -> Tensor {
        let uniform = Tensor.randomUniform(x.shape, key: key, stream: UInt32(below(3)))
        return chance(0.5) ? .select(uniform .< 0.5, x * 2, 0) : x + uniform
    }

    private mutating func chosen(_ x: Tensor, _ y: Tensor) -> Tensor {
        switch below(4) {
        case 0: .select(x .> y, x, 0)
        case 1: .select(.!(x .<= y), y, x.abs())
        case 2: (x * 4).cast(to: .int32).cast(to: .float32) * 0.25
        default: x.rank > 0 ? x + Tensor.iota(x.shape, axis: below(x.rank)).cast(to: .float32) * 0.125 : x
        }
    }

    private mutating func differentiate() {
        let scalar = element(of: pool).tanh().mean()
        for gradient in scalar.gradients(by: [element(of: states), element(of: pool)]) { pool.append(gradient.tanh()) }
    }
}

extension RandomGraph {
    /// New values for some states, in the ways in which optimisers and their bugs make them.
    private mutating func updates() -> [Computation.Update] {
        var updates: [Computation.Update] = []
        for state in states where chance(0.75) {
            updates.append(.init(state, newValue(of: state)))
        }
        if chance(0.3) { updates.append(.init(key, key + Tensor([1, 0] as [Int32], [2]))) }
        return updates.shuffled(using: &random)
    }

    private mutating func newValue(of state: Tensor) -> Tensor {
        let alike = (states + pool).filter { $0.shape == state.shape }
        let counted = pool.filter { $0.count == state.count }.map { $0.reshaped(to: state.shape) }
        let scalar = element(of: pool).tanh().mean()
        switch below(8) {
        case 0: return element(of: alike)
        case 1: return element(of: counted)
        case 2: return state * 0.5 + element(of: alike).tanh() * scalar
        case 3: return element(of: alike) - element(of: counted) * 0.5
        case 4 where state.rank == 2 && state.shape[0] == state.shape[1]: return state.transposed() + scalar
        case 5 where state.rank > 0 && state.shape[0] > 1: return piecewise(state, scalar)
        case 6 where state.rank == 2 && state.shape[0] == state.shape[1]:
            return (element(of: alike).matmul(state) + leaf([state.shape[1]], "bias")).relu()
        default: return element(of: [state, element(of: alike)]) + scalar
        }
    }

    /// Ranges of a state, each renewed in its own way, perhaps from one another.
    private mutating func piecewise(_ state: Tensor, _ scalar: Tensor) -> Tensor {
        let extent = state.shape[0], cut = 1 + below(extent - 1)
        let first = state.slice(0..<cut), second = state.slice(cut..<extent)
        if extent == 2 * cut, chance(0.5) { return .concatenate([second * 0.5, first + scalar]) }
        if chance(0.3) { return .concatenate([state.slice(extent - cut..<extent).tanh(), second]) }
        return .concatenate([first * 0.75 + scalar, second - second.tanh() * 0.25])
    }
}
