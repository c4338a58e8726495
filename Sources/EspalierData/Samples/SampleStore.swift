/// Samples that are read when they are asked for: out of a mapped file, or of a folder of images.
///
/// Several threads read at once, each sample as often as it is needed; what is read follows from its row alone.
public protocol SampleStore: Sendable {
    /// How many samples there are.
    var count: Int { get }

    /// Writes the numbers of sample `row`, in row-major order, all of them finite.
    ///
    /// - Parameter sample: Room for just these numbers.
    /// - Throws: `EspalierError` naming the file, where it can no longer be read.
    func read(_ row: Int, into sample: UnsafeMutableBufferPointer<Float>) throws
}

extension SampleStore {
    /// The numbers of all samples, `size` of each.
    func allValues(size: Int) throws -> [Float] {
        var values = [Float](repeating: 0, count: count * size)
        try values.withUnsafeMutableBufferPointer { values in
            for row in 0..<count {
                try read(row, into: UnsafeMutableBufferPointer(rebasing: values[(row * size)..<((row + 1) * size)]))
            }
        }
        return values
    }
}
