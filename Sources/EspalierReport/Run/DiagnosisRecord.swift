import EspalierSpec

/// `diagnosis.json`: what is wrong with the training, the cause of most of it first.
struct DiagnosisRecord: Sendable {
    var findings: [Finding]

    /// Those that are more than worth knowing.
    var problems: [Finding] { findings.filter { $0.severity > .info } }

    /// `Healthy`, `2 problems`.
    var label: String { problems.isEmpty ? "Healthy" : Format.count(problems.count, "problem") }

    /// The class that gives it its colour.
    var style: String { problems.map(\.severity).max()?.rawValue ?? "healthy" }

    /// How much a finding matters.
    enum Severity: String, Sendable, Comparable, CaseIterable {
        case info, warning, error

        var label: String {
            switch self {
            case .info: "Note"
            case .warning: "Warning"
            case .error: "Error"
            }
        }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

        static func < (first: Self, second: Self) -> Bool { first.rank < second.rank }
    }

    struct Finding: Sendable {
        /// As the run folder names it; a report may be older than the doctor.
        var symptom: String
        /// A layer's or parameter's path, a feature, a part of the data.
        var location: String?
        /// Steps taken when it was seen.
        var step: Int?
        var severity: Severity
        var evidence: [(name: String, value: Double)]
        var explanation: String
        var remedies: [Remedy]
        /// What else was seen that follows from it.
        var consequences: [String]

        func evidence(_ name: String) -> Double? { evidence.first { $0.name == name }?.value }
    }

    struct Remedy: Sendable {
        var name: String
        var why: String?
        /// The part of a configuration that it sets.
        var change: ConfigurationValue?
    }
}

extension DiagnosisRecord {
    /// - Throws: `EspalierError` for what no doctor writes.
    init(_ value: ConfigurationValue, at place: String) throws {
        let file = Fields(value, at: place)
        try file.requireMap()
        findings = try (file.list("findings") ?? []).map { try Finding($0, at: place) }
    }
}

extension DiagnosisRecord.Finding {
    /// - Throws: `EspalierError` for what no doctor writes.
    init(_ value: ConfigurationValue, at place: String) throws {
        let fields = Fields(value, at: place)
        try fields.requireMap()
        guard let symptom = try fields.text("symptom") else { throw fields.error("symptom", expected: "a name") }
        self.symptom = symptom
        location = try fields.text("where")
        step = try fields.count("step")
        severity = .warning
        if let name = try fields.text("severity") {
            guard let known = DiagnosisRecord.Severity(rawValue: name) else {
                throw fields.error("severity", expected: "info, warning or error")
            }
            severity = known
        }
        evidence = try fields.numbers("evidence")
        explanation = try fields.text("explanation") ?? ""
        remedies = try (fields.list("remedies") ?? []).map { try DiagnosisRecord.Remedy($0, at: place) }
        consequences = try fields.texts("consequences")
    }
}

extension DiagnosisRecord.Remedy {
    /// A remedy is a name, or a map with one.
    init(_ value: ConfigurationValue, at place: String) throws {
        if case .string(let name) = value {
            self.init(name: name)
            return
        }
        let fields = Fields(value, at: place)
        try fields.requireMap()
        guard let name = try fields.text("name") else { throw fields.error("name", expected: "a remedy's name") }
        self.init(name: name, why: try fields.text("why"))
        if let change = value["change"], change != .null { self.change = change }
    }
}
