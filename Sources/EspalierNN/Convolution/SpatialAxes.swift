import EspalierGraph
import EspalierSpec

/// How many spatial axes a layer works over: what tells `Conv1d`, `Conv2d` and `Conv3d` apart.
public protocol SpatialAxes: Sendable {
    static var count: Int { get }
}

/// Signals along one axis: [N, C, L].
public enum OneAxis: SpatialAxes { public static let count = 1 }
/// Images: [N, C, H, W].
public enum TwoAxes: SpatialAxes { public static let count = 2 }
/// Volumes: [N, C, D, H, W].
public enum ThreeAxes: SpatialAxes { public static let count = 3 }

/// A number for each spatial axis, or one for all: `3` or `[3, 5]`.
public struct PerAxis: ConfigurationRepresentable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
    /// One number, or one for each axis.
    public var numbers: [Int]

    /// The largest number that can be given: far beyond any use, and small enough to calculate with.
    static let largest = 1 << 20

    public init(_ numbers: [Int]) { self.numbers = numbers }
    public init(integerLiteral value: Int) { numbers = [value] }
    public init(arrayLiteral elements: Int...) { numbers = elements }

    public static var accepted: String { "a whole number, or a list of one for each axis" }

    public init(configuration node: ConfigurationNode) throws {
        switch node.content {
        case .list(let items) where !items.isEmpty: numbers = try items.map(Int.init(configuration:))
        case .list: throw node.mismatch(expected: Self.accepted)
        default: numbers = [try Int(configuration: node)]
        }
    }

    public var configuration: ConfigurationValue {
        numbers.count == 1 ? .integer(numbers[0]) : .list(numbers.map { .integer($0) })
    }

    /// The numbers for `count` axes.
    func along(_ count: Int) -> [Int] {
        precondition([1, count].contains(numbers.count), "\(numbers) is not one number for each of \(count) axes")
        return numbers.count == count ? numbers : [Int](repeating: numbers[0], count: count)
    }

    /// Refuses what does not say one number for each axis, each from `smallest` on.
    func validate(_ name: String, _ count: Int, atLeast smallest: Int) throws {
        guard [1, count].contains(numbers.count), numbers.allSatisfy({ (smallest...Self.largest).contains($0) }) else {
            throw EspalierError(
                "\(name) is \(configuration.words)",
                expected: "a whole number from \(smallest) to \(Self.largest)"
                    + (count > 1 ? ", or a list of \(count) of them" : ""))
        }
    }

    /// As in a layer's description: `3`, or `[3, 5]`.
    var words: String { Set(numbers).count == 1 ? String(numbers[0]) : numbers.description }
}

extension ConfigurationValue {
    fileprivate var words: String {
        switch self {
        case .integer(let value): "the number \(value)"
        case .list(let values): "a list of \(values.count)"
        default: "something else"
        }
    }
}

extension LayerContext {
    /// The channels and spatial extents of samples [C, ...] with `count` spatial axes.
    ///
    /// - Throws: `EspalierError` where other samples arrive.
    func signal(_ name: String, axes count: Int) throws -> (channels: Int, extents: [Int]) {
        guard input.rank == count + 1 else {
            let names = [["length"], ["height", "width"], ["depth", "height", "width"]][count - 1]
            throw EspalierError(
                "\(name) takes samples of \(count + 1) axes, and \(input) arrive",
                expected: "samples of shape [channels, \(names.joined(separator: ", "))]",
                fix: "- reshape: {shape: [1, …]} before it, with the extents of the samples")
        }
        return (input[0], Array(input.dimensions.dropFirst()))
    }

    /// Refuses samples of `shape` that this machine's memory could not hold.
    func checkSample(_ shape: [Int]) throws {
        let (count, overflow) = product(shape)
        try checkSize(overflow ? Int.max : count, 1)
    }

    /// Refuses a weight of `shape` that training could not hold in this machine's memory.
    func checkWeight(_ shape: [Int]) throws {
        let (columns, overflow) = product(Array(shape.dropFirst()))
        try checkSize(shape[0], overflow ? Int.max : columns)
    }

    private func product(_ numbers: [Int]) -> (Int, overflow: Bool) {
        numbers.reduce((1, false)) { result, number in
            let (value, overflow) = result.0.multipliedReportingOverflow(by: number)
            return (value, result.1 || overflow)
        }
    }
}
