/// `mistakes.json`: where a model is most mistaken on samples that it was not trained on, and how far its probabilities can
/// be believed.
struct MistakeRecord: Decodable, Sendable {
    var set: String
    var calibration: Calibration?
    var samples: [Sample]

    struct Calibration: Decodable, Sendable {
        var error: Double
        var bins: [Bin]
    }

    struct Bin: Decodable, Sendable {
        var confidence: Double
        var right: Double
        var count: Int
    }

    struct Sample: Decodable, Sendable {
        var place: String
        var truth: String
        var answer: String
        var probability: Double?
        var difference: Double?
        /// A PNG file in base 64.
        var image: String?
    }
}
