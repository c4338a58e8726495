import EspalierSpec
import Foundation
import Synchronization

/// Where the samples of a dataset are.
enum Samples: Sendable, Equatable {
    /// All of them, one after the other, each in row-major order.
    case memory([Float])
    case stored(StoredSamples)

    /// The samples at `rows`, of `size` numbers each, in that order.
    func selecting(_ rows: [Int], size: Int) -> Samples {
        switch self {
        case .memory(let values): .memory(EspalierData.selecting(rows, of: values, width: size))
        case .stored(let samples): .stored(samples.selecting(rows))
        }
    }

    mutating func scale(by scaler: Scaler) {
        switch self {
        case .memory(var values):
            // Leaves `values` the only owner of its memory, so that it is scaled in place.
            self = .memory([])
            scaler.apply(to: &values)
            self = .memory(values)
        case .stored(var samples):
            samples.scale(by: scaler)
            self = .stored(samples)
        }
    }
}

// Reading samples and targets.
extension Dataset {
    /// All samples, one after the other, each in row-major order: `[count, product of sampleShape]`.
    ///
    /// Samples of a store are read for it, and must be readable; `inputValues` throws where they are not, and `copyInputs`
    /// takes no memory for all of them at once.
    public var inputs: [Float] {
        do {
            return try inputValues()
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// All samples, one after the other, each in row-major order; in memory, whatever they take.
    ///
    /// - Throws: `EspalierError` where a store cannot be read.
    public func inputValues() throws -> [Float] {
        if case .memory(let values) = samples { return values }
        var values: [Float] = []
        values.reserveCapacity(count * sampleSize)
        try forEachBlock { values.append(contentsOf: $0) }
        return values
    }

    /// Whether samples are read from a store when they are asked for.
    public var isStored: Bool { if case .stored = samples { true } else { false } }

    /// Copies the samples at `rows`, in that order, to where a training step reads them.
    ///
    /// - Parameters:
    ///   - rows: Numbers of samples.
    ///   - inputs: Room for `rows.count * sampleSize` numbers.
    ///   - targets: Room for the labels (`Int32`) of these samples, or for `rows.count * width` values (`Float`).
    /// - Precondition: Each row is in `0..<count`.
    /// - Throws: `EspalierError` where a store cannot be read.
    public func copyBatch(
        _ rows: some Collection<Int>, inputs: UnsafeMutablePointer<Float>, targets: UnsafeMutableRawPointer
    ) throws {
        try copyInputs(rows, to: inputs)
        copyTargets(rows, to: targets)
    }

    /// Copies the numbers of the samples at `rows`, in that order.
    ///
    /// - Parameters:
    ///   - rows: The numbers of the samples.
    ///   - inputs: Room for `rows.count * sampleSize` numbers.
    /// - Precondition: Each row is in `0..<count`.
    /// - Throws: `EspalierError` where a store cannot be read.
    public func copyInputs(_ rows: some Collection<Int>, to inputs: UnsafeMutablePointer<Float>) throws {
        switch samples {
        case .memory(let values): copyRows(rows, of: values, width: sampleSize, to: inputs)
        case .stored(let samples):
            let size = sampleSize
            for (position, row) in rows.enumerated() {
                precondition(row >= 0 && row < samples.count, "row \(row) is outside 0..<\(samples.count)")
                try samples.read(
                    row..<row + 1, into: UnsafeMutableBufferPointer(start: inputs + position * size, count: size))
            }
        }
    }

    /// Copies the targets of the samples at `rows`, in that order.
    ///
    /// - Parameters:
    ///   - rows: The numbers of the samples.
    ///   - targets: Room for their labels (`Int32`), or for `rows.count * width` values (`Float`).
    /// - Precondition: Each row is in `0..<count`.
    public func copyTargets(_ rows: some Collection<Int>, to targets: UnsafeMutableRawPointer) {
        switch self.targets {
        case .classes(let labels, _): copyRows(rows, of: labels, width: labels.count / count, to: targets)
        case .values(let values, let width, _): copyRows(rows, of: values, width: width, to: targets)
        }
    }

    /// Where sample `row` comes from, for messages: its row in all that was read, counted from 1, and its file if it is one of
    /// its own.
    public func place(of row: Int) -> String {
        if case .stored(let samples) = samples { return samples.place(of: row) }
        return "\(name), row \((origin.rows?[row] ?? row) + 1)"
    }

    /// Calls `body` with all samples in their order, some at a time.
    ///
    /// Samples of a store are read on several threads, and a block takes some megabytes.
    ///
    /// - Throws: `EspalierError` where a store cannot be read.
    func forEachBlock(_ body: (UnsafeBufferPointer<Float>) throws -> Void) throws {
        guard case .stored(let samples) = samples else {
            return try inputs.withUnsafeBufferPointer(body)
        }
        let size = sampleSize, blockRows = max(1, min(count, (1 << 20) / size))
        let block = UnsafeMutableBufferPointer<Float>.allocate(capacity: blockRows * size)
        defer { block.deallocate() }
        for start in stride(from: 0, to: count, by: blockRows) {
            let rows = start..<min(count, start + blockRows)
            let filled = UnsafeMutableBufferPointer(rebasing: block[..<(rows.count * size)])
            try samples.readOnSeveralThreads(rows, into: filled)
            try body(UnsafeBufferPointer(filled))
        }
    }
}

extension StoredSamples {
    /// The same as `read`, in parts side by side.
    fileprivate func readOnSeveralThreads(
        _ positions: Range<Int>, into samples: UnsafeMutableBufferPointer<Float>
    ) throws {
        let parts = min(positions.count, 16), size = samples.count / positions.count
        // Each part is written by one thread.
        nonisolated(unsafe) let samples = samples
        let failures = Mutex<[(part: Int, error: any Error)]>([])
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let range = positions.count * part / parts..<positions.count * (part + 1) / parts
            do {
                try read(
                    positions.lowerBound + range.lowerBound..<positions.lowerBound + range.upperBound,
                    into: UnsafeMutableBufferPointer(
                        rebasing: samples[range.lowerBound * size..<range.upperBound * size]))
            } catch {
                failures.withLock { $0.append((part, error)) }
            }
        }
        if let first = failures.withLock({ $0.min { $0.part < $1.part } }) { throw first.error }
    }
}

/// Copies rows of `width` elements to `destination`, one after the other.
private func copyRows<Element: BitwiseCopyable>(
    _ rows: some Collection<Int>, of source: [Element], width: Int, to destination: UnsafeMutableRawPointer
) {
    // Arrays and their slices go through the loop that knows their type.
    if let done: Void = rows.withContiguousStorageIfAvailable({ copy($0, of: source, width: width, to: destination) }) {
        return done
    }
    Array(rows).withUnsafeBufferPointer { copy($0, of: source, width: width, to: destination) }
}

private func copy<Element: BitwiseCopyable>(
    _ rows: UnsafeBufferPointer<Int>, of source: [Element], width: Int, to destination: UnsafeMutableRawPointer
) {
    let stride = width * MemoryLayout<Element>.stride
    source.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        let available = bytes.count / stride
        var target = destination
        for row in rows {
            precondition(row >= 0 && row < available, "row \(row) is outside 0..<\(available)")
            target.copyMemory(from: base + row * stride, byteCount: stride)
            target += stride
        }
    }
}

/// The rows of `width` elements at `rows`, one after the other.
func selecting<Element: BitwiseCopyable>(_ rows: [Int], of source: [Element], width: Int) -> [Element] {
    let count = rows.count * width
    return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        if let base = buffer.baseAddress { copyRows(rows, of: source, width: width, to: base) }
        initialized = count
    }
}
