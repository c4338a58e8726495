/// How values between the elements of a grid are found.
public enum InterpolationMode: String, Sendable, CaseIterable {
    /// The element whose cell the place lies in.
    case nearest
    /// Weighted by the distance to the neighbours along each axis: linear, bilinear, trilinear by the number of axes.
    case linear
}

extension Tensor {
    /// This tensor [N, C, ...] with its axes after the second drawn out or shortened to `size`.
    ///
    /// Output i along an axis of extent n stands at (i + 1/2) s - 1/2 of the input, at least 0 and at most n - 1, where s
    /// = n / size; with `alignCorners` at i (n - 1) / (size - 1), so that first and last stay where they are. Linear
    /// interpolation weighs the two neighbours of that place; nearest takes element floor(i s). So PyTorch's
    /// `interpolate`.
    ///
    /// - Parameters:
    ///   - size: The extents of the axes after the second.
    ///   - mode: How values are found.
    ///   - alignCorners: Whether the centres of the corner elements stay, for linear interpolation.
    ///   - factors: What s is the inverse of along each axis, where that is not size / n.
    public func interpolated(
        to size: [Int], mode: InterpolationMode, alignCorners: Bool = false, factors: [Double]? = nil
    ) -> Tensor {
        guard rank == size.count + 2, size.allSatisfy({ $0 > 0 }), shape.dimensions.dropFirst(2).allSatisfy({ $0 > 0 })
        else {
            let expected = "needs [N, C, ...] with one axis for each of the \(size.count) new extents \(size)"
            fatalError(ShapeError("interpolate", expected, [node.type]).description)
        }
        var result = self
        // The last axis first: fewer elements then go through the copies of single ones.
        for index in size.indices.reversed() where size[index] != shape[index + 2] || factors != nil {
            let grid = Grid(
                input: shape[index + 2], output: size[index], alignsCorners: alignCorners, factor: factors?[index])
            switch mode {
            case .nearest: result = result.nearest(grid, axis: index + 2)
            case .linear: result = result.linear(grid, axis: index + 2)
            }
        }
        return result
    }

    private func nearest(_ grid: Grid, axis: Int) -> Tensor {
        if grid.isRepetition {
            var dimensions = shape.dimensions
            dimensions.insert(grid.output / grid.input, at: axis + 1)
            let repeated = expanded(at: axis + 1).broadcast(to: Shape(dimensions))
            dimensions.remove(at: axis + 1)
            dimensions[axis] = grid.output
            return repeated.reshaped(to: Shape(dimensions))
        }
        return gather(Tensor(grid.nearest.map(Int32.init), [grid.output]), axis: axis)
    }

    private func linear(_ grid: Grid, axis: Int) -> Tensor {
        let places = grid.places
        func neighbours(_ index: (Double) -> Int) -> Tensor {
            gather(Tensor(places.map { Int32(index($0)) }, [grid.output]), axis: axis)
        }
        let first = neighbours { Int($0) }, second = neighbours { Swift.min(Int($0) + 1, grid.input - 1) }
        let along = [Int](repeating: 1, count: rank - axis - 1)
        let share = Tensor(places.map { Float($0 - $0.rounded(.down)) }, Shape([grid.output] + along))
        return first + (second - first) * share
    }
}

/// Where the elements of an axis come from.
private struct Grid {
    var input: Int
    var output: Int
    var alignsCorners: Bool
    var factor: Double?

    /// Whether every element is only repeated, all equally often.
    var isRepetition: Bool {
        output % input == 0 && (factor == nil || factor == Double(output / input))
    }

    /// floor(i s); in whole numbers where s is a ratio of them.
    var nearest: [Int] {
        (0..<output).map { i in
            min(factor.map { Int((Double(i) / $0).rounded(.down)) } ?? i * input / output, input - 1)
        }
    }

    /// The place of each output between the elements of the input.
    var places: [Double] {
        (0..<output).map { i in
            let place =
                alignsCorners
                ? (output == 1 ? 0 : Double(i * (input - 1)) / Double(output - 1))
                : (Double(i) + 0.5) * (factor.map { 1 / $0 } ?? Double(input) / Double(output)) - 0.5
            return min(max(place, 0), Double(input - 1))
        }
    }
}
