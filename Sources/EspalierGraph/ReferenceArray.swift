/// A tensor's values in double precision: what the reference evaluation computes with.
public struct ReferenceArray: Sendable, Hashable {
    public let shape: Shape
    public var values: [Double]

    public init(_ shape: Shape, _ values: [Double]) {
        precondition(shape.count == values.count, "\(values.count) values do not fill \(shape)")
        self.shape = shape
        self.values = values
    }

    public init(_ shape: Shape, repeating value: Double) {
        self.init(shape, [Double](repeating: value, count: shape.count))
    }

    /// An array whose value at each index is computed from that index.
    public init(_ shape: Shape, _ value: (_ index: [Int]) -> Double) {
        var values: [Double] = []
        values.reserveCapacity(shape.count)
        shape.forEachIndex { values.append(value($0)) }
        self.init(shape, values)
    }

    public subscript(index: [Int]) -> Double {
        get { values[offset(index)] }
        set { values[offset(index)] = newValue }
    }

    private func offset(_ index: [Int]) -> Int {
        zip(index, shape.strides).reduce(0) { $0 + $1.0 * $1.1 }
    }
}

extension Shape {
    /// Every index, the last axis fastest.
    func forEachIndex(_ body: ([Int]) -> Void) {
        guard count > 0 else { return }
        var index = [Int](repeating: 0, count: rank)
        for _ in 0..<count {
            body(index)
            for axis in stride(from: rank - 1, through: 0, by: -1) {
                index[axis] += 1
                if index[axis] < self[axis] { break }
                index[axis] = 0
            }
        }
    }
}
