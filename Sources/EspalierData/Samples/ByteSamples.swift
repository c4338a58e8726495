/// Samples of bytes in memory: a quarter of what 32-bit numbers would take.
struct ByteSamples: SampleStore {
    private let bytes: [UInt8]
    private let width: Int

    /// - Parameter width: How many bytes a sample has, at least 1.
    init(_ bytes: [UInt8], width: Int) {
        precondition(width > 0 && bytes.count % width == 0, "whole samples")
        self.bytes = bytes
        self.width = width
    }

    var count: Int { bytes.count / width }

    func read(_ row: Int, into sample: UnsafeMutableBufferPointer<Float>) {
        precondition(sample.count == width, "room for one sample")
        for index in 0..<width { sample[index] = Float(bytes[row * width + index]) }
    }
}
