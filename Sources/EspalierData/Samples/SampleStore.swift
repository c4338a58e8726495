/// Samples that are read when they are asked for: out of a large file, or of a folder of images.
///
/// Several threads read at once, each sample as often as it is needed; what is read follows from its row alone.
public protocol SampleStore: Sendable {
    /// How many samples there are.
    var count: Int { get }

    /// Writes the numbers of sample `row`, in row-major order, all of them finite.
    ///
    /// - Parameters:
    ///   - row: The number of the sample.
    ///   - sample: Room for just these numbers.
    /// - Throws: `EspalierError` naming the file, where it can no longer be read.
    func read(_ row: Int, into sample: UnsafeMutableBufferPointer<Float>) throws

    /// Writes the numbers of the samples `rows`, one after the other.
    ///
    /// The default reads one by one; a store whose samples lie side by side does better.
    func read(_ rows: Range<Int>, into samples: UnsafeMutableBufferPointer<Float>) throws

    /// Where sample `row` comes from, such as its file; nothing where its row says as much.
    func place(of row: Int) -> String?
}

extension SampleStore {
    public func read(_ rows: Range<Int>, into samples: UnsafeMutableBufferPointer<Float>) throws {
        guard !rows.isEmpty else { return }
        let size = samples.count / rows.count
        for (position, row) in rows.enumerated() {
            try read(row, into: UnsafeMutableBufferPointer(rebasing: samples[position * size..<(position + 1) * size]))
        }
    }

    public func place(of row: Int) -> String? { nil }
}
