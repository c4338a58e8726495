import CKernels
import EspalierGraph

/// A matrix product drawn at random, with memory for its operands and its result, and what has to come out.
///
/// Operands have gaps and lie in any order of their axes; what is in the gaps is not a number. The result may have gaps
/// between rows, where nothing may be written.
struct RandomProduct {
    private(set) var record = espalier_product()
    private let a: GuardedMemory, b: GuardedMemory, c: GuardedMemory, bias: GuardedMemory
    /// What C holds before.
    private let initial: [Float]
    /// For each place of C what has to be there, and how far rounding may carry it.
    private var expected: [Double], tolerance: [Double]

    /// The strides of the batch, the rows and the columns of an operand, and how many places it spans.
    private struct Layout {
        var batch: [Int]
        var row: Int, column: Int
        var count: Int
    }

    /// - Parameters:
    ///   - mostAxes: Axes of the batch at most.
    ///   - isSecondShared: Whether all products of the batch have the same second operand.
    ///   - hasFirstAlongRows: Whether A's columns are adjacent.
    init(
        _ random: inout RandomStream, rows: Int, columns: Int, depth: Int, mostAxes: Int = 6,
        isSecondShared: Bool = false, hasFirstAlongRows: Bool = false
    ) {
        func chance(_ share: Double) -> Bool { random.uniform() < share }
        var batch: [Int] = []
        if chance(0.4) {
            for _ in 0..<Int.random(in: 0...mostAxes, using: &random) {
                let extent = Int.random(in: 1...3, using: &random)
                if batch.reduce(rows * columns * depth * extent, *) <= 300_000 { batch.append(extent) }
            }
        }
        let first = Self.layout(
            batch, rows, depth, isResult: false, repeats: batch.map { _ in chance(0.3) },
            isAlongRows: hasFirstAlongRows, &random)
        let second = Self.layout(
            batch, depth, columns, isResult: false, repeats: batch.map { _ in isSecondShared || chance(0.3) },
            isAlongRows: false, &random)
        let result = Self.layout(
            batch, rows, columns, isResult: true, repeats: batch.map { _ in false }, isAlongRows: true, &random)

        (a, b) = (GuardedMemory(first.count), GuardedMemory(second.count))
        (c, bias) = (GuardedMemory(result.count), GuardedMemory(columns))
        Self.fill(a, batch, rows, depth, first, &random)
        Self.fill(b, batch, depth, columns, second, &random)
        Self.fill(bias, [], 1, columns, Layout(batch: [], row: 0, column: 1, count: columns), &random)
        record.accumulate = chance(0.3) ? 1 : 0
        if record.accumulate == 1 { Self.fill(c, batch, rows, columns, result, &random, gaps: GuardedMemory.poison) }
        if chance(0.1) { a.pointer[0] = .nan }
        initial = c.values

        (record.a, record.b, record.c) = (UnsafePointer(a.pointer), UnsafePointer(b.pointer), c.pointer)
        record.bias = chance(0.5) ? UnsafePointer(bias.pointer) : nil
        record.relu = chance(0.5) ? 1 : 0
        (record.m, record.n, record.k) = (Int64(rows), Int64(columns), Int64(depth))
        (record.a_row, record.a_column) = (Int64(first.row), Int64(first.column))
        (record.b_row, record.b_column) = (Int64(second.row), Int64(second.column))
        record.c_row = Int64(result.row)
        record.axes = Int32(batch.count)
        Self.set(&record.extents, batch)
        Self.set(&record.a_batch, first.batch)
        Self.set(&record.b_batch, second.batch)
        Self.set(&record.c_batch, result.batch)
        (expected, tolerance) = (initial.map(Double.init), initial.map { _ in 0 })
        for index in Self.indices(batch) { expect(index, first, second, result) }
    }

    /// Reads B from where it was packed.
    mutating func read(packed: UnsafePointer<Float>) { record.packed_b = packed }

    /// Puts back what C held before.
    func restore() { c.pointer.update(from: initial, count: initial.count) }

    var bits: [UInt32] { c.values.map(\.bitPattern) }

