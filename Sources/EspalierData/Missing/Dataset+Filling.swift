import EspalierSpec

extension Dataset {
    /// What is to be filled in at each position of a sample, computed from these samples, which should be the training
    /// rows alone; nothing at a position where nothing can be missing.
    ///
    /// - Throws: `EspalierError` where a column has no value at all.
    func fills() throws -> [Float?] {
        var fills = [Float?](repeating: nil, count: sampleSize)
        for gap in gaps {
            for (position, value) in zip(gap.positions, try values(for: gap)) { fills[position] = value }
        }
        return fills
    }

    private func values(for gap: Gap) throws -> [Float] {
        let first = gap.positions.lowerBound
        let present = stride(from: 0, to: inputs.count, by: sampleSize).filter { !inputs[$0 + first].isNaN }
        guard !present.isEmpty else {
            throw EspalierError(
                "no training row has a value of \"\(featureName(first))\"", at: name,
                expected: "a value to fill in what is missing",
                fix: "a number instead of \(gap.fill.rawValue), or leave the column out (columns: ignored)")
        }
        if gap.positions.count > 1 {
            let counts = gap.positions.map { position in present.count { inputs[$0 + position] == 1 } }
            let most = counts.firstIndex(of: counts.max() ?? 0)
            return counts.indices.map { $0 == most ? 1 : 0 }
        }
        return [Self.value(gap.fill, of: present.map { inputs[$0 + first] })]
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
