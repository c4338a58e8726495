import EspalierStudy
import Testing

struct LabMeasurementTests {
    @Test func liesWithinItsBandOrNot() {
        #expect(LabMeasurement("loss", 0.25, expected: 0.225...0.3).isInside == true)
        #expect(LabMeasurement("loss", 0.31, expected: 0.225...0.3).isInside == false)
        #expect(LabMeasurement("loss", .nan, expected: 0.225...0.3).isInside == false)
        #expect(LabMeasurement("loss", 0.25).isInside == nil)
    }
}
