/// The windows of a pooling along one spatial axis.
///
/// Window i holds the elements `starts[i]`, `starts[i] + step`, … below `ends[i]`, at least one. This says everything
/// that kinds of pooling differ in: strides, padding, dilation, how the end is rounded, adaptive windows.
public struct PoolingAxis: Sendable, Hashable {
    /// Elements along the axis.
    public var extent: Int
    public var starts: [Int]
    public var ends: [Int]
    public var step: Int
    /// What an average divides by along this axis.
    public var divisors: [Int]

    /// The number of windows.
    public var count: Int { starts.count }

    /// Windows of one size at equal distances, as PyTorch's poolings lay them.
    ///
    /// There are floor((extent + 2 padding - dilation (window - 1) - 1) / stride) + 1 of them. With `roundsUp` the
    /// quotient is rounded up, and a window that would begin behind the elements and the padding ahead is left out.
    ///
    /// - Parameters:
    ///   - extent: Elements along the axis.
    ///   - window: Elements in a window.
    ///   - stride: Elements from the start of a window to that of the next.
    ///   - padding: Elements put before the first and behind the last.
    ///   - dilation: Elements from one of a window to its next.
    ///   - roundsUp: Whether a last window may reach beyond the padding.
    ///   - countsPadding: Whether an average divides by the padding's elements too.
    /// - Throws: `ShapeError` where no window fits, or a window has padding alone.
    public init(
        extent: Int, window: Int, stride: Int, padding: Int = 0, dilation: Int = 1, roundsUp: Bool = false,
        countsPadding: Bool = true
    ) throws(ShapeError) {
        func fail(_ problem: String) -> ShapeError {
            ShapeError(
                "pooling", "\(problem): window \(window), stride \(stride), padding \(padding), dilation \(dilation)",
                [TensorType([extent])])
        }
        guard window >= 1, stride >= 1, dilation >= 1, padding >= 0, padding <= window / 2 else {
            throw fail("needs positive numbers, and at most half a window of padding")
        }
        let span = dilation * (window - 1) + 1
        let free = extent + 2 * padding - span
        guard free >= 0 else { throw fail("the window does not fit") }
        var count = (free + (roundsUp ? stride - 1 : 0)) / stride + 1
        if roundsUp, (count - 1) * stride >= extent + padding { count -= 1 }
        let first = (0..<count).map { $0 * stride - padding }
        self.extent = extent
        step = dilation
        starts = first.map { $0 >= 0 ? $0 : $0 + (-$0 + dilation - 1) / dilation * dilation }
        ends = first.map { min($0 + span, extent) }
        guard zip(starts, ends).allSatisfy({ $0 < $1 }) else { throw fail("a window has padding alone") }
        divisors = zip(first, starts).map { first, start in
            let end = min(first + span, countsPadding ? extent + padding : extent)
            return (end - (countsPadding ? first : start) + dilation - 1) / dilation
        }
    }

    /// As many windows as are asked for: window i from floor(i extent / count) to ceil((i + 1) extent / count).
    ///
    /// - Throws: `ShapeError` where there is nothing to pool.
    public init(extent: Int, adaptive count: Int) throws(ShapeError) {
        guard extent >= 1, count >= 1 else {
            throw ShapeError("adaptive pooling", "needs at least one window and one element", [TensorType([extent])])
        }
        self.extent = extent
        step = 1
        starts = (0..<count).map { $0 * extent / count }
        ends = (0..<count).map { (($0 + 1) * extent + count - 1) / count }
        divisors = zip(starts, ends).map { $1 - $0 }
    }

    /// One window over one element: what an axis that is not there has.
    public static let single = PoolingAxis(extent: 1, starts: [0], ends: [1], step: 1, divisors: [1])

    private init(extent: Int, starts: [Int], ends: [Int], step: Int, divisors: [Int]) {
        self.extent = extent
        self.starts = starts
        self.ends = ends
        self.step = step
        self.divisors = divisors
    }

    /// The same windows, without what only averages differ in.
    var withoutDivisors: PoolingAxis {
        var copy = self
        copy.divisors = []
        return copy
    }
}

extension [PoolingAxis] {
    var words: String {
        map { "\($0.extent) to \($0.count)" }.joined(separator: ", ")
    }

    /// [N, extents..., C] or [N, counts..., C], as the first operand has N and C.
    func shape(like type: TensorType, _ extents: (PoolingAxis) -> Int) -> Shape {
        Shape(type.shape.dimensions.prefix(1) + map(extents) + type.shape.dimensions.suffix(1))
    }

    /// Checks that operand `index` is [N, extents..., C].
    func check(
        _ name: String, _ index: Int, _ inputs: [TensorType], _ extents: (PoolingAxis) -> Int
    ) throws(ShapeError) {
        guard (1...3).contains(count), inputs.allSatisfy({ $0.dtype == .float32 && $0.shape.rank == count + 2 }),
            inputs[index].shape == shape(like: inputs[0], extents)
        else {
            throw ShapeError(
                name, "operand \(index) must be float32 [samples, \(map(extents)), channels]", inputs)
        }
    }

    /// Calls `body` for every window of every sample with its number, and where its elements' channels begin.
    func forEachWindow(samples: Int, channels: Int, _ body: (_ window: Int, _ elements: [Int]) -> Void) {
        let counts = Shape(map(\.count))
        for sample in 0..<samples {
            var window = sample * counts.count
            counts.forEachIndex { index in
                var places = [sample]
                for (axis, number) in zip(self, index) {
                    let along = stride(from: axis.starts[number], to: axis.ends[number], by: axis.step)
                    places = places.flatMap { place in along.map { place * axis.extent + $0 } }
                }
                body(window, places.map { $0 * channels })
                window += 1
            }
        }
    }

    /// What the average of window number `window` divides by.
    func divisor(_ window: Int) -> Double {
        var rest = window, product = 1
        for axis in reversed() {
            product *= axis.divisors[rest % axis.count]
            rest /= axis.count
        }
        return Double(product)
    }
}
