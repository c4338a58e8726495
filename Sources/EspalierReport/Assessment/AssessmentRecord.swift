import EspalierSpec
import Foundation

/// `assessment.json`: what an assessment came to.
struct AssessmentRecord: Sendable {
    var name: String
    var metric: Metric
    /// Which samples are held out.
    var heldOut: String
    var samples: Int?
    var choice: String
    /// `justRight`.
    var fit: String
    /// What each is about, and what it says.
    var sentences: [(about: String, text: String)]
    var model: Place
    var baselines: [Baseline]
    var capacity: [Place]
    var data: [Place]
    var decomposition: [(name: String, measured: Measured)]
    var ensembles: [Ensemble]
    var trainings: Int?
    var failed: Int?
    var cutOff: String?

    /// Whether it is too simple, too complex or just right, in a sentence.
    var verdict: String { sentences.first { $0.about == "fit" }?.text ?? Words.title(fit) }

    struct Measured: Sendable {
        var value: Double
        var interval: ClosedRange<Double>?
    }

    /// A place of a learning curve.
    struct Place: Sendable {
        var at: Double
        var rows: Int
        var parameters: Int
        var train: Measured
        var heldOut: Measured
    }

    struct Baseline: Sendable {
        var name: String
        var setting: String?
        var score: Measured
        var difference: Measured
    }

    struct Ensemble: Sendable {
        var name: String
        var score: Measured
        var negativeLogLikelihood: Measured
        var calibrationError: Measured?
    }
}

extension AssessmentRecord {
    /// Rows and places: of more than so many, the others are left out.
    private static let most = 40

    /// Reads the file in a folder.
    ///
    /// - Throws: `EspalierError` where it is missing or no assessment has written it.
    init(folder: String) throws {
        let place = URL(fileURLWithPath: folder).appendingPathComponent("assessment.json").path
        guard let bytes = FileManager.default.contents(atPath: place) else {
            throw EspalierError(
                "the folder holds no assessment", at: folder, expected: "assessment.json in it",
                fix: "espalier assess CONFIG --out \(folder)")
        }
        try self.init(EspalierSpec.JSON.parse(Array(bytes), file: place), at: place)
    }

    /// - Throws: `EspalierError` for what no assessment writes.
    init(_ value: ConfigurationValue, at place: String) throws {
        let fields = Fields(value, at: place)
        try fields.requireMap()
        name = try fields.text("name") ?? "assessment"
        metric = Metric(key: try fields.text("metric") ?? "accuracy")
        heldOut = try fields.text("heldOut") ?? "held-out"
        samples = try fields.count("samples")
        choice = try fields.text("choice") ?? ""
        let verdict = try fields.map("verdict")
        fit = try verdict.text("fit") ?? "undecided"
        sentences = try verdict.maps("sentences", most: Self.most).map {
            (try $0.text("about") ?? "", try $0.text("text") ?? "")
        }
        model = try Place(fields.map("model"))
        baselines = try fields.maps("baselines", most: Self.most).map { baseline in
            Baseline(
                name: try baseline.text("name") ?? "", setting: try baseline.text("setting"),
                score: try baseline.measured("score"), difference: try baseline.measured("difference"))
        }
        capacity = try fields.maps("capacity", most: Self.most).map(Place.init)
        data = try fields.maps("data", most: Self.most).map(Place.init)
        ensembles = try fields.maps("ensembles", most: Self.most).map { ensemble in
            Ensemble(
                name: try ensemble.text("name") ?? "", score: try ensemble.measured("score"),
                negativeLogLikelihood: try ensemble.measured("negativeLogLikelihood"),
                calibrationError: try ensemble["calibrationError"].map { _ in try ensemble.measured("calibrationError")
                })
        }
        decomposition = try fields["decomposition"].map { _ in try Self.parts(fields.map("decomposition")) } ?? []
        trainings = try fields.count("trainings")
        failed = try fields.count("failed")
        cutOff = try fields.text("cutOff")
    }

    private static func parts(_ fields: Fields) throws -> [(name: String, measured: Measured)] {
        let noise = fields["noise"]?.doubleValue
        var parts = [(noise == nil ? "bias, with the noise" : "bias", try fields.measured("bias"))]
        if let noise { parts.append(("noise", Measured(value: noise))) }
        parts.append(("variance", try fields.measured("variance")))
        for (key, name) in [("unbiasedVariance", "variance that hurts"), ("biasedVariance", "variance that helps")]
        where fields[key] != nil {
            parts.append((name, try fields.measured(key)))
        }
        return parts + [("whole error", try fields.measured("error"))]
    }
}

extension AssessmentRecord.Place {
    fileprivate init(_ fields: Fields) throws {
        guard let at = fields["at"]?.doubleValue, at > 0, at < 1e6 else {
            throw fields.error("at", expected: "a number above 0")
        }
        self.at = at
        rows = try fields.count("rows") ?? 0
        parameters = try fields.count("parameters") ?? 0
        train = try fields.measured("train")
        heldOut = try fields.measured("heldOut")
    }
}

extension Fields {
    fileprivate func map(_ name: String) throws -> Fields {
        guard case .map? = self[name], let value = self[name] else { throw error(name, expected: "a map") }
        return Fields(value, at: place)
    }

    fileprivate func measured(_ name: String) throws -> AssessmentRecord.Measured {
        let fields = try map(name)
        guard let value = fields["value"]?.doubleValue else { throw fields.error("value", expected: "a number") }
        return .init(value: value, interval: try fields.range("interval"))
    }
}
