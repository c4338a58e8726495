import EspalierSpec
import Testing

@testable import EspalierStudy

@Suite struct LabMeasurementTests {
    @Test func liesWithinItsBandOrNot() {
        #expect(LabMeasurement("loss", 0.25, expected: 0.225...0.3).isInside == true)
        #expect(LabMeasurement("loss", 0.31, expected: 0.225...0.3).isInside == false)
        #expect(LabMeasurement("loss", .nan, expected: 0.225...0.3).isInside == false)
        #expect(LabMeasurement("loss", 0.25).isInside == nil)
    }

    @Test func seedsAreComparedByTheirMean() {
        let measurement = LabMeasurement("loss", over: [0.1, 0.4], expected: 0.2...0.3)
        #expect(measurement.measured == 0.25 && measurement.isInside == true)
        #expect(measurement.configuration["values"] == .list([.number(0.1), .number(0.4)]))
    }

    @Test func bandsOfPrintedNumbers() {
        let band = ClosedRange.printed(0.9, of: 10_000)
        #expect(abs(band.lowerBound - 0.891) < 1e-9 && abs(band.upperBound - 0.909) < 1e-9)
        let rounded = ClosedRange.printed(0.75...0.76, decimals: 2)
        #expect(abs(rounded.lowerBound - 0.745) < 1e-9 && abs(rounded.upperBound - 0.765) < 1e-9)
    }

    /// Three values: the mean 2, the deviation 1, Student's quantile 4.303 over the root of 3.
    @Test func intervalOfAMean() {
        let interval = [1.0, 2, 3].interval
        #expect(abs(interval.lowerBound - (2 - 4.303 / 3.0.squareRoot())) < 1e-9)
        #expect([5.0].interval == 5...5)
    }
}
