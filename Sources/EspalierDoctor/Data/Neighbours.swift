/// For each sample, the others that are nearest to it.
struct Neighbours {
    /// How many there are of each sample.
    let count: Int
    /// Of each sample `count`: the nearest first, and of equals those that come first.
    let indices: [Int32]
    /// Squared distances, Euclidean.
    let distances: [Float]

    /// - Parameters:
    ///   - count: How many, fewer than there are samples.
    ///   - inputs: Samples of `width` numbers, one after the other.
    init(_ count: Int, of inputs: [Float], width: Int) {
        let samples = inputs.count / width
        precondition(count < samples, "\(count) others of \(samples)")
        self.count = count
        let padded = Self.padded(inputs, width: width), vectors = (width + 7) / 8
        var indices = [Int32](repeating: 0, count: samples * count)
        var distances = [Float](repeating: .infinity, count: samples * count)
        padded.withUnsafeBufferPointer { points in
            indices.withUnsafeMutableBufferPointer { indices in
                distances.withUnsafeMutableBufferPointer { distances in
                    for sample in 0..<samples {
                        let first = sample * count, last = first + count - 1
                        for other in 0..<samples where other != sample {
                            let distance = Self.distance(points, sample * vectors, other * vectors, vectors)
                            guard distance < distances[last] else { continue }
                            var place = last
                            while place > first, distances[place - 1] > distance {
                                distances[place] = distances[place - 1]
                                indices[place] = indices[place - 1]
                                place -= 1
                            }
                            distances[place] = distance
                            indices[place] = Int32(other)
                        }
                    }
                }
            }
        }
        self.indices = indices
        self.distances = distances
    }

    /// The neighbours of `sample`, the nearest first.
    subscript(sample: Int) -> some Collection<Int> {
        indices[sample * count..<(sample + 1) * count].lazy.map { Int($0) }
    }

    private static func padded(_ inputs: [Float], width: Int) -> [SIMD8<Float>] {
        var vectors: [SIMD8<Float>] = []
        vectors.reserveCapacity(inputs.count / width * ((width + 7) / 8))
        for start in stride(from: 0, to: inputs.count, by: width) {
            for first in stride(from: 0, to: width, by: 8) {
                var vector = SIMD8<Float>(repeating: 0)
                for lane in 0..<min(8, width - first) { vector[lane] = inputs[start + first + lane] }
                vectors.append(vector)
            }
        }
        return vectors
    }

    @inline(__always)
    private static func distance(
        _ points: UnsafeBufferPointer<SIMD8<Float>>, _ first: Int, _ second: Int, _ vectors: Int
    ) -> Float {
        var sum = SIMD8<Float>(repeating: 0)
        for index in 0..<vectors {
            let difference = points[first + index] - points[second + index]
            sum += difference * difference
        }
        return sum.sum()
    }
}
