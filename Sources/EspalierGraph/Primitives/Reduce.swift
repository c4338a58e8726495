/// One value out of all along some axes; the axes vanish.
public struct Reduce: Primitive {
    public enum Operation: String, Sendable, CaseIterable {
        case sum, maximum, minimum

        /// The value of no elements at all.
        public var identity: Double {
            switch self {
            case .sum: 0
            case .maximum: -.infinity
            case .minimum: .infinity
            }
        }

        func callAsFunction(_ a: Double, _ b: Double) -> Double {
            switch self {
            case .sum: a + b
            case .maximum: a.isNaN || b.isNaN ? .nan : max(a, b)
            case .minimum: a.isNaN || b.isNaN ? .nan : min(a, b)
            }
        }
    }

    public let operation: Operation
    /// In rising order.
    public let axes: [Int]

    public var description: String { "\(operation.rawValue) over \(axes)" }

    public func resultType(of inputs: [TensorType]) throws(ShapeError) -> TensorType {
        let shape = inputs[0].shape
        guard axes.allSatisfy({ (0..<shape.rank).contains($0) }), Set(axes).count == axes.count else {
            throw ShapeError(description, "axes must be distinct and among 0..<\(shape.rank)", inputs)
        }
        guard inputs[0].dtype == .float32 else {
            throw ShapeError(description, "is not defined for \(inputs[0].dtype); cast the operand first", inputs)
        }
        return TensorType(shape.removing(axes), inputs[0].dtype)
    }

    public func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray {
        var result = ReferenceArray(type.shape, repeating: operation.identity)
        inputs[0].shape.forEachIndex { index in
            let kept = index.indices.filter { !axes.contains($0) }.map { index[$0] }
            result[kept] = operation(result[kept], inputs[0][index])
        }
        return result
    }

    public func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let x = inputs[0]
        func stretched(_ y: Tensor) -> Tensor {
            y.reshaped(to: x.shape.keeping(axes)).broadcast(to: x.shape)
        }
        if operation == .sum { return [stretched(cotangent)] }
        // Equal extremes share the cotangent evenly.
        let isExtreme = (x .== stretched(output)).cast(to: .float32)
        return [isExtreme * stretched(cotangent / isExtreme.sum(axes: axes))]
    }
}

extension Tensor {
    /// Over the given axes (negative ones count from the end; all, if none are given).
    private func reduce(_ operation: Reduce.Operation, _ axes: [Int]?, _ keepDimensions: Bool) -> Tensor {
        let axes = (axes ?? Array(0..<rank)).map { $0 < 0 ? $0 + rank : $0 }.sorted()
        let result = axes.isEmpty ? self : .apply(Reduce(operation: operation, axes: axes), [self])
        return keepDimensions ? result.reshaped(to: shape.keeping(axes)) : result
    }

    public func sum(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        reduce(.sum, axes, keepDimensions)
    }

    public func max(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        reduce(.maximum, axes, keepDimensions)
    }

    public func min(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        reduce(.minimum, axes, keepDimensions)
    }

    /// The arithmetic mean.
    public func mean(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        let total = sum(axes: axes, keepDimensions: keepDimensions)
        return total * (Double(total.count) / Double(count))
    }

    /// The mean squared distance from the mean (divided by the count, not the count less one).
    public func variance(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        (self - mean(axes: axes, keepDimensions: true)).squared().mean(axes: axes, keepDimensions: keepDimensions)
    }
}
