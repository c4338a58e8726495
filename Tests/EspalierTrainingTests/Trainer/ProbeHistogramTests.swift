import Testing

@testable import EspalierTraining

/// Outputs are counted whatever their size: neither spreads without a finite difference nor the smallest end a training.
@Suite struct ProbeHistogramTests {
    @Test(
        arguments: [
            [Float.greatestFiniteMagnitude, -Float.greatestFiniteMagnitude, 0], [0, Float.leastNonzeroMagnitude],
            [3, 3, 3],
            [-1, 1, Float.infinity, Float.nan], [0.25, 0.5, 1],
        ] as [[Float]])
    func everyFiniteOutputIsCounted(_ values: [Float]) {
        let finite = values.filter(\.isFinite)
        let (counts, low, high) = values.withUnsafeBufferPointer(LayerProbe.histogram)
        #expect(counts.reduce(0, +) == finite.count)
        #expect(low == finite.min().map(Double.init) && high == finite.max().map(Double.init))
        #expect(counts.first! > 0 && counts.last! > 0)
    }

    @Test func whatIsNeverFiniteHasNoHistogram() {
        #expect([Float.nan, .infinity].withUnsafeBufferPointer(LayerProbe.histogram).counts.isEmpty)
    }
}
