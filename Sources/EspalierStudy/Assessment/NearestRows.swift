import EspalierTraining

/// Rows among which the nearest to others are looked up, by Euclidean distance.
struct NearestRows: Sendable {
    private let points: [SIMD8<Float>]
    private let width: Int
    private let count: Int
    private var vectors: Int { (width + 7) / 8 }

    /// - Parameters:
    ///   - inputs: Rows of `width` numbers, one after the other.
    init(_ inputs: [Float], width: Int) {
        self.width = width
        count = inputs.count / width
        points = Self.padded(inputs, width: width)
    }

    /// The numbers of the nearest rows for each of others, the nearest first, of equals those that come first.
    func nearest(_ neighbours: Int, to inputs: [Float], workers: Int) -> [[Int]] {
        let asked = Self.padded(inputs, width: width), samples = inputs.count / width
        let part = max(1, (samples + 4 * workers - 1) / (4 * workers))
        let parts = stride(from: 0, to: samples, by: part).map { $0..<min(samples, $0 + part) }
        return SideBySide.map(parts, workers: workers) { part in
            asked.withUnsafeBufferPointer { asked in
                points.withUnsafeBufferPointer { points in
                    part.map { sample in nearest(neighbours, to: asked, sample * vectors, points) }
                }
            }
        }.flatMap(\.self)
    }

    private func nearest(
        _ neighbours: Int, to asked: UnsafeBufferPointer<SIMD8<Float>>, _ start: Int,
        _ points: UnsafeBufferPointer<SIMD8<Float>>
    ) -> [Int] {
        let vectors = vectors
        var rows: [Int] = [], distances: [Float] = []
        for row in 0..<count {
            var sum = SIMD8<Float>(repeating: 0)
            for index in 0..<vectors {
                let difference = points[row * vectors + index] - asked[start + index]
                sum += difference * difference
            }
            let distance = sum.sum()
            if rows.count == neighbours {
                guard let last = distances.last, distance < last else { continue }
                rows.removeLast()
                distances.removeLast()
            }
            let place = distances.lastIndex { $0 <= distance }.map { $0 + 1 } ?? 0
            rows.insert(row, at: place)
            distances.insert(distance, at: place)
        }
        return rows
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
}
