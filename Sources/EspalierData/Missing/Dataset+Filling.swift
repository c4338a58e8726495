import EspalierSpec

extension Dataset {
    /// What is to be filled in at each position of a sample, computed from these samples, which should be the training
    /// rows alone; nothing at a position where nothing can be missing.
    ///
    /// - Throws: `EspalierError` where a column has no value at all, or samples cannot be read.
    func fills() throws -> [Float?] {
        var fills = [Float?](repeating: nil, count: sampleSize)
        for (gap, values) in zip(gaps, try presentValues()) {
            guard !values.isEmpty else {
                throw EspalierError(
                    "no training row has a value of \"\(featureName(gap.positions.lowerBound))\"", at: name,
                    expected: "a value to fill in what is missing",
                    fix: "a number instead of \(gap.fill.rawValue), or leave the column out (columns: ignored)")
            }
            let value = Self.value(gap.fill, of: values)
            if gap.positions.count == 1 {
                fills[gap.positions.lowerBound] = value
            } else {
                for (category, position) in gap.positions.enumerated() {
                    fills[position] = value == Float(category) ? 1 : 0
                }
            }
        }
        return fills
    }

    /// For each gap, of every sample that has it the number, or which category it is of.
    private func presentValues() throws -> [[Float]] {
        var present = gaps.map { _ in [Float]() }
        let size = sampleSize
        try forEachBlock { block in
            for (index, gap) in gaps.enumerated() {
                for start in stride(from: 0, to: block.count, by: size) {
                    let first = block[start + gap.positions.lowerBound]
                    if first.isNaN { continue }
                    if gap.positions.count == 1 {
                        present[index].append(first)
                    } else if let category = gap.positions.firstIndex(where: { block[start + $0] == 1 }) {
                        present[index].append(Float(category - gap.positions.lowerBound))
                    }
                }
            }
        }
        return present
    }

    private static func value(_ fill: Gap.Fill, of values: [Float]) -> Float {
        switch fill {
        case .mean: return Float(values.reduce(0.0) { $0 + Double($1) } / Double(values.count))
        case .median:
            let sorted = values.sorted()
            return Float((Double(sorted[(sorted.count - 1) / 2]) + Double(sorted[sorted.count / 2])) / 2)
        case .mode:
            var most: (value: Float, count: Int) = (0, 0)
            var start = 0
            let sorted = values.sorted()
            for index in 1...sorted.count where index == sorted.count || sorted[index] != sorted[start] {
                if index - start > most.count { most = (sorted[start], index - start) }
                start = index
            }
            return most.value
        }
    }
}
