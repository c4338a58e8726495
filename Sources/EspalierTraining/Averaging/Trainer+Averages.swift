import EspalierData
import EspalierGraph
import EspalierNN

// Averaged weights in the place of the trained ones, for as long as they are looked at.
extension Trainer {
    /// Runs `body` with the averages as the model's weights, and their statistics; with the trained ones where there is no
    /// average yet.
    func withAverages<Result>(of train: Dataset, _ body: () throws -> Result) throws -> Result {
        guard average.count > 0 else { return try body() }
        let trained = state.snapshot()
        defer { state.restore(trained) }
        try adoptAverages(of: train)
        return try body()
    }

    /// Makes the averages the model's weights for good.
    func adoptAverages(of train: Dataset) throws {
        guard average.count > 0 else { return }
        average.write(to: state.parameters)
        if average.refreshes { try refreshStatistics(on: train) }
    }

    /// Measures the running statistics of normalisations for the present weights: plain means over the batches of `data`.
    ///
    /// For weights that were changed otherwise than by training, such as averages; PyTorch's `update_bn`.
    ///
    /// - Throws: `EspalierError` for data that the model cannot take, or that cannot be read.
    public func refreshStatistics(on data: Dataset) throws {
        let measured = measuredStatistics
        guard !measured.isEmpty else { return }
        let batches = Batches(Array(0..<data.count), size: settings.batchSize, dropLast: settings.dropLast)
        var sums = measured.map { [Double](repeating: 0, count: $0.values.count) }
        for (number, batch) in batches.enumerated() {
            for (values, _) in measured { values.update(repeating: 0) }
            state.setKey(RandomKey(seed: UInt64(settings.seed), ["statistics", String(number)]))
            let executable = try plan(.measure, batch: batch.count)
            try copy(batch, of: data, to: executable)
            try executable.run()
            // From zero, what is left of running <- (1 - momentum) running + momentum batch is the last term.
            for (index, (values, momentum)) in measured.enumerated() {
                for position in values.indices { sums[index][position] += Double(values[position]) / momentum }
            }
        }
        for (sum, (values, _)) in zip(sums, measured) {
            for position in values.indices { values[position] = Float(sum[position] / Double(batches.count)) }
        }
    }

    /// The running statistics that training changes now.
    private var measuredStatistics: [(values: UnsafeMutableBufferPointer<Float>, momentum: Double)] {
        plans.setMode(for: .init(purpose: .measure, batch: 1, frozen: frozen))
        defer { state.mode = .inference }
        return state.contents.layers.flatMap { path, layer -> [(UnsafeMutableBufferPointer<Float>, Double)] in
            guard let layer = layer as? any RunningStatistics, layer.mode == .training, layer.momentum > 0 else {
                return []
            }
            let prefix = path.isEmpty ? "" : path + "."
            return state.statistics.entries.filter { $0.path.hasPrefix(prefix) }
                .compactMap { state.statistics.values($0.path) }.map { ($0, layer.momentum) }
        }
    }
}
