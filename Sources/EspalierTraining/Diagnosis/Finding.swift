import EspalierSpec

/// Something that is wrong with a training: what, where, on what evidence, and what would help.
public struct Finding: Sendable, Hashable {
    /// How much it matters.
    public enum Severity: String, Sendable, Codable, CaseIterable, Comparable {
        /// Worth knowing; the training does well in spite of it.
        case info
        /// The training does worse than it could.
        case warning
        /// The training fails.
        case error

        public static func < (first: Self, second: Self) -> Bool {
            allCases.firstIndex(of: first)! < allCases.firstIndex(of: second)!
        }
    }

    /// A number that was measured, under a name of its own.
    public struct Evidence: Sendable, Hashable {
        public var name: String
        public var value: Double

        public init(_ name: String, _ value: Double) {
            self.name = name
            self.value = value
        }
    }

    /// A change that would help.
    public struct Proposal: Sendable, Hashable {
        /// As `espalier list remedies` names it.
        public var name: String
        /// The remedy's own settings: how strong it is.
        public var settings: ConfigurationValue
        public var why: String
        /// The part of a configuration that it sets; nothing where there is no configuration to change.
        public var change: ConfigurationValue

        public init(name: String, settings: ConfigurationValue, why: String, change: ConfigurationValue = .null) {
            self.name = name
            self.settings = settings
            self.why = why
            self.change = change
        }
    }

    public var symptom: Symptom
    /// A layer's or parameter's dotted path, a feature, a part of the data; nothing where it is of the whole.
    public var location: String?
    /// Steps taken when it was seen; nothing where it was seen without a step.
    public var step: Int?
    public var severity: Severity
    public var evidence: [Evidence]
    /// What it is, how it was seen here, and what the numbers should be.
    public var explanation: String
    /// The likeliest to help first.
    public var remedies: [Proposal]
    /// What else was seen that follows from it.
    public var consequences: [Symptom] = []

    public init(
        _ symptom: Symptom, at location: String? = nil, step: Int? = nil, _ severity: Severity,
        evidence: [Evidence] = [], explanation: String, remedies: [Proposal] = []
    ) {
        self.symptom = symptom
        self.location = location
        self.step = step
        self.severity = severity
        self.evidence = evidence
        self.explanation = explanation
        self.remedies = remedies
    }
}

/// What is wrong with a training, the cause of most of it first.
public struct Diagnosis: Sendable, Hashable {
    public var findings: [Finding]

    public init(findings: [Finding] = []) { self.findings = findings }

    /// Whether nothing was found that matters.
    public var isHealthy: Bool { !findings.contains { $0.severity > .info } }
}

// As `diagnosis.json` and `events.jsonl` have them.
extension Finding {
    public var configuration: ConfigurationValue {
        [
            "symptom": .string(symptom.rawValue), "where": location.map { .string($0) } ?? .null,
            "step": step.map { .integer($0) } ?? .null, "severity": .string(severity.rawValue),
            "evidence": .map(evidence.map { .init($0.name, .number($0.value)) }), "explanation": .string(explanation),
            "remedies": .list(remedies.map(\.configuration)),
            "consequences": .list(consequences.map { .string($0.rawValue) }),
        ]
    }

    /// Reads what `configuration` gives.
    ///
    /// - Throws: `EspalierError` for anything else.
    public init(configuration value: ConfigurationValue) throws {
        guard let symptom = value["symptom"]?.text.flatMap(Symptom.init), let explanation = value["explanation"]?.text,
            let severity = value["severity"]?.text.flatMap(Severity.init)
        else {
            throw EspalierError(
                "a finding lacks what was found",
                expected: "symptom, severity and explanation, as a training writes them")
        }
        self.init(
            symptom, at: value["where"]?.text, step: value["step"]?.wholeNumber, severity, explanation: explanation)
        if case .map(let entries)? = value["evidence"] {
            evidence = entries.compactMap { entry in entry.value.doubleValue.map { Evidence(entry.key, $0) } }
        }
        if case .list(let proposals)? = value["remedies"] {
            remedies = proposals.compactMap { proposal in
                guard let name = proposal["name"]?.text, let why = proposal["why"]?.text else { return nil }
                return Proposal(
                    name: name, settings: proposal["settings"] ?? .null, why: why, change: proposal["change"] ?? .null)
            }
        }
        if case .list(let symptoms)? = value["consequences"] {
            consequences = symptoms.compactMap { $0.text.flatMap(Symptom.init) }
        }
    }
}

extension Finding.Proposal {
    public var configuration: ConfigurationValue {
        ["name": .string(name), "settings": settings, "change": change, "why": .string(why)]
    }
}

extension Diagnosis {
    public var configuration: ConfigurationValue {
        ["healthy": .boolean(isHealthy), "findings": .list(findings.map(\.configuration))]
    }

    /// Reads what `configuration` gives.
    ///
    /// - Throws: `EspalierError` for anything else.
    public init(configuration value: ConfigurationValue) throws {
        guard case .list(let findings)? = value["findings"] else {
            throw EspalierError("a diagnosis lacks its findings", expected: "findings as a list")
        }
        self.init(findings: try findings.map(Finding.init(configuration:)))
    }
}

extension ConfigurationValue {
    /// The text, where this is one.
    package var text: String? { if case .string(let text) = self { text } else { nil } }
    /// The whole number, where this is one.
    package var wholeNumber: Int? { if case .integer(let number) = self { number } else { nil } }
}
