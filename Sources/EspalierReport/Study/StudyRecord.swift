import EspalierSpec
import Foundation

/// `study.json`: the trials of a search, read back.
public struct StudyRecord: Sendable {
    let name: String
    let metric: Metric
    let isHigherBetter: Bool
    /// As the configuration names them.
    let sampler: String
    let pruner: String
    /// Trials that there are to be.
    let count: Int
    /// Epochs of a whole trial.
    let epochs: Int
    /// The number of the best trial.
    let best: Int?
    let parameters: [Parameter]
    /// By path.
    let importances: [(name: String, value: Double)]
    let trials: [Trial]

    struct Trial: Sendable {
        var number: Int
        var state: String
        var value: Double?
        /// As texts, one a parameter.
        var settings: [String]
        /// Between 0 and 1, one a parameter.
        var places: [Double]
        /// Epoch and value.
        var course: [Point]
        var findings: [Finding]
        var seconds: Double?
        var message: String?
    }

    struct Finding: Sendable {
        var symptom: String
        var severity: DiagnosisRecord.Severity
    }

    /// Reads the `study.json` of a study's folder.
    ///
    /// - Throws: `EspalierError` where it is missing or damaged.
    public init(folder: String) throws {
        let path = folder + "/study.json"
        let bytes = try SystemFile.read(path, kind: "a study", limit: 1 << 30)
        try self.init(EspalierSpec.JSON.parse(bytes[...], file: path), at: path)
    }

    /// - Throws: `EspalierError` for what no search writes.
    init(_ value: ConfigurationValue, at place: String) throws {
        let fields = Fields(value, at: place)
        try fields.requireMap()
        name = try fields.text("name") ?? "study"
        let key = try fields.text("metric") ?? "loss"
        metric = Metric(key: key.hasPrefix("validation_") ? String(key.dropFirst(11)) : key)
        isHigherBetter = try fields.flag("higherIsBetter") ?? metric.isHigherBetter
        func part(_ name: String) throws -> String {
            switch fields[name] {
            case .string(let text)?: text
            case .map(let entries)? where entries.count == 1: entries[0].key
            case nil: "none"
            default: throw fields.error(name, expected: "the name of a part, or {name: {settings}}")
            }
        }
        sampler = try part("sampler")
        pruner = try part("pruner")
        epochs = try fields.count("epochs") ?? 0
        best = try fields.count("best")
        let parameters = try (fields.list("parameters") ?? []).map { try Parameter($0, at: place) }
        self.parameters = parameters
        importances = try fields.numbers("importances")
        trials = try (fields.list("trials") ?? []).map { try Trial($0, parameters, at: place) }
        count = try fields.count("count") ?? trials.count
    }

    /// Trials with a value, in their order.
    var measured: [Trial] { trials.filter { $0.value?.isFinite ?? false } }

    /// Whole trials with a value, the best first.
    var ranking: [Trial] {
        measured.filter { $0.state == "completed" }.sorted { isBetter($0.value ?? .nan, than: $1.value ?? .nan) }
    }

    func isBetter(_ value: Double, than other: Double) -> Bool { isHigherBetter ? value > other : value < other }
}

extension StudyRecord.Trial {
    init(_ value: ConfigurationValue, _ parameters: [StudyRecord.Parameter], at place: String) throws {
        let fields = Fields(value, at: place)
        try fields.requireMap()
        guard let number = try fields.count("number"), let state = try fields.text("state") else {
            throw fields.error("number", expected: "the number and the state of a trial")
        }
        (self.number, self.state) = (number, state)
        self.value = fields["value"]?.doubleValue
        seconds = fields["seconds"]?.doubleValue
        message = try fields.text("message")
        let settings = fields["settings"]
        self.settings = parameters.map { parameter in
            switch settings?[parameter.path] {
            case .number(let number)?: Format.number(number)
            case .string(let text)?: text
            case let value?: YAML.writeLine(value)
            case nil: "–"
            }
        }
        places = try (fields.list("places") ?? []).compactMap(\.doubleValue).filter(\.isFinite).map {
            $0.clamped(to: 0...1)
        }
        guard places.count == parameters.count else {
            throw fields.error("places", expected: "a place for each of \(parameters.count) parameters")
        }
        course = try (fields.list("course") ?? []).map { item in
            guard case .list(let pair) = item, pair.count == 2, let epoch = pair[0].doubleValue, epoch.isFinite else {
                throw fields.error("course", expected: "pairs of an epoch and a value")
            }
            return Point(x: epoch, y: pair[1].doubleValue ?? .nan)
        }
        findings = try (fields.list("findings") ?? []).map { item in
            let finding = Fields(item, at: place)
            try finding.requireMap()
            guard let symptom = try finding.text("symptom") else {
                throw finding.error("symptom", expected: "what was found")
            }
            return .init(
                symptom: symptom, severity: try finding.text("severity").flatMap(DiagnosisRecord.Severity.init) ?? .info
            )
        }
    }
}