    /// What is wrong with C, in words.
    var disagreement: String? {
        for (place, (value, expected)) in zip(c.values, expected).enumerated()
        where !(abs(Double(value) - expected) <= tolerance[place] || (value.isNaN && expected.isNaN)) {
            return "place \(place) is \(value), not \(expected) +- \(tolerance[place]): \(record)"
        }
        return [a, b, c, bias].allSatisfy(\.isIntact) ? nil : "written beside an operand: \(record)"
    }

    private static func layout(
        _ batch: [Int], _ rows: Int, _ columns: Int, isResult: Bool, repeats: [Bool], isAlongRows: Bool,
        _ random: inout RandomStream
    ) -> Layout {
        let extents = batch + [rows, columns], row = batch.count, column = batch.count + 1
        var order = extents.indices.filter { $0 >= row || !repeats[$0] }.shuffled(using: &random)
        if Bool.random(using: &random) { order = order.filter { $0 >= row } + order.filter { $0 < row } }
        if isAlongRows { order = [column] + order.filter { $0 != column } }
        var strides = [Int](repeating: 0, count: extents.count)
        var span = isAlongRows || random.uniform() < 0.8 ? 1 : Int.random(in: 2...3, using: &random)
        for axis in order {
            strides[axis] = span
            span = span * extents[axis] + (Bool.random(using: &random) ? 0 : Int.random(in: 1...5, using: &random))
        }
        let count = 1 + zip(extents, strides).reduce(0) { $0 + ($1.0 - 1) * $1.1 }
        return Layout(batch: Array(strides[..<row]), row: strides[row], column: strides[column], count: count)
    }

    /// Numbers where the operand has elements, `gaps` elsewhere.
    private static func fill(
        _ memory: GuardedMemory, _ batch: [Int], _ rows: Int, _ columns: Int, _ layout: Layout,
        _ random: inout RandomStream, gaps: Float = .nan
    ) {
        memory.pointer.update(repeating: gaps, count: memory.count)
        for index in indices(batch) {
            let start = memory.pointer + offset(index, layout.batch)
            for i in 0..<rows {
                for j in 0..<columns {
                    start[i * layout.row + j * layout.column] = Float(random.uniform() * 2 - 1)
                }
            }
        }
    }

    /// Any order of summation, fused or not, errs by no more than (k + 3) 2^-24 times the sum of magnitudes.
    private mutating func expect(_ index: [Int], _ first: Layout, _ second: Layout, _ result: Layout) {
        let a = a.pointer + Self.offset(index, first.batch), b = b.pointer + Self.offset(index, second.batch)
        let start = Self.offset(index, result.batch)
        for i in 0..<Int(record.m) {
            for j in 0..<Int(record.n) {
                let place = start + i * result.row + j
                let before = record.accumulate == 1 ? Double(initial[place]) : 0
                let bias = record.bias.map { Double($0[j]) } ?? 0
                var sum = before + bias, magnitude = abs(before) + abs(bias)
                for p in 0..<Int(record.k) {
                    let term =
                        Double(a[i * first.row + p * first.column]) * Double(b[p * second.row + j * second.column])
                    sum += term
                    magnitude += abs(term)
                }
                expected[place] = record.relu == 1 && sum < 0 ? 0 : sum
                tolerance[place] = Double(record.k + 3) * 0x1p-24 * magnitude
            }
        }
    }

    /// All indices of a batch.
    private static func indices(_ batch: [Int]) -> [[Int]] {
        batch.reduce([[]]) { indices, extent in indices.flatMap { index in (0..<extent).map { index + [$0] } } }
    }

    private static func offset(_ index: [Int], _ strides: [Int]) -> Int {
        zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// Sets the beginning of a C array, which is a tuple here.
    private static func set<Tuple>(_ array: inout Tuple, _ values: [Int]) {
        withUnsafeMutableBytes(of: &array) { bytes in
            for (index, value) in values.enumerated() {
                bytes.storeBytes(of: Int64(value), toByteOffset: 8 * index, as: Int64.self)
            }
        }
    }
}
