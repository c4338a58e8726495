import EspalierData
import Testing

@Suite struct DigitsSourceTests {
    @Test func holdsTheImagesAsPublished() throws {
        let digits = try DigitsSource().load(relativeTo: "")
        #expect(digits.name == "digits")
        #expect(digits.count == 1797)
        #expect(digits.sampleShape == [64])
        #expect(digits.inputRange == 0...16)
        #expect(digits.featureNames.first == "pixel_0_0" && digits.featureNames.last == "pixel_7_7")
        #expect(
            Array(digits.inputs.prefix(64)) == [
                0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0, 0, 3, 15, 2, 0, 11, 8, 0, 0, 4, 12, 0, 0, 8, 8, 0,
                0, 5, 8, 0, 0, 9, 8, 0, 0, 4, 11, 0, 1, 12, 7, 0, 0, 2, 14, 5, 10, 12, 0, 0, 0, 0, 6, 13, 10, 0, 0, 0,
            ])
        // The sum of all pixels and the number of images per digit, counted from the published file.
        #expect(digits.inputs.reduce(0) { $0 + Double($1) } == 561718)
        guard case .classes(let labels, let names) = digits.targets else {
            Issue.record("digits are classes")
            return
        }
        #expect(names == (0...9).map(String.init))
        #expect(labels.prefix(10) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
        let counts = (0..<10).map { digit in labels.filter { $0 == digit }.count }
        #expect(counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    }

    @Test func theImagesAreTheSameDigits() throws {
        let digits = try DigitsSource().load(relativeTo: ""), images = try DigitImagesSource().load(relativeTo: "")
        #expect(images.sampleShape == [1, 8, 8] && images.inputs == digits.inputs && images.targets == digits.targets)
    }

    @Test func loadsInMilliseconds() throws {
        _ = try DigitsSource().load(relativeTo: "")
        let elapsed = try ContinuousClock().measure { _ = try DigitsSource().load(relativeTo: "") }
        #expect(elapsed < .milliseconds(100), "measured \(elapsed)")
    }
}
