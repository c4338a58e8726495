/// How a pooling lays its windows over the spatial axes, whatever their extents.
public enum PoolingWindows: Sendable, Hashable {
    /// Windows of one size at equal distances; a number for each axis. See `PoolingAxis`.
    case sliding(
        window: [Int], stride: [Int], padding: [Int], dilation: [Int], roundsUp: Bool, countsPadding: Bool)
    /// So many windows along each axis, which together hold everything.
    case adaptive([Int])

    /// Windows of one size at equal distances.
    ///
    /// - Parameters:
    ///   - window: Elements of a window along each axis.
    ///   - stride: From one window to the next; as much as the window if not given.
    ///   - padding: Places around the elements that windows may reach into; none if not given.
    ///   - dilation: From one element of a window to the next; one if not given.
    ///   - roundsUp: Whether the last window may reach behind the padding.
    ///   - countsPadding: Whether an average divides by the padding's places too.
    public static func sliding(
        _ window: [Int], stride: [Int]? = nil, padding: [Int]? = nil, dilation: [Int]? = nil, roundsUp: Bool = false,
        countsPadding: Bool = true
    ) -> PoolingWindows {
        .sliding(
            window: window, stride: stride ?? window, padding: padding ?? window.map { _ in 0 },
            dilation: dilation ?? window.map { _ in 1 }, roundsUp: roundsUp, countsPadding: countsPadding)
    }

    /// The number of spatial axes.
    public var rank: Int {
        switch self {
        case .sliding(let window, _, _, _, _, _): window.count
        case .adaptive(let counts): counts.count
        }
    }

    /// The windows along axes of the given extents.
    ///
    /// - Throws: `ShapeError` where they do not fit.
    public func axes(of extents: [Int]) throws(ShapeError) -> [PoolingAxis] {
        guard extents.count == rank else {
            throw ShapeError("pooling", "windows over \(rank) spatial axes meet \(extents.count)", [])
        }
        var axes: [PoolingAxis] = []
        for (axis, extent) in extents.enumerated() {
            switch self {
            case .sliding(let window, let stride, let padding, let dilation, let roundsUp, let countsPadding):
                axes.append(
                    try PoolingAxis(
                        extent: extent, window: window[axis], stride: stride[axis], padding: padding[axis],
                        dilation: dilation[axis], roundsUp: roundsUp, countsPadding: countsPadding))
            case .adaptive(let counts): axes.append(try PoolingAxis(extent: extent, adaptive: counts[axis]))
            }
        }
        return axes
    }
}

extension Tensor {
    /// The largest element of each window of [N, C, ...]; the first of equals.
    ///
    /// Places beyond the ends never win.
    public func maximumPooled(_ windows: PoolingWindows) -> Tensor {
        let x = channelsLast
        return Tensor.apply(MaximumPool(axes: axes(windows).map(\.withoutDivisors)), [x, x]).channelsFirst
    }

    /// The average of each window of [N, C, ...].
    public func averagePooled(_ windows: PoolingWindows) -> Tensor {
        // A single window over everything is a plain mean, which joins the kernels around it.
        if rank > 2, windows == .adaptive([Int](repeating: 1, count: rank - 2)) {
            return mean(axes: Array(2..<rank), keepDimensions: true)
        }
        return Tensor.apply(AveragePool(axes: axes(windows)), [channelsLast]).channelsFirst
    }

    /// The windows over the spatial axes of this signal [N, C, ...]; those that do not fit are a programming error.
    private func axes(_ windows: PoolingWindows) -> [PoolingAxis] {
        do throws(ShapeError) {
            return try windows.axes(of: Array(shape.dimensions.dropFirst(2)))
        } catch {
            fatalError("\(error) of \(node.type)")
        }
    }
}
