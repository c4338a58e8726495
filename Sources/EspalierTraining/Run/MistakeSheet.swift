import EspalierData
import EspalierSpec
import Foundation

/// `mistakes.json`: where a model is most mistaken on samples that it was not trained on, and how far its probabilities can
/// be believed.
struct MistakeSheet: Codable {
    /// Whose samples these are: `test`, or `validation` where there is no test set.
    var set: String
    /// Of classes.
    var calibration: Calibration?
    /// The most mistaken first.
    var samples: [Sample]

    struct Calibration: Codable {
        /// The expected calibration error, as the metric `calibrationError` has it.
        var error: Double
        /// The samples by the probability of the class that they were taken for, in ranges of one width; without empty ones.
        var bins: [Bin]
    }

    struct Bin: Codable {
        /// The mean of that probability.
        var confidence: Double
        /// The share of samples that were taken for the right class.
        var right: Double
        var count: Int
    }

    struct Sample: Codable {
        /// Where it comes from: its row in all that was read, and its file if it is one of its own.
        var place: String
        var truth: String
        var answer: String
        /// What probability the true class was given.
        var probability: Double?
        /// The answer less the truth, of values.
        var difference: Double?
        /// A PNG file in base 64.
        var image: String?
    }

    private static let mostSamples = 8
    /// As many as in the metric.
    private static let bins = 15

    /// - Parameters:
    ///   - predictions: The probability of each class for each sample, or the value, still scaled.
    ///   - set: What the samples are called.
    /// - Returns: Nothing where a sample has several targets, or the model says what is no number.
    /// - Throws: `EspalierError` where a sample cannot be read.
    init?(_ predictions: [Float], of data: Dataset, set: String, _ prepared: PreparedExperiment) throws {
        self.set = set
        samples = []
        let worst: [Int]
        switch data.targets {
        case .classes(let labels, let names):
            guard labels.count == data.count, predictions.count == data.count * names.count,
                predictions.allSatisfy(\.isFinite)
            else { return nil }
            func rows(_ index: Int) -> ArraySlice<Float> {
                predictions[index * names.count..<(index + 1) * names.count]
            }
            func truth(_ index: Int) -> Float { rows(index)[index * names.count + Int(labels[index])] }
            let answers = labels.indices.map { largestIndex(rows($0)) }
            calibration = Self.calibration(
                labels.indices.map { (rows($0).max() ?? 0, answers[$0] == Int(labels[$0])) })
            worst = Self.largest(labels.indices.map { -truth($0) })
            samples = worst.map { index in
                Sample(
                    place: data.place(of: index), truth: names[Int(labels[index])], answer: names[answers[index]],
                    probability: Double(truth(index)))
            }
        case .values(let scaled, let width, _):
            guard width == 1, predictions.count == scaled.count else { return nil }
            var truths = scaled, answers = predictions
            prepared.targetScaler?.invert(&truths)
            prepared.targetScaler?.invert(&answers)
            let differences = zip(answers, truths).map(-)
            guard differences.allSatisfy(\.isFinite) else { return nil }
            worst = Self.largest(differences.map(abs))
            samples = worst.map { index in
                Sample(
                    place: data.place(of: index), truth: truths[index].description, answer: answers[index].description,
                    difference: Double(differences[index]))
            }
        }
        guard let images = try SamplePictures.images(of: data[worst], prepared.inputScaler) else { return }
        for index in samples.indices { samples[index].image = images[index] }
    }

    /// The positions of the largest numbers, the largest first; of equals the first.
    private static func largest(_ values: [Float]) -> [Int] {
        Array(values.indices.sorted { (-values[$0], $0) < (-values[$1], $1) }.prefix(mostSamples))
    }

    private static func calibration(_ answers: [(confidence: Float, isRight: Bool)]) -> Calibration {
        let groups = Dictionary(grouping: answers) { answer in
            min(max(Int((Double(answer.confidence) * Double(bins)).rounded(.up)) - 1, 0), bins - 1)
        }
        let shown = groups.sorted { $0.key < $1.key }.map { _, group in
            Bin(
                confidence: group.reduce(0) { $0 + Double($1.confidence) } / Double(group.count),
                right: Double(group.count(where: \.isRight)) / Double(group.count), count: group.count)
        }
        let error = shown.reduce(0) { $0 + abs($1.right - $1.confidence) * Double($1.count) } / Double(answers.count)
        return Calibration(error: error, bins: shown)
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(Array(encoder.encode(self)), to: path)
    }
}
