import EspalierGraph
import EspalierNN
import EspalierSpec
import Foundation
import Testing

@testable import EspalierData
@testable import EspalierTraining

@Suite struct MistakeSheetTests {
    private static func prepared(_ text: String) throws -> PreparedExperiment {
        try Experiment(configuration: YAML.parse(text, file: "test.yaml")).prepare()
    }

    private static let digits = """
        data: {source: digitImages, limit: 300, split: {validation: 0.2, test: 0.2}, scale: unit}
        model: [flatten, {linear: {units: auto}}]
        """

    /// Of the class `answer` with probability `confidence`; the others share the rest.
    private static func row(_ answer: Int, _ confidence: Float) -> [Float] {
        (0..<10).map { $0 == answer ? confidence : (1 - confidence) / 9 }
    }

    /// All but two are answered rightly with probability 0.9, one wrongly with 0.7 and one with 0.97.
    @Test func theLeastLikelyTruthsComeFirst() throws {
        let prepared = try Self.prepared(Self.digits), test = try #require(prepared.data.test)
        guard case .classes(let labels, let names) = test.targets else { return }
        let wrong = [5: Float(0.7), 9: 0.97]
        let predictions = labels.enumerated().flatMap { index, label in
            Self.row(wrong[index] == nil ? Int(label) : (Int(label) + 3) % 10, wrong[index] ?? 0.9)
        }
        let sheet = try #require(try MistakeSheet(predictions, of: test, set: "test", prepared))
        #expect(sheet.set == "test" && sheet.samples.count == 8)
        for (sample, index) in zip(sheet.samples, [9, 5]) {
            #expect(sample.place == test.place(of: index) && sample.truth == names[Int(labels[index])])
            #expect(sample.answer == names[(Int(labels[index]) + 3) % 10] && sample.difference == nil)
            #expect(abs((sample.probability ?? 0) - Double(1 - wrong[index]!) / 9) < 1e-6)
        }
        let calibration = try #require(sheet.calibration), count = Double(labels.count)
        #expect(calibration.bins.map(\.count) == [1, labels.count - 2, 1])
        #expect(calibration.bins.map(\.right) == [0, 1, 0])
        for (bin, confidence) in zip(calibration.bins, [0.7, 0.9, 0.97]) {
            #expect(abs(bin.confidence - confidence) < 1e-6)
        }
        #expect(abs(calibration.error - (0.7 + (count - 2) * 0.1 + 0.97) / count) < 1e-6)
        // The metric that users know says the same.
        let metric = CalibrationError()
        let records = metric.record(Tensor(predictions, [labels.count, 10]), Tensor(labels, [labels.count]))
        #expect(abs(metric.value(of: MetricRecords(width: 2, try records.values())) - calibration.error) < 1e-6)
    }

    /// A picture is of the sample that it stands by.
    @Test func picturesAreOfTheSamples() throws {
        let prepared = try Self.prepared(Self.digits), test = try #require(prepared.data.test)
        guard case .classes(let labels, _) = test.targets else { return }
        let predictions = labels.indices.flatMap { Self.row(Int(labels[$0]), $0 == 7 ? 0.2 : 0.8) }
        let sheet = try #require(try MistakeSheet(predictions, of: test, set: "test", prepared))
        let image = try #require(sheet.samples[0].image.flatMap { Data(base64Encoded: $0) })
        let picture = try PNGFile.picture(in: Array(image))
        var pixels = try test[[7]].inputValues()
        prepared.inputScaler.invert(&pixels)
        #expect(picture.pixels.map { Float($0) } == pixels.map { ($0 * 255 / 16).rounded() })
    }

    @Test func whatIsNoNumberIsNotShown() throws {
        let prepared = try Self.prepared(Self.digits), test = try #require(prepared.data.test)
        var predictions = [Float](repeating: 0.1, count: test.count * 10)
        #expect(try MistakeSheet(predictions, of: test, set: "test", prepared) != nil)
        predictions[17] = .nan
        #expect(try MistakeSheet(predictions, of: test, set: "test", prepared) == nil)
    }

    /// Values are told in their own unit.
    @Test func valuesAreThoseOfTheData() throws {
        let prepared = try Self.prepared(
            """
            data: {source: diabetes, split: {validation: 0.2, test: 0.2}, scale: standard, targetScale: standard}
            model: [{linear: {units: auto}}]
            """)
        let test = try #require(prepared.data.test), scaler = try #require(prepared.targetScaler)
        guard case .values(let scaled, 1, _) = test.targets else { return }
        var predictions = scaled
        predictions[4] -= 2
        predictions[6] += 1
        let sheet = try #require(try MistakeSheet(predictions, of: test, set: "test", prepared))
        var truths = scaled
        scaler.invert(&truths)
        let spread = 1 / scaler.factor[0]
        #expect(sheet.calibration == nil && sheet.samples[0].image == nil)
        for (sample, (index, steps)) in zip(sheet.samples, [(4, -2.0), (6, 1)]) {
            #expect(sample.place == test.place(of: index) && sample.truth == truths[index].description)
            #expect(abs((sample.difference ?? 0) - steps * spread) < 1e-3 * spread && sample.probability == nil)
        }
    }
}
